"""What Office files share: containers that are opened with care, and what a file says of itself."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import olefile
from lxml import etree

from ingest.clean import Piece, Reading
from ingest.readers.web.meta import moment, names
from storage.errors import UnreadableFile

CAREFUL = {"resolve_entities": False, "no_network": True, "huge_tree": False}  # how XML from anyone is parsed
MOST_XML = 150_000_000  # bytes of XML in a file, unpacked; 900 pages have about 20 million
_MOST_IN_ALL = 1_500_000_000  # bytes with pictures and films, which some readers unpack as well
_DECLARES = "declares XML entities, as no Office program does: open it in its own program and save it anew."
_HEAD = 4000  # bytes of a part in which a declaration of entities is sought before any program parses it

_TEXT, _WIDE_TEXT, _MOMENT = 30, 31, 64  # kinds of properties
_MOST_TICKS = 600 * 365 * 86_400_000_000  # microseconds in 600 years
_LONGEST_DESCRIPTION = 2000  # characters
_MOST_RUNNING = 6  # heads and feet of pages: more are those of chapters, whose headings are in the text

# Names that programs and their templates put where a person's should stand.
_NOBODY = re.compile(
    r"(?:python-docx|python-pptx|steve canny|openpyxl|xlsxwriter|apache poi|docx4j|aspose.*|ibm spss.*|"
    r"microsoft office.*|user|administrator|admin|unknown|author|windows.*|用户|作者|管理员|微软用户|未知)?",
    re.IGNORECASE,
)
_JUNK = re.compile(
    r"\s*(?:microsoft (?:word|powerpoint|excel) - .*|untitled.*|document\s*\d*|word document|slide \d+|"
    r"(?:powerpoint|pptx?)(?: presentation| 演示文稿)?|presentation\s*\d*|book\s*\d+|workbook|sheet\s*\d*|"
    r"无标题.*|文档\s*\d*|演示文稿\s*\d*|幻灯片\s*\d+|工作簿\s*\d*)?\s*",
    re.IGNORECASE,
)
# When the templates of python-docx and python-pptx were made: not when the file was.
_TEMPLATES = (datetime(2013, 12, 23, 23, 15, tzinfo=UTC), datetime(2013, 1, 27, 9, 14, 16, tzinfo=UTC))
# What programs write where the words of a person for a picture belong.
_MACHINE = re.compile(
    r"automatically generated|generated with .* confidence|AI-generated|AI 生成|自动生成|自動產生"
    r"|^[\w\-.%() ]+\.(?:png|jpe?g|gif|bmp|tiff?|[ew]mf|svg|webp)$|^\w+://|^[a-z]:\\|^[!-~]*$"
    r"|^(?:picture|image|graphics?|graphic frame|photo|shape|rectangle|text ?box|object|chart|diagram|table|icon|logo"
    r"|bild|grafik|图片|圖片|图像|图形|图表|形状|文本框|对象)?[\W\d_]*$",
    re.IGNORECASE,
)
_CORE = {"title": "title", "creator": "authors", "created": "created", "keywords": "tags"}
_META = {"title": "title", "initial-creator": "authors", "creation-date": "created", "keyword": "tags"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says of itself; empty where it says nothing, or what every file of its program says."""

    title: str = ""
    authors: tuple[str, ...] = ()
    created: datetime | None = None
    tags: tuple[str, ...] = ()

    def reading(self, title: str, pieces: Iterable[Piece], pages: int | None = None) -> Reading:
        """A reading with these facts; `title` is what its text calls it, for a file that names none."""
        whole = pieces if isinstance(pieces, Iterator) else tuple(pieces)
        return Reading(self.title or title, whole, pages, self.authors, self.created, self.tags)


def checked(archive: zipfile.ZipFile) -> None:
    """Refuse an Office file that unpacks to too much, or whose parts declare entities, before a library opens it.

    What the archive says of its parts holds: `zipfile` unpacks no more of a part than that.
    """
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile("is protected by a password: save a copy without it and ingest again.")
    xml = [member for member in members if member.filename.lower().endswith((".xml", ".rels", ".bin", ".vml"))]
    if sum(member.file_size for member in xml) > MOST_XML:
        raise UnreadableFile(f"unpacks to more than {MOST_XML // 1_000_000} MB of text: split it and ingest the parts.")
    if sum(member.file_size for member in members) > _MOST_IN_ALL:
        raise UnreadableFile(f"unpacks to more than {_MOST_IN_ALL // 1_000_000} MB: split it and ingest the parts.")
    for member in xml:
        if not member.filename.lower().endswith(".bin"):
            with archive.open(member) as part:
                if b"<!ENTITY" in part.read(_HEAD).replace(b"\0", b""):
                    raise UnreadableFile(_DECLARES)


def package(path: Path) -> zipfile.ZipFile:
    """A new Office file, opened; to be closed."""
    archive = zipfile.ZipFile(path)
    try:
        checked(archive)
    except BaseException:
        archive.close()
        raise
    return archive


def part(archive: zipfile.ZipFile, name: str) -> Any:
    """The XML of a part, without anything that it refers to; None where there is no such part."""
    try:
        data = archive.read(name)
    except KeyError:
        return None
    return tree(data)


def tree(data: bytes) -> Any:
    """The root of an XML document. Raises UnreadableFile where it declares entities."""
    parser = etree.XMLParser(**CAREFUL)
    root = etree.fromstring(data, parser)
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise UnreadableFile(_DECLARES)
    return root


