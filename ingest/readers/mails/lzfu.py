"""Compressed RTF as Outlook keeps it, by [MS-OXRTFCP]. Pure."""

import struct

from storage.errors import UnreadableFile

_PACKED, _PLAIN = 0x75465A4C, 0x414C454D  # "LZFu" and "MELA"
# What the dictionary holds before the first byte: what nearly every RTF begins with.
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_SIZE = 4096
_MOST = 100_000_000  # bytes unpacked


def unpacked(data: bytes) -> bytes:
    """The RTF. Raises UnreadableFile if it is damaged."""
    if len(data) < 16:
        raise UnreadableFile("is cut off or damaged: get a whole copy and ingest again.")
    size, kind = struct.unpack_from("<4xII", data)
    if kind == _PLAIN:
        return data[16 : 16 + size]
    if kind != _PACKED:
        raise UnreadableFile("is cut off or damaged: get a whole copy and ingest again.")
    return _unpacked(data, min(size, _MOST))


def _unpacked(data: bytes, size: int) -> bytes:
    """Eight signs after each byte of flags: literal bytes, or pairs of a place in the dictionary and a length."""
    ring = bytearray(_DICTIONARY.ljust(_SIZE, b"\0"))
    write = len(_DICTIONARY)
    out = bytearray()
    at = 16
    while at < len(data) and len(out) < size:
        flags, at = data[at], at + 1
        for bit in range(8):
            if at >= len(data):
                break
            if flags >> bit & 1:
                place, at = int.from_bytes(data[at : at + 2], "big"), at + 2
                start, length = place >> 4, (place & 15) + 2
                if start == write:  # the end
                    return bytes(out[:size])
                taken = []
                for step in range(length):
                    byte = ring[(start + step) % _SIZE]
                    taken.append(byte)
                    ring[write], write = byte, (write + 1) % _SIZE
            else:
                taken, at = [data[at]], at + 1
                ring[write], write = taken[0], (write + 1) % _SIZE
            out += bytes(taken)
    return bytes(out[:size])
