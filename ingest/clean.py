"""Make text from any format uniform, and join the pieces of a file into one text. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from storage.anchors import Anchor, Lines, Spot
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
_LONGEST_HEADING = 2000  # characters that are looked at for its name
_MOST_FENCED = 1_000_000  # characters; a fence that is open for longer was never meant to be one


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
    or sheets. `authors`, `created` and `tags` are what the file says of itself. The pieces of a file too large to be
    held come one by one, and can be gone through only once; those of any other file are a tuple."""

    title: str
    pieces: Iterable[Piece]
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
    text = _visible(text)
    if verbatim:
        return "\n".join(line.expandtabs(4).rstrip() for line in text.split("\n")).rstrip("\n")
    lines, _ = _spaced(text, fenced=False)
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def _visible(text: str) -> str:
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))


def _spaced(text: str, fenced: bool) -> tuple[list[str], bool]:
    """The lines with single spaces but between code fences, and whether a fence is open at their end."""
    lines: list[str] = []
    for line in text.split("\n"):
        spaced = _SPACES.sub(" ", _INDENT.sub("", line)) if not fenced else line.replace("\t", "    ")
        if _FENCE.match(spaced):
            fenced = not fenced
        lines.append((spaced if fenced else _RUN.sub(" ", _LEADERS.sub("... ", spaced))).rstrip())
    return lines, fenced


def join(pieces: Iterable[Piece]) -> Joined:
    """One text of all pieces that are not blank.

    A blank line parts two pieces; a sentence that runs on from one page to the next, and a piece that is tight, are
    parted by a line end only.
    """
    parts: list[str] = []
    sections: list[Section] = []
    spots = _Spots()
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
        spots.add(text, start, len(gap), piece.spot)
        before = piece
    if sections:
        last = sections[-1]
        sections[-1] = Section(last.heading, last.page, last.start, length)
    return Joined("".join(parts), tuple(sections), tuple(spots.anchors))


class _Spots:
    """Collects anchors. Neighbours whose lines are those of the file, one by one, share an anchor."""

    def __init__(self) -> None:
        self.anchors: list[Anchor] = []
        self._even: Lines | None = None  # the last spot, if its text has as many lines as the file has there

    def add(self, text: str, start: int, gap: int, spot: Spot | None) -> None:
        """Note where a text stands that begins at `start`, `gap` line ends after the text before it."""
        end = start + len(text)
        before, self._even = self._even, None
        if isinstance(spot, Lines) and text.count("\n") == spot.last - spot.first:
            if before is not None and spot.first - before.last == gap:
                start, spot = self.anchors.pop().start, Lines(before.first, spot.last)
            self._even = spot
        if spot is not None:
            self.anchors.append(Anchor(start, end, spot))


def _runs_on(before: Piece, piece: Piece, text: str) -> bool:
    if before.page == piece.page or before.heading != piece.heading or before.verbatim or piece.verbatim:
        return False
    return not _SENTENCE_END.search(text)


class Line(NamedTuple):
    """A paragraph (level 0) or heading (1..9) with its spot. A tight one follows the one before on the next line."""

    level: int
    text: str
    spot: Lines | None = None
    tight: bool = False


def headed(lines: Iterable[tuple[int, str]]) -> tuple[Piece, ...]:
    """Pieces from text with heading levels: (0, text) is a paragraph, (1..9, text) a heading of that level.

    A heading opens a piece and is its first paragraph; its path holds the headings of lower level above it.
    """
    sections = groupby(_below_headings(Line(*line) for line in lines), key=itemgetter(0, 1))
    return tuple(Piece(heading, None, "\n\n".join(line.text for *_, line in below)) for (_, heading), below in sections)


def outlined(lines: Iterable[Line]) -> Iterator[Piece]:
    """The same, as they come and with a piece for each line, which thus keeps its spot; but what a code fence holds
    together stays one piece."""
    for (_, heading), below in groupby(_below_headings(lines), key=itemgetter(0, 1)):
        held: list[Piece] = []
        fenced, size = False, 0
        for *_, line in below:
            held.append(Piece(heading, None, line.text, line.spot, tight=line.tight))
            size += len(line.text)
            fenced = _fences(line.text, fenced) and size < _MOST_FENCED
            if not fenced:
                yield _one(held)
                held, size = [], 0
        if held:
            yield _one(held)


def _below_headings(lines: Iterable[Line]) -> Iterator[tuple[int, str, Line]]:
    """Each line after the number of its section, counted from 0, and its path of headings."""
    path: list[tuple[int, str]] = []
    number, heading = 0, ""
    for line in lines:
        name = heading_name(line.text) if line.level else ""
        if name:
            path[:] = [*(above for above in path if above[0] < line.level), (line.level, name)]
            number, heading = number + 1, " > ".join(name for _, name in path)
        yield number, heading, line


def _fences(text: str, fenced: bool) -> bool:
    """Whether a code fence is open after a text, if it was, or was not, before it."""
    if max(text.count("`"), text.count("~")) < 3:
        return fenced
    return _spaced(_visible(text), fenced)[1]


def _one(held: Sequence[Piece]) -> Piece:
    if len(held) == 1:
        return held[0]
    text = held[0].text + "".join(("\n" if piece.tight else "\n\n") + piece.text for piece in held[1:])
    first, last = held[0].spot, held[-1].spot
    whole = Lines(first.first, last.last) if isinstance(first, Lines) and isinstance(last, Lines) else None
    return replace(held[0], text=text, spot=whole)


def heading_name(text: str) -> str:
    """A heading as a path shows it: one line, without the marks of Markdown, at most 80 characters."""
    name = re.sub(r"\n[=-]+\s*$|^#+\s*|\s*#+\s*$|[*`]|\s*\{#.*\}\s*$", "", text.strip()[:_LONGEST_HEADING])
    name = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", name)
    return " ".join(normalise(name).split())[:80].strip()


def chinese_characters(text: str) -> int:
    """How many Chinese characters the text holds."""
    return sum(1 for _ in _CJK.finditer(text))
