"""Markdown: its headings give the structure, its text stays as written."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ingest.clean import Line, Reading, heading_name, outlined
from ingest.readers import matter, source
from ingest.readers.matter import Matter
from ingest.readers.plain import paragraph
from ingest.readers.source import Numbered, Source
from ingest.unwrap import Unwrapped, unwrapped
from storage.anchors import Lines

_OPENING = re.compile(r"(?m)^[ \t]*(`{3,}|~{3,})|<!--")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t\u3000]+(?=\S)|(?=[^\s#\x00-\x7f]))")  # "#标题" is common in Chinese notes
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})\s*$")
_BY_HAND = re.compile(r"\s|[-*+|>:$<]|\d+[.)]")  # lists, tables, quotes, HTML, indented code: line ends mean something
_SLAB = 500_000  # characters of a large file that are looked at together


def read(path: Path) -> Reading:
    """The title is the front matter's, else the first heading if it is of the first level."""
    return parse(source.opened(path))


def parse(text: Source | str) -> Reading:
    """Markdown to pieces; comments are left out, soft line breaks inside a paragraph are joined."""
    if isinstance(text, str):
        text = source.of(text)
    front = matter.of(text.head.lstrip("\ufeff"))
    shown = chain(_front(front), chain.from_iterable(lines(slab, number) for number, slab in _slabs(text, front)))
    begin = list(_until_shown(shown))
    first = begin[-1] if begin else Line(0, "")
    title = front.title or (heading_name(first.text) if first.level == 1 else "")
    pieces = text.kept(outlined(chain(begin, shown)))
    return Reading(title, pieces, authors=front.authors, created=front.created, tags=front.tags)


def _front(front: Matter) -> Iterator[Line]:
    if front.end:
        yield Line(0, front.text, Lines(2, 1 + front.text.count("\n")))


def _until_shown(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        if line.text.strip():
            return


def _slabs(text: Source, front: Matter) -> Iterator[Numbered]:
    """What stands below the front matter, with the number of its first line; that of a large file in parts, which end
    at blank lines outside of code."""
    below = text.head[: front.end].count("\n") + 1
    if not text.large:
        yield below, text.head.lstrip("\ufeff")[front.end :]
        return
    slab: list[str] = []
    size, fence = 0, ""
    for number, line in text.lines:
        if number < below:
            continue
        slab.append(line)
        size += len(line) + 1
        fence = _fence_after(line, fence)
        if (size > _SLAB and not line.strip() and not fence) or size > 4 * _SLAB:
            yield below, "\n".join(slab)
            below, size, slab = number + 1, 0, []
    yield below, "\n".join(slab)


def _fence_after(line: str, fence: str) -> str:
    """The marks of the fence that is open after a line, if those of `fence` are before it; "" for none."""
    if not fence:
        opening = _FENCE.match(line)
        return opening[1] if opening else ""
    marks = line.strip()
    return "" if marks.startswith(fence) and not marks.strip("`~") else fence


def lines(source: str, number: int) -> Iterator[Line]:
    """The paragraphs, headings and code of some lines, the first of which has this number."""
    at = 0
    for start, end, fenced in _set_apart(source):
        yield from _plain(source[at:start], number)
        number += source.count("\n", at, start)
        if fenced:
            code = source[start:end].rstrip("\n")
            yield Line(0, code, Lines(number, number + code.count("\n")))
        number += source.count("\n", start, end)
        at = end
    yield from _plain(source[at:], number)


def _set_apart(source: str) -> Iterator[tuple[int, int, bool]]:
    """Where fenced blocks (True) and comments (False) start and end; an open fence ends with the text."""
    last_comment = source.rfind("-->")
    at = 0
    while opening := _OPENING.search(source, at):
        at = opening.end()
        if fence := opening[1]:
            closing = re.compile(rf"(?m)^[ \t]*{fence}[`~]*[ \t]*$").search(source, at)
            at = closing.end() if closing else len(source)
            yield opening.start(), at, True
        elif at <= last_comment:
            at = source.index("-->", at) + 3
            yield opening.start(), at, False


def _plain(source: str, number: int) -> Iterator[Line]:
    """Headings and paragraphs of Markdown that holds no fenced code."""
    block: list[str] = []
    end = number
    for here, line in enumerate(source.split("\n"), number):
        end = here + 1
        underline = _UNDERLINE.match(line)
        if heading := _HEADING.match(line):
            yield from _soften(block, here)
            yield Line(len(heading[1]), line, Lines(here, here))
            block = []
        elif underline and len(block) == 1 and not _BY_HAND.match(block[0]):
            yield Line(1 if "=" in underline[1] else 2, f"{block[0]}\n{line}", Lines(here - 1, here))
            block = []
        elif line.strip():
            block.append(line)
        else:
            yield from _soften(block, here)
            block = []
    yield from _soften(block, end)


def _soften(block: list[str], end: int) -> Iterator[Line]:
    """A paragraph of the lines before line `end`."""
    if not block:
        return
    first = end - len(block)
    if any(_BY_HAND.match(line) for line in block):
        yield Line(0, "\n".join(block), Lines(first, end - 1))
        return
    parts: list[list[str]] = [[]]
    for line in block:
        parts[-1].append(line.removesuffix("\\"))
        if line.endswith(("  ", "\\")):
            parts.append([])
    out: list[Unwrapped] = []
    at = 0
    for part in filter(None, parts):
        out += [Unwrapped(at + line.first, at + line.last, line.text) for line in unwrapped("\n".join(part))]
        at += len(part)
    yield from paragraph.lines(out, first)
