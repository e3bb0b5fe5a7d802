"""Readers: one file and one row of the table for each format."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import cast

from ingest.clean import Piece, Reading, normalise
from ingest.readers.archives import archive, containers
from ingest.readers.archives.enclosed import Holder, holding
from ingest.readers.mails import mail, mbox, msg
from ingest.readers.office import doc, docx, odp, ods, odt, ppt, pptx, rtf, sheet, xlsx
from ingest.readers.pdf import pdf
from ingest.readers.picture import image
from ingest.readers.plain import code, markdown, rst, subtitles, tex, text
from ingest.readers.plain.definitions import GRAMMARS, suffix_of
from ingest.readers.records import data, notebook, table, xml
from ingest.readers.web import epub, html, mhtml
from storage.errors import UnreadableFile, UnsupportedFormat

READERS: dict[str, Callable[[Path], Reading]] = {
    ".txt": text.read,
    ".text": text.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".qmd": markdown.read,
    ".rmd": markdown.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
    ".mhtml": mhtml.read,
    ".mht": mhtml.read,
    ".pdf": pdf.read,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif"), image.read),
    ".docx": docx.read,
    ".docm": docx.read,
    ".doc": doc.read,
    ".pptx": pptx.read,
    ".pptm": pptx.read,
    ".ppsx": pptx.read,
    ".ppt": ppt.read,
    ".xlsx": xlsx.read,
    ".xlsm": xlsx.read,
    ".xlsb": sheet.read,
    ".xls": sheet.read,
    ".odt": odt.read,
    ".ods": ods.read,
    ".odp": odp.read,
    ".rtf": rtf.read,
    ".rst": rst.read,
    ".tex": tex.read,
    ".ipynb": notebook.read,
    ".csv": table.read,
    ".tsv": table.read,
    ".json": data.read,
    ".geojson": data.read,
    ".jsonl": data.read_lines,
    ".ndjson": data.read_lines,
    ".xml": xml.read,
    ".rss": xml.read,
    ".atom": xml.read,
    ".srt": subtitles.read,
    ".vtt": subtitles.read,
    ".epub": epub.read,
    **dict.fromkeys(GRAMMARS, code.read),
}
# What may speak of other formats' marks in its first lines.
_TEXTS = GRAMMARS.keys() | set(".md .markdown .rst .tex .html .htm .xhtml .xml .json .jsonl .ipynb .csv .tsv".split())
# These hold other files, which the readers of the table read.
_HOLDERS: dict[str, Holder] = {".eml": mail.read, ".mbox": mbox.read, ".msg": msg.read, ".zip": archive.read}
READERS |= {
    suffix: holding(holder, lambda path, progress: read(path, progress), READERS) for suffix, holder in _HOLDERS.items()
}


def read(path: Path, progress: Callable[[int, int], None] | None = None) -> Reading:
    """Read a file by what it holds, not only by its name. The title is the file's stem if it names none.

    Readers that take `progress` tell it the pages done and in all. Raises UnreadableFile, whose message completes the
    sentence "The file ...".
    """
    reader = READERS[kind(path)]
    if progress and "progress" in signature(reader).parameters:
        reader = partial(cast("Callable[..., Reading]", reader), progress=progress)
    with _damage_told():
        reading = reader(path)
    title = " ".join(normalise(reading.title).split())[:120] or path.stem
    pieces = _below_title(title, reading.pieces)
    first = next((piece for piece in pieces if normalise(piece.text)), None)
    if first is None:
        raise UnreadableFile("holds no text.")
    whole = chain([first], pieces)
    return replace(reading, title=title, pieces=tuple(whole) if isinstance(reading.pieces, tuple) else whole)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (UnreadableFile, MemoryError):
        raise
    except Exception as error:  # parsers raise anything on damaged files
        raise UnreadableFile(f"is damaged ({_cause(error)}): open it in its own program and save it anew.") from error


def _below_title(title: str, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces as they come. The title is not repeated in the heading paths below it."""
    with _damage_told():
        for piece in pieces:
            first, _, rest = piece.heading.partition(" > ")
            yield replace(piece, heading=rest) if first == title else piece


def supported() -> str:
    """The suffixes that can be read, for a message."""
    return " ".join(suffix for suffix in READERS if suffix not in GRAMMARS) + ", and source code"


def kind(path: Path) -> str:
    """The suffix whose reader fits the file's first bytes. Raises UnreadableFile where none does."""
    suffix = suffix_of(path.name)
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise UnreadableFile("is empty (0 bytes).")
    if head.startswith(containers.OLE):
        found = containers.of_ole(path)
    elif head.startswith(containers.ZIP):
        found = containers.of_zip(path)
    elif disguised := containers.in_disguise(suffix, head):
        found = disguised
    elif head.lstrip().startswith(b"%PDF-") or (b"%PDF-" in head and suffix not in _TEXTS):
        found = ".pdf"
    else:
        found = suffix
    if found not in READERS:
        raise UnsupportedFormat(f"has a format that cannot be read. Supported: {supported()}")
    return found


def _cause(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
