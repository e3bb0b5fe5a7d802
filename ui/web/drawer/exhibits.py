"""What is shown of a file as it looks, as HTML: rows, sheets, numbered lines, pictures, with a quote marked (pure).

All of it is other people's: it is escaped. Each has a label for those who hear the page.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from ui.original.numbered import Line
from ui.original.pictures import Picture
from ui.original.rows import Row, Rows
from ui.original.sheets import Grid
from ui.spots import column
from ui.web.drawer.reading import marked

_CITED = ' class="fn-cited"'
_LONGEST = 2000  # characters of a line that is shown whole
_BEFORE = 600  # those that stay before what is marked in a longer one


def rows(found: Rows, label: str) -> str:
    """Rows of a table file, with the cited ones and what the quote has of their cells marked."""
    width = max([len(found.names), *(len(row.cells) for row in found.rows)])
    names = [*found.names, *[""] * (width - len(found.names))]
    head = f"<tr>{_heads(('', *names))}</tr>" if found.names else ""
    return _sheet(head, found.rows, label)


def grid(found: Grid, label: str) -> str:
    """Rows of a sheet under the letters of its columns and their names; cited ones are marked as in a table file."""
    shown = [*found.rows, *found.heads]
    width = max([1, *(at + 1 for row in shown for at, cell in enumerate(row.cells) if cell)])
    letters = [column(found.left + at) for at in range(width)]
    head = f'<tr class="fn-letters">{_heads(("", *letters))}</tr>'
    for row in found.heads:
        head += f"<tr>{_heads((str(row.number), *_filled(row, width)))}</tr>"
    return _sheet(head, [replace(row, cells=_filled(row, width)) for row in found.rows], label)


def _filled(row: Row, width: int) -> tuple[str, ...]:
    return (*row.cells[:width], *[""] * (width - len(row.cells)))


def _heads(names: Sequence[str]) -> str:
    return "".join(f'<th scope="col">{escape(name)}</th>' for name in names)


def _sheet(head: str, found: Sequence[Row], label: str) -> str:
    return (
        f'<div class="fn-table fn-sheet" role="region" tabindex="0" aria-label="{escape(label)}"><table>'
        f"<thead>{head}</thead><tbody>{''.join(map(_row, found))}</tbody></table></div>"
    )


def _row(row: Row) -> str:
    shown = (marked(cell, 0, row.marks.get(at, (0, 0))) for at, cell in enumerate(row.cells))
    cells = "".join(f"<td>{cell}</td>" for cell in shown)
    return f'<tr{_CITED if row.cited else ""}><th scope="row">{row.number}</th>{cells}</tr>'


def lines(found: Sequence[Line], label: str, code: bool) -> str:
    """Lines of a text file under their numbers, with the cited ones and what the quote has of them marked."""
    digits = len(str(found[-1].number)) if found else 1
    kind = "fn-lines fn-code" if code else "fn-lines"
    items = "".join(
        f'<li value="{line.number}"{_CITED if line.cited else ""}>{_line(line) or "<br>"}</li>' for line in found
    )
    return (
        f'<div class="{kind}" role="region" tabindex="0" aria-label="{escape(label)}" '
        f'style="--fn-digits: {digits}"><ol>{items}</ol></div>'
    )


def _line(line: Line) -> str:
    """A line; of a very long one a stretch with its mark."""
    if len(line.text) <= _LONGEST:
        return marked(line.text, 0, line.mark)
    start = max(line.mark[0] - _BEFORE, 0)
    end = min(start + _LONGEST, len(line.text))
    shown = marked(line.text[start:end], start, line.mark)
    return f"{'…' if start else ''}{shown}{'…' if end < len(line.text) else ''}"


def picture(found: Picture, label: str, large: bool, framed: bool = False) -> str:
    """The picture of a page with the lines of the quote marked on it; with frames, if it may be dark."""
    forms = f"fn-leaf{' fn-large' if large else ''}{' fn-framed' if framed else ''}"
    marks = "".join(
        f'<mark style="left: {box.left:.2%}; top: {box.top:.2%}; width: {box.right - box.left:.2%}; '
        f'height: {box.bottom - box.top:.2%}"></mark>'
        for box in found.boxes
    )
    return (
        f'<div class="{forms}" role="region" tabindex="0" aria-label="{escape(label)}">'
        f'<div><img src="data:image/webp;base64,{b64encode(found.image).decode()}" width="{found.width}" '
        f'height="{found.height}" alt="{escape(label)}">{marks}</div></div>'
    )
