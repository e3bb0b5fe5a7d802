"""Jupyter notebooks: the text of their cells, their code as it is, and what of its results is text."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.clean import Line, Piece, Reading, heading_name, outlined
from ingest.readers import matter, source
from ingest.readers.encoding import decode
from ingest.readers.plain import code, markdown
from ingest.readers.plain.definitions import Grammar
from storage.anchors import Lines

_LONGEST = 4000  # characters of a result; what is longer is a log, and its beginning tells enough
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_DATA = re.compile(r"\(data:[^()\s]{200,}\)")  # a picture inside of text
_OBJECT = re.compile(r"<[^<>\n]*(?: at 0x[0-9a-f]+|Axes|object)>|\[?<[\w.]+ at 0x[0-9a-f]+>\]?")
_TEXTS = ("text/markdown", "text/plain", "text/latex", "text")  # the forms of a result that are text, the best first

Json = dict[str, Any]


def read(path: Path) -> Reading:
    """Each cell is a page, below the headings of the text cells before it; code and results are between fences.

    A file that is no notebook is read as the text that it is.
    """
    text = decode(path.read_bytes())
    try:
        notebook = json.loads(text)
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        found = [(number, cell) for number, cell in enumerate(cells, start=1) if isinstance(cell, dict)]
    except (ValueError, RecursionError, LookupError, TypeError):
        return code.parse(source.of(text), Grammar(), "")
    about = notebook.get("metadata")
    about = about if isinstance(about, dict) else {}
    lines = [line for number, cell in found for line in _cell(cell, number, _language(about))]
    titles = (heading_name(line.text) for line in lines if line.level == 1)
    authors = about.get("authors")
    named = [each.get("name", "") for each in authors if isinstance(each, dict)] if isinstance(authors, list) else []
    return Reading(
        _text(about.get("title")) or next(titles, ""),
        tuple(map(_on_page, outlined(lines))),
        pages=len(cells),
        authors=matter.few(map(_text, named)),
    )


def _language(about: Json) -> str:
    names = (about.get(key) for key in ("language_info", "kernelspec"))
    found = next((each.get("name") for each in names if isinstance(each, dict)), "")
    return found.rstrip("0123456789") if isinstance(found, str) and re.fullmatch(r"[a-zA-Z]\w{0,19}", found) else ""


def _cell(cell: Json, number: int, language: str) -> Iterator[Line]:
    """What a cell shows; the number of the cell stands in the place of lines."""
    said = _text(cell.get("source", cell.get("input")))
    spot = Lines(number, number)
    match cell.get("cell_type"):
        case "markdown":
            for line in markdown.lines(_DATA.sub("()", said), 1):
                yield line._replace(spot=spot, text=_closed(line.text))
        case "heading":  # of the third version of the format
            level = cell.get("level")
            yield Line(level if isinstance(level, int) and 0 < level < 7 else 1, said, spot)
        case "code":
            if said.strip():
                yield Line(0, _fenced(said, language), spot)
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                yield from (Line(0, shown, spot) for shown in _output(output))
        case _:
            yield Line(0, _closed(said), spot)


def _output(output: Any) -> Iterator[str]:
    if not isinstance(output, dict):
        return
    if "ename" in output:
        yield _fenced(f"{_text(output['ename'])}: {_text(output.get('evalue'))}", "")
        return
    data = output.get("data")
    data = data if isinstance(data, dict) else output
    kind = next((kind for kind in _TEXTS if _text(data.get(kind)).strip()), "")
    said = _COLOURS.sub("", _text(data.get(kind))).strip("\n")
    if kind in ("text/markdown", "text/latex"):
        yield _closed(_DATA.sub("()", said))
    elif said and not _OBJECT.fullmatch(said.strip()):
        yield _fenced(said if len(said) <= _LONGEST else said[: said.rfind("\n", 1, _LONGEST)] + "\n…", "")


def _text(value: Any) -> str:
    """A text, or the lines that make one."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _fenced(said: str, language: str) -> str:
    return f"```{language}\n{said.rstrip()}\n```"


def _closed(text: str) -> str:
    """A fence that is never closed ends with its cell."""
    fence = text.lstrip()[:3]
    open_ = fence in ("```", "~~~") and not text.rstrip().endswith(fence, 3)
    return f"{text.rstrip()}\n{fence}" if open_ else text


def _on_page(piece: Piece) -> Piece:
    page = piece.spot.first if isinstance(piece.spot, Lines) else None
    return replace(piece, page=page, spot=None, verbatim=piece.text.startswith("```"))
