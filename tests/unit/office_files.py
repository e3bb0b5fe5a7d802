"""Office files made by hand, byte by byte, where no library of the suite writes them."""

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

SHARED = Path(__file__).parents[3] / "shared/data/docs"

_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE file with these streams, each filled up to the size from which streams have sectors of their own."""
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    data, places, sectors = b"", [], []
    for name in names:
        body = streams[name].ljust(4096, b"\0")
        body += bytes(-len(body) % 512)
        start, count = len(sectors), len(body) // 512
        places.append((start, len(body)))
        sectors += [*range(start + 1, start + count), _END]
        data += body
    entries = [_entry("Root Entry", 5, 1, _END, 0)]
    entries += [
        _entry(name, 2, _FREE, *place, at) for at, (name, place) in enumerate(zip(names, places, strict=True), 1)
    ]
    entries[-1] = entries[-1][:72] + struct.pack("<I", _FREE) + entries[-1][76:]
    directory = b"".join(entries)
    directory += bytes(-len(directory) % 512)
    first = len(sectors)
    sectors += [*range(first + 1, first + len(directory) // 512), _END]
    fats = -(-(len(sectors) + 2) // 127)
    fat_at = len(sectors)
    sectors += [_FAT] * fats
    table = struct.pack(f"<{len(sectors)}I", *sectors).ljust(512 * fats, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, fats, first, 0, 4096, _END, 0, _END, 0)
    return (
        (head + struct.pack(f"<{fats}I", *range(fat_at, fat_at + fats))).ljust(512, b"\xff") + data + directory + table
    )


def _entry(name: str, kind: int, child: int, start: int, size: int, at: int = 0) -> bytes:
    spelt = name.encode("utf-16-le") + b"\0\0"
    following = at + 1 if kind == 2 else _FREE
    head = spelt.ljust(64, b"\0") + struct.pack("<HBBIII", len(spelt), kind, 1, _FREE, following, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def properties(title: str, author: str, keywords: str, ticks: int) -> bytes:
    """What an old Office file says of itself, in the code page of simplified Chinese."""
    values = {1: struct.pack("<Ihxx", 2, 936), 12: struct.pack("<IQ", 64, ticks)}
    for number, text in ((2, title), (4, author), (5, keywords)):
        spelt = text.encode("gbk") + b"\0"
        values[number] = struct.pack("<II", 30, len(spelt)) + spelt + bytes(-len(spelt) % 4)
    listed, body = b"", b""
    for number, value in values.items():
        listed += struct.pack("<II", number, 8 + 8 * len(values) + len(body))
        body += value
    section = struct.pack("<II", 8 + len(listed) + len(body), len(values)) + listed + body
    return struct.pack("<HHI16xI16xI", 0xFFFE, 0, 0, 1, 48) + section


def word(pieces: Sequence[tuple[str, bool]], flags: int = 0x0200, version: int = 0xC1) -> dict[str, bytes]:
    """The streams of a Word file whose text comes in pieces, each in one byte or in two for a character."""
    head = bytearray(2048)
    struct.pack_into("<HH", head, 0, 0xA5EC, version)
    struct.pack_into("<H", head, 0x0A, flags)
    data, ends, places, length = bytes(head), [0], b"", 0
    for text, wide in pieces:
        spelt = text.encode("utf-16-le" if wide else "cp1252")
        places += struct.pack("<HIH", 0, len(data) if wide else len(data) * 2 | 0x40000000, 0)
        data += spelt + bytes(len(spelt) % 2)
        length += len(spelt) // 2 if wide else len(spelt)
        ends.append(length)
    plc = struct.pack(f"<{len(ends)}I", *ends) + places
    clx = b"\x01\x02\0\x11\x22" + b"\x02" + struct.pack("<I", len(plc)) + plc
    head = bytearray(data)
    struct.pack_into("<I", head, 0x4C, length)
    struct.pack_into("<II", head, 0x1A2, 0, len(clx))
    return {"WordDocument": bytes(head), "1Table": clx}


def record(kind: int, body: bytes = b"", number: int = 0, holds: bool = False) -> bytes:
    """A record of PowerPoint."""
    return struct.pack("<HHI", number << 4 | (15 if holds else 0), kind, len(body)) + body


def words(kind: int, text: str, wide: bool = False) -> bytes:
    """A text of PowerPoint: 0 for a title, 1 for a body, 2 for notes, 4 for any other."""
    spelt = record(0xFA0, text.encode("utf-16-le")) if wide else record(0xFA8, text.encode("latin-1"))
    return record(0xF9F, struct.pack("<I", kind)) + spelt


def shape(text: bytes, box: tuple[int, int, int, int], more: bytes = b"") -> bytes:
    """A shape on a slide: top, left, right, bottom in 576ths of an inch."""
    return record(
        0xF004, record(0xF010, struct.pack("<4h", *box)) + more + record(0xF00D, text, holds=True), holds=True
    )


def drawing(*shapes: bytes) -> bytes:
    """The drawing of a slide, which is a group of shapes whose first is the group itself."""
    group = record(0xF003, record(0xF004, record(0xF009, bytes(16)), holds=True) + b"".join(shapes), holds=True)
    return record(0x40C, record(0xF002, group, holds=True), holds=True)


def powerpoint(slides: Sequence[tuple[bytes, bytes, str]], token: int = 0xE391C05F) -> dict[str, bytes]:
    """The streams of a presentation: for each slide its drawing, the texts listed for it, and the speaker's notes."""
    data, places = b"", []
    listed, listed_notes = b"", b""
    for number, (drawn, outline, notes) in enumerate(slides):
        places.append(len(data))
        data += record(0x3EE, drawn, holds=True)
        listed += record(0x3F3, struct.pack("<IIiII", 2 * number + 2, 0, 0, 256 + number, 0)) + outline
        places.append(len(data))
        told = drawing(shape(words(2, notes), (0, 0, 10, 10)))
        data += record(0x3F0, record(0x3F1, struct.pack("<IHH", 256 + number, 0, 0)) + told, holds=True)
        listed_notes += record(0x3F3, struct.pack("<IIiII", 2 * number + 3, 0, 0, 256 + number, 0))
    places = [len(data), *places]
    size = record(0x3E9, struct.pack("<ii32x", 5760, 4320))
    lists = record(0xFF0, listed, 0, holds=True) + record(0xFF0, listed_notes, 2, holds=True)
    data += record(0x3E8, size + lists, holds=True)
    directory = len(data)
    data += record(0x1772, struct.pack(f"<{len(places) + 1}I", len(places) << 20 | 1, *places))
    edit = len(data)
    data += record(0xFF5, struct.pack("<IHBBIIII", 0, 0, 0, 3, 0, directory, 1, 9))
    user = record(0xFF6, struct.pack("<III", 20, token, edit) + bytes(8))
    return {"PowerPoint Document": data, "Current User": user}


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(path: Path, sheets: dict[str, str], styles: str = "", texts: str = "", settings: str = "") -> Path:
    """A workbook of Excel: the rows of each sheet, and what stands behind them, as XML."""
    links = "".join(
        f'<Relationship Id="r{at}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    links += f'<Relationship Id="s" Type="{_LINKS}/styles" Target="styles.xml"/>'
    links += f'<Relationship Id="t" Type="{_LINKS}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    tabs = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(sheets, 1))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" Type="{_LINKS}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>')
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">{settings}<sheets>{tabs}</sheets></workbook>',
        )
        archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>')
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{texts}</sst>')
        for at, rows in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{at}.xml", f'<worksheet xmlns="{_MAIN}">{rows}</worksheet>')
    return path


def rows(*table: Sequence[object], first: int = 1) -> str:
    """The rows of a sheet: texts and numbers, None for a blank cell."""
    lines = []
    for number, row in enumerate(table, first):
        cells = ""
        for at, value in enumerate(row):
            place = f"{chr(65 + at)}{number}"
            if isinstance(value, str):
                cells += f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
            elif value is not None:
                cells += f'<c r="{place}"><v>{value}</v></c>'
        if cells:
            lines.append(f'<row r="{number}">{cells}</row>')
    return f"<sheetData>{''.join(lines)}</sheetData>"
