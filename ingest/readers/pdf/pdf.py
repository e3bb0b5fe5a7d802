"""PDF, by PDFium. It is not safe in threads: call from one thread of a process only."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from ingest.clean import Reading, chinese_characters
from ingest.readers.page.lines import Line
from ingest.readers.page.margins import without_heads, without_line_numbers
from ingest.readers.page.order import in_order
from ingest.readers.pdf import scan
from ingest.readers.pdf.about import about, outline, written
from ingest.readers.pdf.page import Sheet, blank, sheet
from ingest.readers.pdf.pieces import pieces
from ingest.readers.picture.ocr import Progress
from storage.anchors import Box
from storage.errors import UnreadableFile

_MOST_PAGES = 20_000
_OFTEN = 50  # pages between two signs of progress
_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)


def read(path: Path, progress: Progress | None = None) -> Reading:
    """Text by page, with lines joined that the page's width broke; heading paths from the outline. Pages without text,
    or with a bad one, are read as pictures.

    Raises UnreadableFile for a file with a password, and for one whose pages hold no text and none can be seen.
    """
    document = _opened(path)
    try:
        count = len(document)
        if count > _MOST_PAGES:
            raise UnreadableFile(f"has {count:,} pages, more than {_MOST_PAGES:,}: split it and ingest the parts.")
        facts = about(document)
        sheets = list(_sheets(document, progress))
        found = scan.seen(document, sheets, progress)
        doubtful = [number for number, page in enumerate(sheets) if page.drawn.doubtful and number not in found]
        completed = _completed(sheets, doubtful, path) if doubtful else {}
        pages: list[list[Line]] = []
        heights: list[float] = []
        for number, page in enumerate(sheets):
            heights.append(found[number].height if number in found else page.height)
            if number in found:
                pages.append(found[number].lines)
            elif number in completed:
                pages.append([Line(line, _NOWHERE) for line in completed[number].splitlines() if line.strip()])
            else:
                pages.append([*in_order(without_line_numbers(page.lines, page.height)), *page.aside])
        bodies = without_heads(pages, heights)
        made = tuple(pieces(bodies, [page.notes for page in sheets], outline(document)))
    finally:
        document.close()
    if not any(piece.text.strip() for piece in made):
        raise UnreadableFile("holds no text, and none can be seen on its pages.")
    return Reading(facts.title, made, count, facts.authors, facts.created, facts.tags)


def _opened(path: Path) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("is protected by a password: save a copy without it and ingest again.") from error
        raise UnreadableFile("is damaged or no PDF: open it in a PDF viewer and save it anew.") from error
    if document.get_formtype():
        document.init_forms()
    return document


def _sheets(document: pdfium.PdfDocument, progress: Progress | None) -> Iterator[Sheet]:
    count = len(document)
    for number in range(count):
        try:
            page = document[number]
        except pdfium.PdfiumError:  # one broken page does not cost the others
            yield blank()
            continue
        try:
            yield sheet(page, written(page))
        finally:
            page.close()
        if progress and number % _OFTEN == _OFTEN - 1:
            progress(number + 1, count)


def _completed(sheets: list[Sheet], doubtful: list[int], path: Path) -> dict[int, str]:
    """The text of doubtful pages as pypdf reads it, where that finds clearly more Chinese characters."""
    texts = {number: sheets[number].text for number in doubtful}
    completed = {}
    try:
        pages = PdfReader(path).pages
        for number, text in texts.items():
            other = pages[number].extract_text()
            if chinese_characters(other) > 1.05 * chinese_characters(text) + 5:
                completed[number] = other
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        if not any(map(chinese_characters, texts.values())):
            reason = (
                "uses Chinese fonts that are not embedded: install a Chinese font (fonts-noto-cjk) and ingest again."
            )
            raise UnreadableFile(reason) from error
    return completed
