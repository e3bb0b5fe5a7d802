"""What a PDF says of itself: title, authors, date, keywords, outline; and what people wrote into its forms."""

import re
from collections.abc import Iterator
from ctypes import c_ushort
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.clean import heading_name, normalise
from ingest.readers.page.lines import Line
from ingest.readers.pdf.frame import Frame

_JUNK = re.compile(
    r"\s*(?:microsoft (?:word|powerpoint|excel) - .*|.*\.\w{2,5}|untitled|无标题|[!-~]*[\d_][!-~]*)?\s*", re.I
)
_NOBODY = re.compile(
    r"\s*(?:.*\b(?:user|admin|administrator|owner|unknown|author|anonymous|root|default|scanner|printer)\b.*"
    r"|[a-z]{0,8}\d+|hp|dell|lenovo|微软(?:中国|用户)|用户|作者|未知|管理员|[\W_]*)\s*",
    re.I,
)
_NAME = re.compile(r"\s*(?:[A-Z]\S*\s+\S|[^\x00-\x7f])")  # two words or more, or Chinese
_DATE = re.compile(r"D?:?\s*(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:Z|([+-])(\d\d)'?(\d\d)?)?")
_MOST = 20  # authors, keywords
_LONGEST = 60  # characters of one
_FIELDS = (
    pdfium_c.FPDF_FORMFIELD_TEXTFIELD,
    pdfium_c.FPDF_FORMFIELD_COMBOBOX,
    pdfium_c.FPDF_FORMFIELD_LISTBOX,
)
_CHOICES = (pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON)
_NOTES = (
    pdfium_c.FPDF_ANNOT_TEXT,
    pdfium_c.FPDF_ANNOT_FREETEXT,
    pdfium_c.FPDF_ANNOT_HIGHLIGHT,
    pdfium_c.FPDF_ANNOT_UNDERLINE,
    pdfium_c.FPDF_ANNOT_STRIKEOUT,
)
_SECRET = 1 << 13  # a field for a password
_UNSEEN = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
_MOST_NOTES = 2_000  # annotations of a page; most are links


class About(NamedTuple):
    """The facts in a PDF's own words; a title or author that only a program wrote is none."""

    title: str
    authors: tuple[str, ...]
    created: datetime | None
    tags: tuple[str, ...]


def about(document: pdfium.PdfDocument) -> About:
    """The document's facts."""
    facts = document.get_metadata_dict()
    title = facts.get("Title", "")
    people = [name for name in _parts(facts.get("Author", ""), names=True) if not _NOBODY.fullmatch(name)]
    tags = _parts(facts.get("Keywords", ""), names=False)
    return About("" if _JUNK.fullmatch(title) else title, tuple(people), _moment(facts.get("CreationDate", "")), tags)


def _parts(text: str, names: bool) -> tuple[str, ...]:
    """Names or keywords that one field holds. A comma parts names only where each part is a whole name."""
    text = normalise(text)
    parts = re.split(r"[;；、\n]|\s+and\s+|\s+&\s+" if names else r"[;；、,，\n]", text)
    if names and len(parts) == 1:
        some = re.split(r"[,，]", text)
        if all(_NAME.match(part) for part in some):
            parts = some
    found = dict.fromkeys(" ".join(part.split()) for part in parts)
    return tuple(part for part in found if len(part) <= _LONGEST and any(map(str.isalpha, part)))[:_MOST]


def _moment(text: str) -> datetime | None:
    match = _DATE.match(text.strip())
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    sign, hours, minutes = match.groups()[6:]
    east = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        made = datetime(year, month or 1, day or 1, hour, minute, second, tzinfo=timezone(east))
    except ValueError:
        return None
    return made if 1980 <= made.year <= datetime.now(UTC).year + 1 else None


def outline(document: pdfium.PdfDocument) -> dict[int, list[tuple[int, str]]]:
    """Bookmarks by page index: (level from 1, title)."""
    entries: dict[int, list[tuple[int, str]]] = {}
    for bookmark in document.get_toc(max_depth=6):
        destination = bookmark.get_dest()
        index = destination.get_index() if destination else None
        name = heading_name(bookmark.get_title())
        if index is not None and name:
            entries.setdefault(index, []).append((bookmark.level + 1, name))
    return entries


def written(page: pdfium.PdfPage) -> Iterator[Line]:
    """What people filled into the page's form fields and wrote as notes on it."""
    count = min(pdfium_c.FPDFPage_GetAnnotCount(page.raw), _MOST_NOTES)
    form = page.formenv.raw if page.formenv else None
    frame = Frame(page) if count else None
    for at in range(count):
        note = pdfium_c.FPDFPage_GetAnnot(page.raw, at)
        if not note:
            continue
        try:
            kind = pdfium_c.FPDFAnnot_GetSubtype(note)
            text = ""
            if kind == pdfium_c.FPDF_ANNOT_WIDGET and form is not None:
                text = _filled_in(form, note)
            elif kind in _NOTES and not pdfium_c.FPDFAnnot_GetFlags(note) & _UNSEEN:
                words = _string(pdfium_c.FPDFAnnot_GetStringValue, note, b"Contents")
                text = f"Comment: {words}" if words else ""
            rectangle = pdfium_c.FS_RECTF()
            if text and frame and pdfium_c.FPDFAnnot_GetRect(note, rectangle):
                sides = rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
                box = frame.box(sides)
                yield Line(" ".join(text.split()), box, spot=box.share(frame.width, frame.height))
        finally:
            pdfium_c.FPDFPage_CloseAnnot(note)


def _filled_in(form: Any, field: Any) -> str:
    kind = pdfium_c.FPDFAnnot_GetFormFieldType(form, field)
    if kind not in _FIELDS + _CHOICES or pdfium_c.FPDFAnnot_GetFormFieldFlags(form, field) & _SECRET:
        return ""
    if kind in _CHOICES and not pdfium_c.FPDFAnnot_IsChecked(form, field):
        return ""
    value = _string(pdfium_c.FPDFAnnot_GetFormFieldValue, form, field).strip()
    label = _string(pdfium_c.FPDFAnnot_GetFormFieldAlternateName, form, field) or _string(
        pdfium_c.FPDFAnnot_GetFormFieldName, form, field
    )
    return f"{label}: {value}" if label and value else value


def _string(get: Any, *arguments: Any) -> str:
    """What one of PDFium's functions writes in UTF-16."""
    size = get(*arguments, None, 0)
    if size <= 2:
        return ""
    buffer = (c_ushort * (size // 2))()
    get(*arguments, buffer, size)
    return bytes(buffer).decode("utf-16-le", errors="ignore").rstrip("\0")
