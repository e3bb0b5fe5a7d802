"""An answer's text as blocks and runs (pure): the page and every export show the same, each in its own way.

Of Markdown, only headings, lists, bold and code act: no link, image or HTML does.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby, pairwise
from typing import Literal

from storage.records import Citation

Kind = Literal["", "paragraph", "heading", "bullets", "numbers", "code"]

_ITEM = re.compile(r"\s*(?:[-*•]\s+|(\d{1,3})[.)]\s+|(\d{1,3})、\s*)")
_HEADING = re.compile(r"\s*#{1,6}\s+")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that looks the same throughout; or, where `marker` is not 0, a footnote's number and no text.

    `last` tells that an unsupported stretch ends with this run.
    """

    text: str
    bold: bool = False
    code: bool = False
    unsupported: bool = False
    marker: int = 0
    last: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: those of a paragraph or of code, or the items of a list, numbered from `number`."""

    kind: Kind
    lines: tuple[tuple[Run, ...], ...]
    number: int = 1


def blocks(
    text: str, citations: Sequence[Citation] = (), unsupported: Sequence[tuple[int, int]] = ()
) -> tuple[Block, ...]:
    """The blocks of an answer, with its footnotes' numbers and its unsupported spans in place."""
    notes = marks(text, citations)
    made: list[Block] = []
    kind: Kind = ""
    start = 0
    for line in text.split("\n"):
        new, prefix, number = _kind(line, kind)
        here = [(at - start, marker) for at, marker in notes if start < at <= start + len(line)]
        spans = [(a - start, b - start) for a, b in unsupported if a < start + len(line) and b > start]
        if new and not (fence := line.lstrip().startswith("```")):
            runs = tuple(_runs(line, prefix, here, spans, plain=new == "code"))
            if new == kind and new != "heading":
                made[-1] = replace(made[-1], lines=(*made[-1].lines, runs))
            else:
                made.append(Block(new, (runs,), number))
        elif new and fence:
            made.append(Block("code", ()))
        if here and not new and made:  # the sentence ends with the line that closes its code
            ended = (*(made[-1].lines or ((),))[-1], *(Run("", marker=marker) for _, marker in here))
            made[-1] = replace(made[-1], lines=(*made[-1].lines[:-1], ended))
        kind = new
        start += len(line) + 1
    return tuple(made)


def marks(text: str, citations: Sequence[Citation]) -> list[tuple[int, int]]:
    """Where each footnote's number belongs: right after its sentence's punctuation, before a space or line break."""
    return sorted({(len(text[: each.answer_end].rstrip()), each.marker) for each in citations})


def html(blocks: Sequence[Block], note: Callable[[int], str]) -> str:
    """Blocks as HTML: everything of theirs is escaped; `note` makes a footnote's number."""
    return "".join(_html(block, note) for block in blocks)


def _kind(line: str, kind: Kind) -> tuple[Kind, int, int]:
    """What kind of block a line belongs to, the characters of Markdown before its text, and an item's number."""
    if line.lstrip().startswith("```"):
        return ("", 0, 1) if kind == "code" else ("code", 0, 1)
    if kind == "code":
        return "code", 0, 1
    if not line.strip():
        return "", 0, 1
    if found := _HEADING.match(line):
        return "heading", found.end(), 1
    if found := _ITEM.match(line):
        number = found[1] or found[2]
        return ("numbers", found.end(), int(number)) if number else ("bullets", found.end(), 1)
    return "paragraph", 0, 1


def _runs(
    line: str, prefix: int, notes: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]], *, plain: bool
) -> Iterator[Run]:
    """One line's text from `prefix` on, cut wherever its look changes or a footnote's number belongs."""
    looks = {} if plain else _looks(line)
    inside = {at for first, last in spans for at in range(max(first, prefix), min(last, len(line)))}
    ends = {min(last, len(line)) for first, last in spans if max(first, prefix) < min(last, len(line))}
    cuts = sorted({prefix, len(line), *(max(at, prefix) for at, _ in notes), *ends})
    for at, marker in notes:
        if at <= prefix:
            yield Run("", marker=marker)
    for first, last in pairwise(cuts):
        shown = [at for at in range(first, last) if looks.get(at) != "hidden"]
        grouped = [(look, list(group)) for look, group in groupby(shown, lambda at: (looks.get(at, ""), at in inside))]
        for number, ((look, unsupported), group) in enumerate(grouped, 1):
            ending = unsupported and number == len(grouped) and last in ends
            yield Run("".join(line[at] for at in group), "b" in look, "c" in look, unsupported, last=ending)
        for at, marker in notes:
            if at == last > prefix:
                yield Run("", marker=marker)


def _looks(line: str) -> dict[int, str]:
    """How characters look: "b" bold, "c" code, "bc" both; "hidden" are those that only say so."""
    looks: dict[int, str] = {}
    codes = [found.span() for found in _CODE.finditer(line)]
    masked = _CODE.sub(lambda found: "x" * len(found[0]), line)
    for found in _BOLD.finditer(masked):
        looks |= dict.fromkeys(range(*found.span(1)), "b")
        looks |= dict.fromkeys([*range(found.start(), found.start(1)), *range(found.end(1), found.end())], "hidden")
    for first, last in codes:
        looks |= {at: looks.get(at, "") + "c" for at in range(first + 1, last - 1)}
        looks |= dict.fromkeys((first, last - 1), "hidden")
    return looks


def _html(block: Block, note: Callable[[int], str]) -> str:
    lines = ["".join(_run(run, note) for run in line) for line in block.lines]
    if block.kind == "code":
        return "<pre>" + "".join(line + "\n" for line in lines) + "</pre>"
    if block.kind in ("bullets", "numbers"):
        items = "".join(f"<li>{line}</li>" for line in lines)
        return f'<ol start="{block.number}">{items}</ol>' if block.kind == "numbers" else f"<ul>{items}</ul>"
    heading = ' class="fn-heading"' if block.kind == "heading" else ""
    return f"<p{heading}>{'<br>'.join(lines)}</p>"


def _run(run: Run, note: Callable[[int], str]) -> str:
    if run.marker:
        return note(run.marker)
    text = escape(run.text)
    text = f"<code>{text}</code>" if run.code else text
    text = f"<strong>{text}</strong>" if run.bold else text
    return f'<span class="fn-unsupported">{text}</span>' if run.unsupported else text
