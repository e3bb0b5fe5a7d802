"""Whether the file that a document was read from is still there and the same."""

import hashlib
from pathlib import Path
from typing import Literal

State = Literal["there", "changed", "gone"]

_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".txt": "text/plain",
    ".text": "text/plain",
}


def digest(path: Path) -> str:
    """The SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def media_type(path: Path) -> str:
    """The MIME type of a file by its name; not the system's table, which differs from machine to machine."""
    return _TYPES.get(path.suffix.lower(), "application/octet-stream")
