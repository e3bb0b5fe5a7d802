"""Readers: one file and one row of the table for each format."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ingest.clean import Piece, Reading, normalise
from ingest.readers import docx, html, markdown, pdf, table, text
from storage.errors import UnreadableFile, UnsupportedFormat

READERS: dict[str, Callable[[Path], Reading]] = {
    ".txt": text.read,
    ".text": text.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".html": html.read,
    ".htm": html.read,
    ".pdf": pdf.read,
    ".docx": docx.read,
    ".csv": table.read,
    ".tsv": table.read,
}

_MOST_XML = 150_000_000  # bytes of XML in an Office file, unpacked; 900 pages have about 20 million
_PROTECTED = "is protected by a password: save a copy without it and ingest again."


def read(path: Path) -> Reading:
    """Read a file by what it holds, not only by its name. The title is the file's stem if it names none.

    Raises UnreadableFile, whose message completes the sentence "The file ...".
    """
    reader = READERS[kind(path)]
    try:
        reading = reader(path)
    except (UnreadableFile, MemoryError):
        raise
    except Exception as error:  # parsers raise anything on damaged files
        raise UnreadableFile(f"is damaged ({_cause(error)}): open it in its own program and save it anew.") from error
    if not any(normalise(piece.text) for piece in reading.pieces):
        raise UnreadableFile("holds no text.")
    title = " ".join(normalise(reading.title).split())[:120] or path.stem
    return replace(reading, title=title, pieces=tuple(_below(title, piece) for piece in reading.pieces))


def supported() -> str:
    """The suffixes that can be read, for a message."""
    return " ".join(READERS)


def kind(path: Path) -> str:
    """The suffix whose reader fits the file's first bytes. Raises UnreadableFile where none does."""
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise UnreadableFile("is empty (0 bytes).")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UnreadableFile(_compound(path))
    if b"%PDF-" in head and suffix not in (".md", ".markdown", ".html", ".htm"):
        return ".pdf"
    if head.startswith(b"PK\x03\x04"):
        return _archive(path)
    if suffix == ".docx":
        raise UnreadableFile("is damaged or no Word document: open it in Word and save it anew.")
    if suffix not in READERS:
        raise UnsupportedFormat(f"has a format that cannot be read. Supported: {supported()}")
    return suffix


def _compound(path: Path) -> str:
    """Old Office formats and encrypted new ones share a container; its directory holds names in UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return _PROTECTED
    return "is in an old Office format: save it as .docx and ingest again."


def _archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFile("is cut off or damaged: get a whole copy and ingest again.") from error
    if sum(member.file_size for member in members if member.filename.endswith((".xml", ".rels"))) > _MOST_XML:
        raise UnreadableFile(
            f"unpacks to more than {_MOST_XML // 1_000_000} MB of text: split it and ingest the parts."
        )
    if any(member.filename.startswith("word/") for member in members):
        return ".docx"
    raise UnsupportedFormat(f"is an archive that cannot be read. Supported: {supported()}")


def _cause(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _below(title: str, piece: Piece) -> Piece:
    """The title is not repeated in the heading paths below it."""
    first, _, rest = piece.heading.partition(" > ")
    return replace(piece, heading=rest) if first == title else piece
