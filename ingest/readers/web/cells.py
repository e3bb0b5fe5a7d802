"""Tables of HTML: each row becomes a line that says what its values mean."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from selectolax.lexbor import LexborNode

from ingest.readers.records.table import header_of, sentences

_MOST_COLUMNS = 200
_LONGEST = 1000  # characters of a cell: with more the table lays out a page, unless it names its columns
_CURRENCY = re.compile(r"[$€£¥₹]|(?:US|HK|NT|A|C)\$|RMB|EUR|USD|GBP")
_AFTER = re.compile(r"[)%％]+")


@dataclass(slots=True)
class _Row:
    """The cells of a row by column, a cell that goes over several in the first of them; `heads` are the header cells.

    `single` tells that one cell goes over all columns.
    """

    texts: list[str]
    heads: list[bool]
    spans: list[int]
    single: bool = False


def rows(table: LexborNode, text_of: Callable[[LexborNode], str]) -> list[str]:
    """The rows of a table of data as sentences; [] for a table that only lays out a page."""
    if (table.attributes.get("role") or "") in ("presentation", "none"):
        return []
    # Sought below its children: a search below the table itself would find it, too.
    if any(child.css_first("table, pre, h1, h2, h3") is not None for child in table.iter()):
        return []
    grid = _grid(table, text_of)
    width = max((len(row.texts) for row in grid), default=0)
    named = any(all(row.heads) for row in grid) or any(row.heads[0] for row in grid)
    longest = max((len(text) for row in grid for text in row.texts), default=0)
    if len(grid) < 2 or width < 2 or longest > _LONGEST * (5 if named else 1):
        return []
    caption = table.css_first("caption")
    title = [" ".join(caption.text().split())] if caption is not None else []
    return [line for line in title if line] + _said(grid)


def _grid(table: LexborNode, text_of: Callable[[LexborNode], str]) -> list[_Row]:
    """The rows that are not blank. What goes over several rows stands in each, so that each can be read alone."""
    out: list[_Row] = []
    reaching: dict[int, tuple[int, str, bool, int]] = {}  # by column: rows left, and what stands there
    for node in table.css("tr"):
        row = _Row([], [], [])
        for cell in node.css("td, th"):
            _take_down(row, reaching)
            wide = min(_span(cell, "colspan"), _MOST_COLUMNS - len(row.texts))
            if wide < 1:
                break
            value = (text_of(cell), cell.tag == "th", wide)
            if (tall := _span(cell, "rowspan")) > 1:
                reaching[len(row.texts)] = (tall - 1, *value)
            _put(row, *value)
        _take_down(row, reaching)
        if any(row.texts):
            out.append(row)
    width = max((len(row.texts) for row in out), default=0)
    for row in out:
        row.single = len(row.spans) == 1 and row.spans[0] == width > 1
        missing = width - len(row.texts)
        row.texts += [""] * missing
        row.heads += [row.heads[-1]] * missing
        row.spans += [1] * missing
    return out


def _take_down(row: _Row, reaching: dict[int, tuple[int, str, bool, int]]) -> None:
    while (at := len(row.texts)) in reaching:
        left, text, head, wide = reaching.pop(at)
        if left > 1:
            reaching[at] = (left - 1, text, head, wide)
        _put(row, text, head, wide)


def _put(row: _Row, text: str, head: bool, wide: int) -> None:
    row.texts += [text] + [""] * (wide - 1)
    row.heads += [head] * wide
    row.spans.append(wide)


def _span(cell: LexborNode, name: str) -> int:
    given = (cell.attributes.get(name) or "1").strip()
    return int(given) if given.isascii() and given.isdigit() and 0 < int(given[:6]) <= _MOST_COLUMNS else 1


def _said(grid: list[_Row]) -> list[str]:
    """Titles that go over all columns stand on lines of their own, and the columns keep their names below them."""
    top = _header_rows(grid)
    names = _names(grid[:top])
    body = grid[top:]
    plain = [row for row in body if not row.single]
    if not names and len(_filled(plain)) > 2 and not all(row.heads[0] for row in plain):
        names = list(header_of([_joined(row.texts) for row in plain]))
        body = [row for row in body if row is not plain[0]] if names else body
    out = [row.texts[0] for row in grid[:top] if row.single]
    for single, group in groupby(body, key=lambda row: row.single):
        rows = list(group)
        out += [row.texts[0] for row in rows] if single else _block(names, rows)
    return out


def _header_rows(grid: list[_Row]) -> int:
    """How many rows at the top name the columns; none where all rows are of such cells."""
    for at, row in enumerate(grid):
        if not row.single and not all(row.heads):
            return at if any(not above.single for above in grid[:at]) else 0
    return 0


def _names(heads: list[_Row]) -> list[str]:
    """The names of the columns, one below another where several rows name them."""
    rows = [_spread(row) for row in heads if not row.single]
    return [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*rows, strict=True)]


def _spread(row: _Row) -> list[str]:
    """A header row with the name of a group of columns on each of them."""
    out: list[str] = []
    for wide in row.spans:
        out += [row.texts[len(out)]] * wide
    return out


def _joined(texts: list[str]) -> list[str]:
    """Signs that have a cell of their own belong to the figure beside them: "$", "1,204", ")"."""
    out = list(texts)
    for at, text in enumerate(out):
        before = next((n for n in range(at - 1, -1, -1) if out[n]), None)
        if _AFTER.fullmatch(text) and before is not None:
            out[before], out[at] = out[before] + text, ""
        elif _CURRENCY.fullmatch(text) and at + 1 < len(out) and re.match(r"[(\d-]", out[at + 1]):
            out[at + 1], out[at] = text + out[at + 1], ""
    return out


def _block(names: list[str], rows: list[_Row]) -> list[str]:
    filled = _filled(rows)
    kept = [[row[at] for at in filled] for row in map(_joined, (row.texts for row in rows))]
    if names:
        return sentences([[names[at] for at in filled], *kept], header=True)
    paired = len(filled) == 2 and (len(rows[0].texts) == 2 or all(re.search(r"\d", row[1]) for row in kept if row[1]))
    if paired or all(row.heads[0] for row in rows):
        return [": ".join(filter(None, (row[0], "; ".join(filter(None, row[1:]))))) for row in kept]
    return sentences(kept, header=False)


def _filled(rows: list[_Row]) -> list[int]:
    """The columns that hold anything, once signs have met their figures."""
    columns = list(zip(*map(_joined, (row.texts for row in rows)), strict=True))
    return [at for at, column in enumerate(columns) if any(column)]
