"""Lines of a document's pages, made into pieces below the headings of its outline. Pure."""

from collections.abc import Iterator, Sequence

from ingest.clean import Piece
from ingest.readers.page.lines import Line
from ingest.readers.page.paragraphs import paragraphs
from ingest.unwrap import unwrap

_Path = list[tuple[int, str]]
_LONGER = 8  # characters that a line may have before the heading it ends with


def pieces(
    pages: Sequence[Sequence[Line]], notes: Sequence[Sequence[Line]], outline: dict[int, list[tuple[int, str]]]
) -> Iterator[Piece]:
    """The text of each page, then what was written on it by hand."""
    path: _Path = []
    for index, lines in enumerate(pages):
        start = 0
        plain = [_plain(line.text) for line in lines] if index in outline else []
        for level, name in outline.get(index, []):
            at = _find(plain, name, start)
            if at > start:
                yield from _page(path, index, lines[start:at])
                start = at
            path = [*(above for above in path if above[0] < level), (level, name)]
        yield from _page(path, index, lines[start:])
        for note in notes[index]:
            yield Piece(_heading(path), index + 1, note.text, note.spot)


def _heading(path: _Path) -> str:
    return " > ".join(name for _, name in path)


def _page(path: _Path, index: int, lines: Sequence[Line]) -> Iterator[Piece]:
    """One piece of all that can be found on the page as text, and one for each paragraph that cannot."""
    if not lines:
        return
    heading, page = _heading(path), index + 1
    if all(line.box.right <= line.box.left for line in lines):  # it is not known where they stand
        yield Piece(heading, page, unwrap("\n".join(line.text for line in lines)))
        return
    held: list[str] = []
    tight = False  # whether the first of those held follows the piece before without a gap
    for paragraph in paragraphs(lines):
        if paragraph.spot is None:
            tight = tight if held else not paragraph.apart
            held.append(("\n\n" if paragraph.apart else "\n") * bool(held) + paragraph.text)
            continue
        if held:
            yield Piece(heading, page, "".join(held), tight=tight)
            held = []
        yield Piece(heading, page, paragraph.text, paragraph.spot, tight=not paragraph.apart)
    if held:
        yield Piece(heading, page, "".join(held), tight=tight)


def _find(lines: Sequence[str], name: str, start: int) -> int:
    """The line where a heading stands, or begins, or `start` if none does."""
    wanted = _plain(name)
    for number in range(start, len(lines) if wanted else start):
        line = lines[number]
        if line.endswith(wanted) and len(line) <= len(wanted) + _LONGER:
            return number
        if line and wanted.startswith(line) and "".join(lines[number : number + 2]).startswith(wanted):
            return number
    return start


def _plain(text: str) -> str:
    """Letters and digits alone."""
    return "".join(filter(str.isalnum, text)).casefold()
