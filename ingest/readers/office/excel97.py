"""The formats of numbers in a workbook of Excel 97 to 2003, by [MS-XLS], which calamine does not tell."""

import struct
from collections.abc import Iterator

from ingest.readers.office.number_format import code_of, parsed
from storage.errors import UnreadableFile

_SHEET, _FORMAT, _STYLE, _END, _PASSWORD = 0x85, 0x41E, 0xE0, 0x0A, 0x2F
_CELLS = (0x203, 0x27E, 0x06)  # numbers and formulas, with row, column and style
_CELLS_IN_A_ROW = 0xBD

Codes = dict[tuple[int, int], str]  # by row and column, from 1


def codes(book: bytes) -> list[Codes]:
    """For each sheet, the codes of formats that show a number otherwise than as it is; dates are not among them.

    Raises UnreadableFile for a workbook that has a password.
    """
    places: list[int] = []
    own: dict[int, str] = {}
    styles: list[int] = []
    for kind, data in _records(book, 0):
        if kind == _SHEET and len(data) >= 4:
            places.append(struct.unpack_from("<I", data)[0])
        elif kind == _FORMAT and len(data) >= 5:
            number, length, wide = struct.unpack_from("<HHB", data)
            own[number] = data[5:][: length * (2 if wide & 1 else 1)].decode(
                "utf-16-le" if wide & 1 else "latin-1", "replace"
            )
        elif kind == _PASSWORD:
            raise UnreadableFile("is protected by a password: save a copy without it and ingest again.")
        elif kind == _STYLE and len(data) >= 4:
            styles.append(struct.unpack_from("<H", data, 2)[0])
    shown = [code if parsed(code).decimals is not None else "" for code in (own.get(n) or code_of(n) for n in styles)]
    return [dict(_cells(book, place, shown)) for place in places]


def _cells(book: bytes, place: int, shown: list[str]) -> Iterator[tuple[tuple[int, int], str]]:
    for kind, data in _records(book, place):
        if kind in _CELLS and len(data) >= 6:
            row, column, style = struct.unpack_from("<HHH", data)
            if style < len(shown) and shown[style]:
                yield (row + 1, column + 1), shown[style]
        elif kind == _CELLS_IN_A_ROW and len(data) >= 6:
            row, column = struct.unpack_from("<HH", data)
            for at in range((len(data) - 6) // 6):
                style = struct.unpack_from("<H", data, 4 + 6 * at)[0]
                if style < len(shown) and shown[style]:
                    yield (row + 1, column + at + 1), shown[style]


def _records(book: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """The records from a place to the end of their part of the workbook."""
    while place + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, place)
        yield kind, book[place + 4 : place + 4 + length]
        if kind == _END:
            return
        place += 4 + length
