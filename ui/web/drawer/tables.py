"""The rows of table files and of sheets, with the cited ones marked."""

from pathlib import Path

import streamlit as st

from storage.errors import UnreadableFile
from storage.records import Document
from ui.original import rows as table
from ui.original import sheets
from ui.original.sheets import Grid, Place
from ui.web.drawer import exhibits, numbered
from ui.web.drawer.shown import Shown, Turned, bounds, parts
from ui.web.drawer.turning import Leaf, note, turner
from ui.web.speech import say

_ROWS = 12  # of a table on each side of the cited ones
_FIRST = 40  # of a sheet that is shown from its beginning
_MORE = 50


def rows(shown: Shown) -> None:
    """The rows of a table file; its lines where it is too large, or its rows cannot be told apart."""
    turned = shown.turned
    try:
        found = table.around(shown.path, shown.document, shown.quote, _ROWS + turned.before)
    except UnreadableFile:
        numbered.lines(shown)
        return
    st.html(exhibits.rows(found, say("Rows of {title}", title=shown.document.title)))
    if found.before or found.after:
        _more(turned)


def sheet(shown: Shown) -> None:
    """The rows of a sheet, under the letters of its columns and their names."""
    document = shown.document
    quoted = parts(document, shown.quote)
    number = shown.turned.page or min(quoted, default=1)
    own = bounds(document).get(number, (0, 0))
    part = quoted.get(number)
    place = Place(number, own, part.span if part else (own[0], own[0]))
    around = _ROWS if part else _FIRST
    found = _grid(document.sha256, place, around + shown.turned.before, document, shown.path)
    names = found.names
    name = names[number - 1] if number <= len(names) else ""
    called = name if len(names) == 1 else say("Sheet {n} of {sheets}: {name}", n=number, sheets=len(names), name=name)
    leaf = Leaf(number, len(names), sorted(quoted), called, say("Previous sheet"), say("Next sheet"), flat=True)
    turner(shown.turned, leaf)
    st.html(exhibits.grid(found, say("Rows of the sheet {name} of {title}", name=name, title=document.title)))
    if found.wider:
        note(say("There are more columns than these."))
    if found.before or found.after:
        _more(shown.turned)


@st.cache_data(show_spinner=False, max_entries=60)
def _grid(sha256: str, place: Place, most: int, _document: Document, _path: Path) -> Grid:
    return sheets.around(_path, _document, place, most)


def _more(turned: Turned) -> None:
    def more() -> None:
        turned.before += _MORE

    st.button(say("Show more rows"), key="panel-rows", type="tertiary", on_click=more)
