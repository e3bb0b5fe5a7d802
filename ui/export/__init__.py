"""A conversation as a file: one module for each format, and reading one back."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZipFile

from storage.records import Conversation
from ui.export.html import as_html
from ui.export.json import as_json
from ui.export.markdown import as_markdown
from ui.words import Say, english


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: the end of its name, its media type, and what writes it."""

    suffix: str
    media: str
    write: Callable[[Conversation, Say], bytes]


def export(conversation: Conversation, format: str, say: Say = english) -> bytes:
    """A conversation, with its messages, in one of `FORMATS`; its own few words as `say` gives them."""
    return FORMATS[format].write(conversation, say)


def bundle(conversations: Sequence[Conversation], format: str, say: Say = english) -> bytes:
    """Several conversations in one zip archive, a file each."""
    archive = io.BytesIO()
    taken: set[str] = set()
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        for each in conversations:
            name, number = file_name(each.title, format), 1
            while name.casefold() in taken:
                number += 1
                name = file_name(each.title, format, f" {number}")
            taken.add(name.casefold())
            file.writestr(name, export(each, format, say))
    return archive.getvalue()


def file_name(title: str, format: str, number: str = "") -> str:
    """A file name for a conversation."""
    words = re.sub(r"[^\w\- ]", "", title).strip()[:60].strip()
    return f"{words or 'conversation'}{number}.{FORMATS[format].suffix}"


def _pdf(conversation: Conversation, say: Say) -> bytes:
    from ui.export.pdf import as_pdf

    return as_pdf(conversation, say)


FORMATS = {
    "md": Format("md", "text/markdown", lambda whole, say: as_markdown(whole, say).encode()),
    "html": Format("html", "text/html", lambda whole, say: as_html(whole, say).encode()),
    "json": Format("json", "application/json", lambda whole, say: as_json(whole).encode()),
    "pdf": Format("pdf", "application/pdf", _pdf),
}
