"""The process that reads the rows of a sheet around those that are cited, each value as its reader shows it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.clean import Piece
from ingest.readers import kind
from ingest.readers.grid import Merge, Row
from ingest.readers.office import ods, sheet, xlsx
from ui.original.child import Object, answer

_READERS = {".xlsx": xlsx, ".xlsm": xlsx, ".ods": ods, ".xls": sheet, ".xlsb": sheet}
_WIDEST = 1000  # columns
_DEEPEST = 3  # rows that name the columns
_MOST = 1000  # characters of a cell

Shown = tuple[int, list[str]]


class _Sheets:
    """Keeps the rows of one sheet up to the last that is wanted; `more` tells that there are others below it."""

    def __init__(self, page: int, last: int) -> None:
        self.names: list[str] = []
        self.rows: dict[int, list[str]] = {}
        self.more = False
        self._page, self._last = page, last

    def take(self, name: str, page: int, rows: Iterable[Row], merges: Sequence[Merge] = ()) -> Iterable[Piece]:
        """What a reader of sheets calls for each of them."""
        self.names.append(name)
        for row in rows if page == self._page else ():
            if row.number > self._last:
                self.more = True
                break
            self.rows[row.number] = _dense(row.cells)
        return ()


def read(request: Object) -> tuple[Object, bytes]:
    """The rows `first` to `last` (from 1) of sheet `page` of `path`, and those of the rows `above` that name columns:
    the last that is not blank, with what stands right above it."""
    path, first = Path(request["path"]), request["first"]
    sheets = _Sheets(request["page"], request["last"])
    reader = _READERS[kind(path)]
    for _ in reader.read(path, sheets.take).pieces:  # of a large workbook they come one by one
        pass
    end = request["last"] if sheets.more else max(sheets.rows, default=0)
    rows = [(number, sheets.rows.get(number, [])) for number in range(first, end + 1)]
    heads = _heads(sheets.rows, request["above"])
    return {"names": sheets.names, "rows": rows, "heads": heads, "more": sheets.more}, b""


def _heads(rows: dict[int, list[str]], above: Sequence[int]) -> list[Shown]:
    heads: list[Shown] = []
    for number in reversed([each for each in above if each in rows]):
        if heads and (heads[0][0] != number + 1 or len(heads) == _DEEPEST):
            break
        heads.insert(0, (number, rows[number]))
    return heads


def _dense(cells: dict[int, str]) -> list[str]:
    return [cells.get(column, "")[:_MOST] for column in range(1, min(max(cells, default=0), _WIDEST) + 1)]


if __name__ == "__main__":
    answer(read)
