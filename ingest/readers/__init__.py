"""Readers: one file and one row of the table for each format."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import Any

from ingest.clean import Piece, Reading, normalise
from ingest.readers.archives import containers
from ingest.readers.archives.enclosed import Holder, holding
from ingest.readers.plain.definitions import GRAMMARS, suffix_of
from storage.errors import UnreadableFile, UnsupportedFormat

Progress = Callable[[int, int], None]
Reader = Callable[..., Reading]  # of a path and, if it takes that, of a progress


def _of(module: str, function: str = "read") -> Any:
    return getattr(import_module(f"ingest.readers.{module}"), function)


def _late(module: str, function: str = "read") -> Reader:
    """The reader of a module that is imported at the first such file: parsers load long, and most processes read few
    formats or none."""
    return lambda path, progress=None: _told(_of(module, function), progress)(path)


def _late_holder(module: str) -> Reader:
    """The same of a format that holds other files, which the readers of the table read."""

    def bound(path: Path, progress: Progress | None = None) -> Reading:
        holder: Holder = _of(module)
        return _told(holding(holder, read, READERS), progress)(path)

    return bound


READERS: dict[str, Reader] = {
    ".txt": _late("plain.text"),
    ".text": _late("plain.text"),
    ".md": _late("plain.markdown"),
    ".markdown": _late("plain.markdown"),
    ".qmd": _late("plain.markdown"),
    ".rmd": _late("plain.markdown"),
    ".html": _late("web.html"),
    ".htm": _late("web.html"),
    ".xhtml": _late("web.html"),
    ".mhtml": _late("web.mhtml"),
    ".mht": _late("web.mhtml"),
    ".pdf": _late("pdf.pdf"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif"), _late("picture.image")),
    ".docx": _late("office.docx"),
    ".docm": _late("office.docx"),
    ".doc": _late("office.doc"),
    ".pptx": _late("office.pptx"),
    ".pptm": _late("office.pptx"),
    ".ppsx": _late("office.pptx"),
    ".ppt": _late("office.ppt"),
    ".xlsx": _late("office.xlsx"),
    ".xlsm": _late("office.xlsx"),
    ".xlsb": _late("office.sheet"),
    ".xls": _late("office.sheet"),
    ".odt": _late("office.odt"),
    ".ods": _late("office.ods"),
    ".odp": _late("office.odp"),
    ".rtf": _late("office.rtf"),
    ".rst": _late("plain.rst"),
    ".tex": _late("plain.tex"),
    ".ipynb": _late("records.notebook"),
    ".csv": _late("records.table"),
    ".tsv": _late("records.table"),
    ".json": _late("records.data"),
    ".geojson": _late("records.data"),
    ".jsonl": _late("records.data", "read_lines"),
    ".ndjson": _late("records.data", "read_lines"),
    ".xml": _late("records.xml"),
    ".rss": _late("records.xml"),
    ".atom": _late("records.xml"),
    ".srt": _late("plain.subtitles"),
    ".vtt": _late("plain.subtitles"),
    ".epub": _late("web.epub"),
    **dict.fromkeys(GRAMMARS, _late("plain.code")),
    ".eml": _late_holder("mails.mail"),
    ".mbox": _late_holder("mails.mbox"),
    ".msg": _late_holder("mails.msg"),
    ".zip": _late_holder("archives.archive"),
}
# What may speak of other formats' marks in its first lines.
_TEXTS = GRAMMARS.keys() | set(".md .markdown .rst .tex .html .htm .xhtml .xml .json .jsonl .ipynb .csv .tsv".split())


def read(path: Path, progress: Progress | None = None) -> Reading:
    """Read a file by what it holds, not only by its name. The title is the file's stem if it names none.

    Readers that take `progress` tell it the pages done and in all. Raises UnreadableFile, whose message completes the
    sentence "The file ...".
    """
    reader = _told(READERS[kind(path)], progress)
    with _damage_told():
        reading = reader(path)
    title = " ".join(normalise(reading.title).split())[:120] or path.stem
    pieces = _below_title(title, reading.pieces)
    first = next((piece for piece in pieces if normalise(piece.text)), None)
    if first is None:
        raise UnreadableFile("holds no text.")
    whole = chain([first], pieces)
    return replace(reading, title=title, pieces=tuple(whole) if isinstance(reading.pieces, tuple) else whole)


def _told(reader: Reader, progress: Progress | None) -> Reader:
    """The reader, which tells `progress` how far it is if it can."""
    return partial(reader, progress=progress) if progress and "progress" in signature(reader).parameters else reader


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
