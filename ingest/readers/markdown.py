"""Markdown: its headings give the structure, its text stays as written."""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.clean import Reading, headed, heading_name
from ingest.readers.encoding import decode
from ingest.unwrap import unwrap

_OPENING = re.compile(r"(?m)^[ \t]*(`{3,}|~{3,})|<!--")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t\u3000]+(?=\S)|(?=[^\s#\x00-\x7f]))")  # "#标题" is common in Chinese notes
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})\s*$")
_MATTER = re.compile(r"---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_BY_HAND = re.compile(r"\s|[-*+|>:$<]|\d+[.)]")  # lists, tables, quotes, HTML, indented code: line ends mean something

Line = tuple[int, str]


def read(path: Path) -> Reading:
    """The title is the front matter's, else the first heading if it is of the first level."""
    return parse(decode(path.read_bytes()))


def parse(source: str) -> Reading:
    """Markdown to pieces; comments are left out, soft line breaks inside a paragraph are joined."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    lines: list[Line] = []
    title = ""
    if matter := _MATTER.match(source):
        named = re.search(r"(?m)^title:\s*[\"']?(.+?)[\"']?\s*$", matter[1])
        title = named[1] if named else ""
        lines.append((0, matter[1]))
        source = source[matter.end() :]
    at = 0
    for start, end, fenced in _set_apart(source):
        lines += _plain(source[at:start])
        if fenced:
            lines.append((0, source[start:end]))
        at = end
    lines += _plain(source[at:])
    first = next((line for line in lines if line[1].strip()), (0, ""))
    return Reading(title or (heading_name(first[1]) if first[0] == 1 else ""), headed(lines))


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


def _plain(source: str) -> list[Line]:
    """Headings and paragraphs of Markdown that holds no fenced code."""
    lines: list[Line] = []
    block: list[str] = []

    def close() -> None:
        if block:
            lines.append((0, _soften(block)))
            block.clear()

    for line in source.split("\n"):
        underline = _UNDERLINE.match(line)
        if heading := _HEADING.match(line):
            close()
            lines.append((len(heading[1]), line))
        elif underline and len(block) == 1 and not _BY_HAND.match(block[0]):
            lines.append((1 if "=" in underline[1] else 2, block.pop() + "\n" + line))
        elif line.strip():
            block.append(line)
        else:
            close()
    close()
    return lines


def _soften(block: list[str]) -> str:
    if any(_BY_HAND.match(line) for line in block):
        return "\n".join(block)
    parts: list[list[str]] = [[]]
    for line in block:
        parts[-1].append(line.removesuffix("\\"))
        if line.endswith(("  ", "\\")):
            parts.append([])
    return "\n".join(unwrap("\n".join(part)) for part in parts if part)