def local(element: Any) -> str:
    """An element's name without its namespace; "" for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def package_facts(archive: zipfile.ZipFile) -> Facts:
    """From docProps/core.xml."""
    return _told(archive, "docProps/core.xml", _CORE)


def odf_facts(archive: zipfile.ZipFile) -> Facts:
    """From meta.xml."""
    return _told(archive, "meta.xml", _META)


def ole_facts(container: Any) -> Facts:
    """From the property set that old Office files keep, by [MS-OLEPS]."""
    stream = "\x05SummaryInformation"
    values = dict(_properties(container.openstream(stream).read())) if container.exists(stream) else {}
    title, author, words = (str(values.get(number, "")) for number in (2, 4, 5))
    created = values.get(12)
    return facts(title, [author], created if isinstance(created, datetime) else None, [words])


def facts(title: str, authors: Iterable[str], created: datetime | None, tags: Iterable[str]) -> Facts:
    """Facts from what a file holds, without what its program put there by itself."""
    if created is not None and created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    template = created in _TEMPLATES
    people = [name.strip() for given in authors for name in re.split("[;；、]", given)]
    words = [word.strip() for given in tags for word in re.split("[,;，；、]", given)]
    return Facts(
        "" if _JUNK.fullmatch(title) else " ".join(title.split()),
        () if template else names(name for name in people if not _NOBODY.fullmatch(name)),
        created.replace(microsecond=0) if created and not template and 1980 <= created.year < 2200 else None,
        names(words)[:20],
    )


def said(text: str | None) -> str:
    """What a person wrote to stand for a picture; "" where a program did."""
    words = " ".join((text or "")[:_LONGEST_DESCRIPTION].split())
    return "" if _MACHINE.search(words) else words


def closing(texts: Iterable[str]) -> list[Piece]:
    """What stands beside the text, at its end and under no heading: notes, text boxes, heads and feet."""
    whole = "\n\n".join(text.strip() for text in texts if text.strip())
    return [Piece("", None, whole)] if whole else []


def running(texts: Iterable[str]) -> list[str]:
    """Heads and feet of pages, each once whatever numbers it holds; none where they differ from page to page."""
    found: dict[str, str] = {}
    for text in texts:
        line = " ".join(re.sub("_{5,}", " ", text).split())
        letters = "".join(filter(str.isalpha, line))
        if len(letters) > 5:
            found.setdefault(letters, line)
    return list(found.values()) if len(found) <= _MOST_RUNNING else []


def formula(element: Any) -> str:
    """A formula of Office on one line: x^2, a/b, √(x+1)."""
    name = local(element)
    if name == "t":
        return element.text or ""
    parts = [(local(child), formula(child)) for child in element if not local(child).endswith("Pr")]
    by_name = {part: _bracketed(text) for part, text in parts}
    match name:
        case "f":
            return f"{by_name.get('num', '')}/{by_name.get('den', '')}"
        case "rad":
            return f"√{by_name.get('e', '')}"
        case "sSup" | "sSub" | "sSubSup":
            below, above = (by_name.get(part, "") for part in ("sub", "sup"))
            return f"{by_name.get('e', '')}{below and f'_{below}'}{above and f'^{above}'}"
        case "d":
            return f"({', '.join(text for _, text in parts)})"
        case "nary":
            sign = next((each.get(each.keys()[0]) for each in element.iter("{*}chr") if each.keys()), "∫")
            return f"{sign}_{by_name.get('sub', '')}^{by_name.get('sup', '')} {by_name.get('e', '')}"
    return "".join(text for _, text in parts)


def _bracketed(text: str) -> str:
    return (
        text if len(text) < 2 or text.isalnum() or (text[0] == "(" and text.find(")") == len(text) - 1) else f"({text})"
    )


def compound(path: Path) -> Any:
    """An old Office file, opened; to be closed."""
    return olefile.OleFileIO(BytesIO(path.read_bytes()))


def _told(archive: zipfile.ZipFile, name: str, keys: dict[str, str]) -> Facts:
    found: dict[str, list[str]] = {key: [] for key in keys.values()}
    try:
        root = part(archive, name)
    except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error):  # no reason to refuse the text
        root = None
    for element in root.iter() if root is not None else ():
        if (key := keys.get(local(element))) and (text := (element.text or "").strip()):
            found[key].append(text)
    created = moment(found["created"][0]) if found["created"] else None
    return facts(" ".join(found["title"][:1]), found["authors"], created, found["tags"])


def _properties(data: bytes) -> Iterator[tuple[int, str | datetime]]:
    """Texts and moments by their number."""
    section = int.from_bytes(data[44:48], "little")
    count = int.from_bytes(data[section + 4 : section + 8], "little")
    listed = data[section + 8 :][: 8 * min(count, 100)]
    places = {number: section + place for number, place in struct.iter_unpack("<II", listed[: len(listed) // 8 * 8])}
    page = int.from_bytes(data[places[1] + 4 :][:2], "little") if 1 in places else 1252
    encoding = {65001: "utf-8", 1200: "utf-16-le", 10000: "mac_roman"}.get(page, f"cp{page}")
    for number, place in places.items():
        kind, length = (int.from_bytes(data[place + at :][:4], "little") for at in (0, 4))
        if kind == _TEXT:
            yield number, _decoded(data[place + 8 :][:length], encoding)
        elif kind == _WIDE_TEXT:
            yield number, _decoded(data[place + 8 :][: 2 * length], "utf-16-le")
        elif kind == _MOMENT and (ticks := int.from_bytes(data[place + 4 :][:8], "little")):
            yield number, datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=min(ticks // 10, _MOST_TICKS))


def _decoded(value: bytes, encoding: str) -> str:
    try:
        return value.decode(encoding, errors="replace").split("\0")[0]
    except LookupError:
        return value.decode("cp1252", errors="replace").split("\0")[0]
