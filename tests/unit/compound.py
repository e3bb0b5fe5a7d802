"""Compound files (OLE) written by hand, as Outlook and old Office programs write them."""

import struct
from pathlib import Path

SECTOR, MINI, SMALL = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD

Tree = dict[str, "bytes | Tree"]


def write(path: Path, tree: Tree) -> None:
    """Write streams (bytes) and storages (dictionaries)."""
    path.write_bytes(compound(tree))


def compound(tree: Tree) -> bytes:
    """The bytes of such a file, with one sector of its allocation table for each 128 sectors."""
    entries: list[tuple[str, int, int, int, bytes]] = [("Root Entry", 5, FREE, FREE, b"")]
    _add(entries, 0, tree)
    mini = b""
    minifat: list[int] = []
    sectors: list[bytes] = []
    fat: list[int] = []
    starts: dict[int, int] = {}

    def store(data: bytes) -> int:
        if not data:
            return END
        first = len(sectors)
        count = -(-len(data) // SECTOR)
        sectors.extend(data[at * SECTOR : (at + 1) * SECTOR].ljust(SECTOR, b"\0") for at in range(count))
        fat.extend([*range(first + 1, first + count), END])
        return first

    for number, (_, kind, _, _, data) in enumerate(entries):
        if kind == 2 and 0 < len(data) < SMALL:
            first, count = len(minifat), -(-len(data) // MINI)
            minifat.extend([*range(first + 1, first + count), END])
            mini += data.ljust(count * MINI, b"\0")
            starts[number] = first
        elif kind == 2:
            starts[number] = store(data)
    starts[0] = store(mini)
    table = store(struct.pack(f"<{len(minifat)}I", *minifat).ljust(SECTOR, b"\xff")) if minifat else END
    directory = store(b"".join(_entry(entry, starts.get(number, 0), len(mini)) for number, entry in enumerate(entries)))
    count = 1
    while len(sectors) + count > count * 128:
        count += 1
    first = len(sectors)
    fat.extend([FAT] * count)
    packed = struct.pack(f"<{len(fat)}I", *fat).ljust(count * SECTOR, b"\xff")
    sectors.extend(packed[at * SECTOR : (at + 1) * SECTOR] for at in range(count))
    places = [*range(first, first + count)] + [FREE] * (109 - count)
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, count, directory, 0,
        SMALL, table, -(-len(minifat) // 128), END, 0,
    )  # fmt: skip
    return header + struct.pack("<109I", *places) + b"".join(sectors)


def _add(entries: list[tuple[str, int, int, int, bytes]], parent: int, tree: Tree) -> None:
    """Children as a chain to the right, which readers take for a tree that is out of balance."""
    before = -1
    for name, content in sorted(tree.items(), key=lambda item: (len(item[0]), item[0].upper())):
        number = len(entries)
        kind, data = (2, content) if isinstance(content, bytes) else (1, b"")
        entries.append((name, kind, FREE, FREE, data))
        if before < 0:
            entries[parent] = (*entries[parent][:3], number, entries[parent][4])
        else:
            entries[before] = (*entries[before][:2], number, *entries[before][3:])
        before = number
        if not isinstance(content, bytes):
            _add(entries, number, content)


def _entry(entry: tuple[str, int, int, int, bytes], start: int, mini: int) -> bytes:
    name, kind, right, child, data = entry
    coded = name.encode("utf-16-le")
    size = mini if kind == 5 else len(data)
    return struct.pack("<64sHBBIII16xI8x8xIII", coded, len(coded) + 2, kind, 1, FREE, right, child, 0, start, size, 0)
