"""What a file is that holds others: the formats of Office and books among zip archives, and among OLE files."""

import re
import zipfile
from pathlib import Path

import olefile

from ingest.readers.archives import zipped
from storage.errors import UnreadableFile, UnsupportedFormat

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SEALED = ("EncryptedPackage", "\tDRMContent", "DRMEncryptedTransform")
# Formats by what must be in the container, the surest first.
_STREAMS = {
    "__properties_version1.0": ".msg",
    "WordDocument": ".doc",
    "PowerPoint Document": ".ppt",
    "Workbook": ".xls",
    "Book": ".xls",
}
_PARTS = {
    "word/document.xml": ".docx",
    "ppt/presentation.xml": ".pptx",
    "xl/workbook.bin": ".xlsb",
    "xl/workbook.xml": ".xlsx",
    "META-INF/container.xml": ".epub",
}
_FOLDERS = {"word/": ".docx", "ppt/": ".pptx", "xl/": ".xlsx"}
_OPEN_DOCUMENT = {"text": ".odt", "spreadsheet": ".ods", "presentation": ".odp"}
_OPEN_DOCUMENT_NAME = "application/vnd.oasis.opendocument."
_NO_OFFICE = {
    **dict.fromkeys((".docx", ".doc"), "is damaged or no Word document: open it in Word and save it anew."),
    **dict.fromkeys((".pptx", ".ppt"), "is damaged or no presentation: open it in PowerPoint and save it anew."),
    **dict.fromkeys((".xlsx", ".xls", ".xlsb"), "is damaged or no workbook: open it in Excel and save it anew."),
    **dict.fromkeys((".odt", ".ods", ".odp"), "is damaged or no OpenDocument file: open it and save it anew."),
}


def of_zip(path: Path) -> str:
    """The suffix of what a zip archive holds; ".zip" for files of any kind.

    Raises UnreadableFile for one that has the name of an Office file and nothing of it.
    """
    with zipped.opened(path) as archive:
        names = set(archive.namelist())
        if not names:
            raise UnreadableFile(zipped.DAMAGED)
        said = _said(archive, names)
    if "application/epub+zip" in said:
        return ".epub"
    if _OPEN_DOCUMENT_NAME in said:
        kind = re.split('["-]', said.partition(_OPEN_DOCUMENT_NAME)[2])[0].strip()
        if kind not in _OPEN_DOCUMENT:
            raise UnsupportedFormat("is a drawing or the like, which cannot be read: save it as PDF and ingest that.")
        return _OPEN_DOCUMENT[kind]
    found = (suffix for name, suffix in _PARTS.items() if name in names)
    below = (suffix for folder, suffix in _FOLDERS.items() if any(name.startswith(folder) for name in names))
    if known := next(found, "") or ("[Content_Types].xml" in names and next(below, "")):
        return known
    if path.suffix.lower() in _NO_OFFICE:
        raise UnreadableFile(_NO_OFFICE[path.suffix.lower()])
    return ".zip"


def _said(archive: zipfile.ZipFile, names: set[str]) -> str:
    """What an archive says that it is, as books and OpenDocument files do."""
    manifest = "META-INF/manifest.xml"
    name = "mimetype" if "mimetype" in names else manifest if {"content.xml", manifest} <= names else ""
    if not name:
        return ""
    begin = next(zipped.chunks(archive, archive.getinfo(name)), b"")
    return begin[:2000].decode("latin-1")


def of_ole(path: Path) -> str:
    """The suffix of what an OLE file holds; "" for what nobody here reads.

    The old formats of Office, encrypted new ones and mails of Outlook share this container. Raises UnreadableFile for
    one that has a password.
    """
    try:
        with olefile.OleFileIO(str(path)) as container:
            streams = {names[0] for names in container.listdir(storages=True) if names}
    except (OSError, ValueError, IndexError, RecursionError) as error:
        sealed = "EncryptedPackage".encode("utf-16-le") in path.read_bytes()
        raise UnreadableFile(zipped.PROTECTED if sealed else zipped.DAMAGED) from error
    if any(name in streams for name in _SEALED):
        raise UnreadableFile(zipped.PROTECTED)
    if "PP40" in streams:
        raise UnreadableFile("comes from an Office older than 1997: save it in a newer format and ingest again.")
    return next((suffix for name, suffix in _STREAMS.items() if name in streams), "")


def in_disguise(suffix: str, head: bytes) -> str:
    """The suffix of what a file is that has the name of an Office file and is none; "" where its name may be right.

    Many programs write web pages and plain tables under such names. Raises UnreadableFile where it is none of these.
    """
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if begin.startswith(b"{\\rtf") and suffix in (".rtf", ".doc", ".txt", ".text"):
        return ".rtf"
    if suffix not in _NO_OFFICE:
        return ""
    if begin.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return ".html"
    if begin.startswith((b"mime-version:", b"from:", b"content-type: multipart")):
        return ".mhtml"
    if begin.startswith(b"<?xml") and suffix in (".doc", ".xls"):
        return ".html" if b"<html" in head.lower() else ".xml"
    plain = not any(byte < 9 or 13 < byte < 27 for byte in head)
    if plain and suffix in (".doc", ".xls"):
        return ".txt" if suffix == ".doc" else ".csv"
    raise UnreadableFile(_NO_OFFICE[suffix])
