"""PDF, by PDFium. It is not safe in threads: call from one thread of a process only."""

import re
from collections.abc import Iterator
from ctypes import create_string_buffer
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from ingest.clean import Piece, Reading, chinese_characters, heading_name
from ingest.unwrap import unwrap, without_running_heads
from storage.errors import UnreadableFile

_JUNK = re.compile(
    r"\s*(?:microsoft (?:word|powerpoint|excel) - .*|.*\.\w{2,5}|untitled|无标题|[!-~]*[\d_][!-~]*)?\s*", re.I
)
_LATIN = re.compile(
    r"helvetica|arial|times|courier|symbol|dingbats|calibri|cambria|verdana|georgia|tahoma|trebuchet", re.I
)
_MOST_PAGES = 20_000


def read(path: Path) -> Reading:
    """Text by page, with lines joined that the page's width broke; heading paths from the outline.

    Raises UnreadableFile for a file with a password, and for one whose pages are images without text.
    """
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("is protected by a password: save a copy without it and ingest again.") from error
        raise UnreadableFile("is damaged or no PDF: open it in a PDF viewer and save it anew.") from error
    try:
        count = len(document)
        if count > _MOST_PAGES:
            raise UnreadableFile(f"has {count:,} pages, more than {_MOST_PAGES:,}: split it and ingest the parts.")
        texts = _texts(document, path)
        if not any(text.strip() for text in texts):
            raise UnreadableFile("has no text layer (scanned images); OCR is not supported yet.")
        title = document.get_metadata_dict().get("Title", "")
        pieces = tuple(_pieces(texts, _outline(document)))
    finally:
        document.close()
    return Reading("" if _JUNK.fullmatch(title) else title, pieces, count)


def _texts(document: pdfium.PdfDocument, path: Path) -> list[str]:
    """The text of each page."""
    texts = []
    doubtful = []
    for number in range(len(document)):
        try:
            page = document[number]
        except pdfium.PdfiumError:  # one broken page does not cost the others
            texts.append("")
            continue
        try:
            textpage = page.get_textpage()
            texts.append(textpage.get_text_range())
            textpage.close()
            if _may_lack_chinese(page):
                doubtful.append(number)
        finally:
            page.close()
    return _completed(texts, doubtful, path) if doubtful else texts


def _may_lack_chinese(page: pdfium.PdfPage) -> bool:
    """Whether a font of the page is neither embedded nor Latin.

    Where the system has no Chinese font, PDFium leaves out the text of such fonts and says nothing.
    """
    name = create_string_buffer(200)
    seen: set[bytes] = set()
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=3):
        font = pdfium_c.FPDFTextObj_GetFont(item.raw)
        if not font or pdfium_c.FPDFFont_GetIsEmbedded(font):
            continue
        pdfium_c.FPDFFont_GetBaseFontName(font, name, len(name))
        if name.value not in seen and not _LATIN.search(name.value.decode("utf-8", errors="replace")):
            return True
        seen.add(name.value)
    return False


def _completed(texts: list[str], doubtful: list[int], path: Path) -> list[str]:
    """The text of doubtful pages as pypdf reads it, where that finds clearly more Chinese characters."""
    try:
        pages = PdfReader(path).pages
        for number in doubtful:
            other = pages[number].extract_text()
            if chinese_characters(other) > 1.05 * chinese_characters(texts[number]) + 5:
                texts[number] = other
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        if not any(chinese_characters(texts[number]) for number in doubtful):
            reason = (
                "uses Chinese fonts that are not embedded: install a Chinese font (fonts-noto-cjk) and ingest again."
            )
            raise UnreadableFile(reason) from error
    return texts


def _outline(document: pdfium.PdfDocument) -> dict[int, list[tuple[int, str]]]:
    """Bookmarks by page index: (level from 1, title)."""
    entries: dict[int, list[tuple[int, str]]] = {}
    for bookmark in document.get_toc(max_depth=6):
        destination = bookmark.get_dest()
        index = destination.get_index() if destination else None
        name = heading_name(bookmark.get_title())
        if index is not None and name:
            entries.setdefault(index, []).append((bookmark.level + 1, name))
    return entries


def _pieces(texts: list[str], outline: dict[int, list[tuple[int, str]]]) -> Iterator[Piece]:
    path: list[tuple[int, str]] = []
    for index, lines in enumerate(without_running_heads([_lines(text) for text in texts])):
        start = 0
        for level, name in outline.get(index, []):
            at = _find(lines, name, start)
            if at > start:
                yield _piece(path, index, lines[start:at])
                start = at
            path = [*(above for above in path if above[0] < level), (level, name)]
        yield _piece(path, index, lines[start:])


def _piece(path: list[tuple[int, str]], index: int, lines: list[str]) -> Piece:
    return Piece(" > ".join(name for _, name in path), index + 1, unwrap("\n".join(lines)))


def _lines(text: str) -> list[str]:
    return [line for line in text.replace("\x02", "\ufffe").splitlines() if line.strip()]


def _find(lines: list[str], name: str, start: int) -> int:
    """The line where a heading stands, or `start` if none does."""
    wanted = "".join(name.split()).casefold()
    for number in range(start, len(lines)):
        line = "".join(lines[number].split()).casefold()
        if line and (line == wanted or (line.endswith(wanted) and len(line) <= len(wanted) + 8)):
            return number
    return start
