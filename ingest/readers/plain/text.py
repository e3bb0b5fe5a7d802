"""Plain text in any usual encoding."""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.clean import Line, Reading, outlined
from ingest.readers import source
from ingest.readers.plain import markdown, paragraph
from ingest.readers.source import Source
from ingest.unwrap import Unwrapped, unwrapped
from storage.anchors import Lines

# Paragraphs that are headings, by level.
_HEADINGS = (
    re.compile(r"第[一二三四五六七八九十百零〇\d]{1,6}[部编篇](?=\s|$).{0,40}|(?:PART|BOOK) [IVXLC\d]+\b.{0,60}"),
    re.compile(r"第[一二三四五六七八九十百零〇\d]{1,6}章(?=\s|$).{0,40}|CHAPTER [IVXLC\d]+\b.{0,60}"),
    re.compile(
        r"第[一二三四五六七八九十百零〇\d]{1,6}节(?=\s|$).{0,40}|[一二三四五六七八九十]{1,3}、[^。！？；，：]{1,30}"
    ),
)
_BLANK = re.compile("[ \t\u3000]*")
_MOST = 50_000  # characters of a paragraph of a large file

Block = tuple[int, list[str], bool]


def read(path: Path) -> Reading:
    """Paragraphs, with lines joined that a page width broke; chapters by their usual headings, or by Markdown's."""
    return parse(source.opened(path))


def parse(text: Source) -> Reading:
    """The same for a text that is there already."""
    if len(re.findall(r"(?m)^#{1,6} \S", text.head)) > 1:
        return markdown.parse(text)
    return Reading("", text.kept(outlined(_lines(_blocks(text)))))


def _blocks(text: Source) -> Iterator[Block]:
    """Lines between blank lines, after the number of the first one; those of a large file are cut where they are many.
    The last value says that a block goes on with the one before."""
    block: list[str] = []
    first, size, goes_on = 1, 0, False
    for number, line in text.lines:
        if len(block) > 1 and _BLANK.fullmatch(block[-1]):
            yield first, block[:-1], goes_on
            block, goes_on = [], False
        elif text.large and size > _MOST:
            yield first, block, goes_on
            block, goes_on = [], True
        if not block:
            first, size = number, 0
        block.append(line)
        size += len(line)
    yield first, block, goes_on


def _lines(blocks: Iterator[Block]) -> Iterator[Line]:
    for number, block, goes_on in blocks:
        text = "\n".join(block)
        name = text.strip()
        if level := next((n for n, heading in enumerate(_HEADINGS, start=1) if heading.fullmatch(name)), 0):
            first = number + text[: text.index(name)].count("\n")
            yield Line(level, name, Lines(first, first + name.count("\n")))
        else:
            yield from paragraph.lines(unwrap_block(text), number, tight=goes_on)


def unwrap_block(block: str) -> list[Unwrapped]:
    """Join the lines of one paragraph, unless indentation says that its lines are set by hand."""
    body = block.strip("\n")
    by_hand = any(line[:2].isspace() and not line.startswith("\u3000") for line in body.split("\n")[1:])
    if not by_hand:
        return unwrapped(block)
    first = block.index(body) if body else 0
    return [Unwrapped(first, first + body.count("\n"), body)]
