"""Documents as HTML to read in: their text in its form, with a quote marked (pure).

All of it is other people's text: it is escaped, and its links lead nowhere.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from ingest.clean import heading_name
from storage.records import Document, Section
from ui.web.drawer.shown import Span

_MARKS = re.compile(r"\s{0,3}(#{1,6})\s+")
_ITEM = re.compile(r"(\s*)(?:[-*+•]|\d{1,3}[.)、])\s+")
_QUOTED = re.compile(r"\s{0,3}>\s?")
_FENCE = re.compile(r"(?m)^[ ]*(?:```|~~~).*$")
_RULE = re.compile(r"\s*([-=*_])(?:\s*\1){2,}\s*$")
_RULED = re.compile(r"[\s|:-]+$")  # the line below a table's head
_INLINE = re.compile(
    r"\*\*(?=\S)(?P<strong>.+?)(?<=\S)\*\*|(?P<ticks>`+)(?P<code>.+?)(?P=ticks)"
    r"|!?\[(?P<link>[^\[\]]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+[\"'][^\"']*[\"'])?\)"
)
_LONGEST = 2000  # characters of a line that is not cut


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a text, where it begins there, and what it is; `level` is that of a heading."""

    start: int
    text: str
    kind: str
    level: int = 0


def text(document: Document, shown: Span, quote: Span, name: Callable[[Section], str]) -> str:
    """The characters `shown` of a document, its headings, lists, tables and code in their form.

    `name` gives what stands above a section: what its page is called. It is not said again in the next section.
    """
    parts: list[str] = []
    for kind, group in groupby(_lines(document, shown, name), key=lambda line: line.kind):
        lines = list(group)
        if kind == "page":
            parts += [f'<div class="fn-page">{escape(line.text)}</div>' for line in lines]
        else:
            parts.append(_FORMS[kind](lines, quote))
    return f'<div class="fn-text">{"".join(parts)}</div>'


def window(text: str, around: Span, before: int, after: int) -> Span:
    """The characters to show: those around some with about `before` and `after` on each side, cut at ends of lines."""
    start, end = max(around[0] - before, 0), min(around[1] + after, len(text))
    line = text.rfind("\n", max(start - _LONGEST, 0), start)
    begin = line + 1 if line >= 0 else start if start > _LONGEST else 0
    line = text.find("\n", end, end + _LONGEST)
    finish = line if line >= 0 else end if len(text) - end > _LONGEST else len(text)
    return begin, finish


def _lines(document: Document, shown: Span, name: Callable[[Section], str]) -> Iterator[_Line]:
    headings = {s.start: s.heading.split(" > ") for s in document.sections if s.heading}
    names = {s.start: name(s) for s in document.sections if s.start <= shown[1] and s.end >= shown[0]}
    said = ""
    fenced = len(_FENCE.findall(document.text, 0, shown[0])) % 2 == 1
    start = shown[0]
    for line in document.text[slice(*shown)].split("\n"):
        path = headings.get(start, [])
        if names.get(start, said) != said:
            said = names[start]
            if said:
                yield _Line(start, said, "page")
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            yield _Line(start, line, "code")
        elif path and heading_name(line) == path[-1]:
            yield _Line(start, line, "heading", len(path))
        elif line.strip() and not _RULE.match(line):
            yield _Line(start, line, *_kind(line))
        else:
            yield _Line(start, "", "blank")
        start += len(line) + 1


def _kind(line: str) -> tuple[str, int]:
    if found := _MARKS.match(line):
        return "heading", len(found[1])
    if line.lstrip().startswith("|"):
        return "table", 0
    if found := _ITEM.match(line):
        return "item", min(len(found[1]) // 2, 4)
    return ("cited", 0) if _QUOTED.match(line) else ("plain", 0)


def _heading(lines: Sequence[_Line], quote: Span) -> str:
    parts = []
    for line in lines:
        marks = _MARKS.match(line.text)
        parts.append(f'<p class="fn-h{min(line.level, 4)}">{_inline(line, marks.end() if marks else 0, quote)}</p>')
    return "".join(parts)


def _items(lines: Sequence[_Line], quote: Span) -> str:
    """Items keep the marks and numbers that they have in the text."""
    parts = []
    for line in lines:
        mark = _ITEM.match(line.text)
        end = mark.end() if mark else 0
        sign = line.text[:end].strip()
        sign = "•" if sign in ("-", "*", "+") else sign
        parts.append(
            f'<p class="fn-item" style="margin-left: {line.level * 1.25}rem"><span>{escape(sign)}</span>'
            f"<span>{_inline(line, end, quote)}</span></p>"
        )
    return "".join(parts)


def _plain(lines: Sequence[_Line], quote: Span) -> str:
    return f"<p>{'<br>'.join(_inline(line, 0, quote) for line in lines)}</p>"


def _cited(lines: Sequence[_Line], quote: Span) -> str:
    starts = [_QUOTED.match(line.text) for line in lines]
    inside = [_inline(line, found.end() if found else 0, quote) for line, found in zip(lines, starts, strict=True)]
    return f"<blockquote>{'<br>'.join(inside)}</blockquote>"


def _code(lines: Sequence[_Line], quote: Span) -> str:
    inside = "\n".join(marked(line.text, line.start, quote) for line in lines)
    return f"<pre>{inside}</pre>"


def _table(lines: Sequence[_Line], quote: Span) -> str:
    rows = []
    for line in lines:
        if _RULED.match(line.text):
            continue
        cells = [
            f"<td>{_inline(_Line(line.start, line.text[: found.end()], ''), found.start(), quote)}</td>"
            for found in re.finditer(r"(?:\\.|[^|\\])+", line.text.rstrip().removesuffix("|"))
            if found[0].strip() or found.start() > len(line.text) - len(line.text.lstrip())
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="fn-table"><table><tbody>{"".join(rows)}</tbody></table></div>'


def _blank(lines: Sequence[_Line], quote: Span) -> str:
    return ""


_FORMS: dict[str, Callable[[Sequence[_Line], Span], str]] = {
    "blank": _blank, "cited": _cited, "code": _code, "heading": _heading, "item": _items, "plain": _plain,
    "table": _table,
}  # fmt: skip


def _inline(line: _Line, at: int, quote: Span) -> str:
    """The text of a line from `at` on: bold, code and the words of links in their form."""
    parts: list[str] = []
    for found in _INLINE.finditer(line.text, at):
        parts.append(marked(line.text[at : found.start()], line.start + at, quote))
        kind = found.lastgroup if found.lastgroup != "ticks" else "code"
        inside = marked(found[kind or 0], line.start + found.start(kind or 0), quote)
        parts.append(_TAGS[kind or "link"].format(inside))
        at = found.end()
    return "".join([*parts, marked(line.text[at:], line.start + at, quote)])


_TAGS = {"strong": "<strong>{}</strong>", "code": "<code>{}</code>", "link": '<span class="fn-link">{}</span>'}


def marked(text: str, start: int, quote: Span) -> str:
    """Escaped text that begins at `start`, with what the quote has of it marked."""
    first, last = (min(max(at - start, 0), len(text)) for at in quote)
    inside = escape(text[first:last])
    return escape(text[:first]) + (f"<mark>{inside}</mark>" if inside.strip() else inside) + escape(text[last:])
