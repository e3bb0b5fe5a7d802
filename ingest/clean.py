"""Make text from any format uniform, and join the pieces of a file into one text. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from storage.anchors import Anchor, Spot
from storage.records import Section

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters, soft hyphen, zero-width space and marks of direction, byte order marks, lone surrogates.
# The zero-width joiners stay: Persian words and emoji are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INDENT = re.compile("^[ \t\u00a0]*\u3000[ \t\u00a0\u3000]*")  # how Chinese paragraphs begin
_RUN = re.compile(r"(?<=\S) {2,}")
_LEADERS = re.compile(r"([.·…_])\1{9,}|(?:[.·] ){6,}")  # the dots of a table of contents
_BLANK_LINES = re.compile(r"\n{3,}")
_FENCE = re.compile(r" *(```|~~~)")
_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SENTENCE_END = re.compile("[.!?:;。！？：；…][\"'”’」』）)\\]]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file's text: the path of headings above it ("A > B"), and its page, counted from 1.

    `spot` is where it stands in the file. A `verbatim` one keeps its spaces and blank lines, as code does. A `tight`
    one follows the piece before it on the next line, without a blank line between them, as a row follows another.
    """

    heading: str
    page: int | None
    text: str
    spot: Spot | None = None
    verbatim: bool = False
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader got out of a file. `title` is "" where the file names none; `pages` only where it has pages, slides
    or sheets. `authors`, `created` and `tags` are what the file says of itself."""

    title: str
    pieces: tuple[Piece, ...]
    pages: int | None = None
    authors: tuple[str, ...] = ()
    created: datetime | None = None
    tags: tuple[str, ...] = ()


class Joined(NamedTuple):
    """One text, the sections that tile it from 0 to its length, and where its stretches stand in the file."""

    text: str
    sections: tuple[Section, ...]
    anchors: tuple[Anchor, ...]


def normalise(text: str, verbatim: bool = False) -> str:
    """Unicode NFC (full-width punctuation stays), `\\n` line ends, nothing invisible, single spaces and blank lines.

    Indentation stays, and so does everything between code fences. A second pass changes nothing. Text that is
    `verbatim` keeps all its lines, with four spaces for a tab and nothing behind the last sign of a line.
    """
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    if verbatim:
        return "\n".join(line.expandtabs(4).rstrip() for line in text.split("\n")).rstrip("\n")
    lines: list[str] = []
    fenced = False
    for line in text.split("\n"):
        spaced = _SPACES.sub(" ", _INDENT.sub("", line)) if not fenced else line.replace("\t", "    ")
        if _FENCE.match(spaced):
            fenced = not fenced
        lines.append((spaced if fenced else _RUN.sub(" ", _LEADERS.sub("... ", spaced))).rstrip())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def join(pieces: Iterable[Piece]) -> Joined:
    """One text of all pieces that are not blank.

    A blank line parts two pieces; a sentence that runs on from one page to the next, and a piece that is tight, are
    parted by a line end only.
    """
    parts: list[str] = []
    sections: list[Section] = []
    anchors: list[Anchor] = []
    length = 0
    before: Piece | None = None
    for piece in pieces:
        text = normalise(piece.text, piece.verbatim)
        if not text.strip():
            continue
        close = piece.tight or (before is not None and _runs_on(before, piece, parts[-1]))
        gap = "" if before is None else "\n" if close else "\n\n"
        start = length + len(gap)
        if before is None or (piece.heading, piece.page) != (before.heading, before.page):
            if sections:
                last = sections[-1]
                sections[-1] = Section(last.heading, last.page, last.start, start)
            sections.append(Section(piece.heading, piece.page, start, start))
        parts += [gap, text]
        length = start + len(text)
        if piece.spot is not None:
            anchors.append(Anchor(start, length, piece.spot))
        before = piece
    if sections:
        last = sections[-1]
        sections[-1] = Section(last.heading, last.page, last.start, length)
    return Joined("".join(parts), tuple(sections), tuple(anchors))


def _runs_on(before: Piece, piece: Piece, text: str) -> bool:
    return before.page != piece.page and before.heading == piece.heading and not _SENTENCE_END.search(text)


def headed(lines: Sequence[tuple[int, str]]) -> tuple[Piece, ...]:
    """Pieces from text with heading levels: (0, text) is a paragraph, (1..9, text) a heading of that level.

    A heading opens a piece and is its first paragraph; its path holds the headings of lower level above it.
    """
    pieces: list[Piece] = []
    path: list[tuple[int, str]] = []
    block: list[str] = []

    def close() -> None:
        if block:
            pieces.append(Piece(" > ".join(name for _, name in path), None, "\n\n".join(block)))
            block.clear()

    for level, text in lines:
        name = heading_name(text) if level else ""
        if name:
            close()
            path[:] = [*(above for above in path if above[0] < level), (level, name)]
        block.append(text)
    close()
    return tuple(pieces)


def heading_name(text: str) -> str:
    """A heading as a path shows it: one line, without the marks of Markdown, at most 80 characters."""
    name = re.sub(r"\n[=-]+\s*$|^#+\s*|\s*#+\s*$|[*`]|\s*\{#.*\}\s*$", "", text.strip())
    name = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", name)
    return " ".join(normalise(name).split())[:80].strip()


def chinese_characters(text: str) -> int:
    """How many Chinese characters the text holds."""
    return sum(1 for _ in _CJK.finditer(text))
