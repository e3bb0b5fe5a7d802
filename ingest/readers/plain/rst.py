"""reStructuredText: its headings give the structure, what its directives hold is kept, code stays as written."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from ingest.clean import Line, Reading, heading_name, outlined
from ingest.readers import matter, source
from ingest.readers.plain import rst_tables, text
from ingest.readers.plain.rst_text import MARKER, Stretch, inline, stretches
from ingest.readers.records.table import sentences
from ingest.readers.source import Numbered
from ingest.unwrap import columns
from storage.anchors import Lines

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}")
_EXPLICIT = re.compile(r"\.\.(?:\s|$)")
_DIRECTIVE = re.compile(r"\.\.\s+(?:\|[^|]+\|\s+)?([\w:.+-]*\w)\s?::(?:\s+(.*)|$)")
_NOTE = re.compile(r"\.\.\s+(\[[^\]\s]+\]\s.*)")
_OPTION = re.compile(r"\s*:([\w-]+):\s*(.*)")
_CODE = frozenset(
    "code code-block sourcecode parsed-literal math productionlist graphviz digraph doctest testcode testoutput"
    " testsetup ipython prompt console uml mermaid".split()
)
_LEFT_OUT = frozenset(
    "index toctree contents include literalinclude raw role default-role currentmodule sectnum highlight tabularcolumns"
    " rst-class target-notes replace unicode date meta automodule autoclass autofunction autosummary".split()
)
_PICTURES = ("image", "figure")  # their argument is the name of a file
_TABLES = {"list-table": rst_tables.listed, "csv-table": rst_tables.separated}
_SAYING = ("alt", "caption", "synopsis")  # options whose values are text
_LABELS = {
    **{"versionadded": "Added in", "versionchanged": "Changed in", "deprecated": "Deprecated since"},
    **{
        name: f"{name.capitalize()}:"
        for name in "attention caution danger error hint important note tip warning seealso todo".split()
    },
}
_FOR_PROGRAMS = ("tocdepth", "orphan", "nosearch", "nocomments")
_DEEPEST = 12  # directives and quotes inside of each other


def read(path: Path) -> Reading:
    """The title is the first heading; authors, date and keywords are the fields at the top."""
    opened = source.opened(path)
    if opened.large:
        return text.parse(opened)
    document = _Document(list(opened.lines))
    pieces = tuple(outlined(document.lines()))
    fields = document.fields
    return Reading(
        fields.get("title") or document.title,
        pieces,
        authors=matter.few(matter.names("\n".join(fields.get(name, "") for name in ("author", "authors")))),
        created=matter.dated(fields.get("date", "")),
        tags=matter.few(matter.keywords("\n".join(fields.get(name, "") for name in ("keywords", "tags")))),
    )


class _Document:
    """One pass over the lines of a file."""

    def __init__(self, lines: list[Numbered]) -> None:
        self.title = ""
        self.fields: dict[str, str] = {}
        self._all = [(number, line.expandtabs(8)) for number, line in lines]
        self._styles: list[str] = []
        self._begun = False  # behind the title and the fields at the top

    def lines(self) -> Iterator[Line]:
        """Its headings and paragraphs."""
        return self._blocks(self._all, 0)

    def _blocks(self, lines: Sequence[Numbered], depth: int) -> Iterator[Line]:
        at = 0
        while at < len(lines):
            line = lines[at][1]
            if not line.strip():
                at += 1
            elif length := self._adorned(lines, at) if not depth else 0:
                yield from self._heading(lines[at : at + length])
                at += length
            else:
                end = _end(lines, at)
                yield from self._block(lines[at:end], depth)
                at = end

    def _adorned(self, lines: Sequence[Numbered], at: int) -> int:
        """How many lines a heading has that begins here, or a rule between paragraphs; 0 for none."""
        first, second, third = [*(line.rstrip() for _, line in lines[at : at + 3]), "", ""][:3]
        if _ADORNMENT.fullmatch(first):
            if second.strip() and third[:1] == first[0] and _ADORNMENT.fullmatch(third):
                return 3
            return 1 if len(first) > 3 and not second else 0
        title = not first[0].isspace() and _ADORNMENT.fullmatch(second)
        return 2 if title and len(second) >= min(columns(first), 4) else 0

    def _heading(self, lines: Sequence[Numbered]) -> Iterator[Line]:
        if len(lines) == 1:
            return
        name = inline(lines[-2][1].strip())
        style = lines[-1][1][0] * (len(lines) - 1)  # those with a line above are others
        if style not in self._styles:
            self._styles.append(style)
        self.title = self.title or heading_name(name)
        yield Line(min(self._styles.index(style) + 1, 9), name, Lines(lines[0][0], lines[-1][0]))

    def _block(self, lines: Sequence[Numbered], depth: int) -> Iterator[Line]:
        number, line = lines[0]
        if line[0].isspace():
            yield from self._blocks(_dedented(lines), depth + 1) if depth < _DEEPEST else _as_they_are(lines)
        elif _EXPLICIT.match(line):
            self._begun = self._begun or depth == 0
            yield from self._explicit(lines, depth)
        elif rst_tables.begins(line):
            rows, head = rst_tables.drawn([line for _, line in lines])
            yield _table([], rows, head, Lines(number, lines[-1][0]))
        elif line.startswith(">>> "):
            yield self._fenced(lines, "python")
        else:
            yield from self._paragraph(lines, depth)

    def _paragraph(self, lines: Sequence[Numbered], depth: int) -> Iterator[Line]:
        """Paragraphs and items, and the literal block below that the last one may announce."""
        block = list(takewhile(lambda each: each[1].strip(), lines))
        tight = False
        for stretch in stretches(block):
            said, last = stretch.text, stretch.lines[-1][0]
            if said.startswith(".. "):
                yield from self._explicit(_dedented(stretch.lines), depth)
                continue
            if said.endswith("::") and last == block[-1][0]:
                said = said[:-2].rstrip() if said[:-2].endswith((" ", ":")) else said[:-1]
            if not self._is_about(said, stretch, depth) and said.strip(":"):
                yield Line(0, said, Lines(stretch.lines[0][0], last), tight)
            tight = True
        if literal := _without_blank_ends(lines[len(block) :]):
            yield self._fenced(_dedented(literal), "")

    def _is_about(self, said: str, stretch: Stretch, depth: int) -> bool:
        """Take a field at the top; tells whether it is for the program that makes pages of the text."""
        field = _OPTION.match(stretch.lines[0][1])
        if field and not self._begun and not depth:
            self.fields.setdefault(field[1].lower(), said.partition(":")[2].strip())
            return field[1].lower() in _FOR_PROGRAMS
        self._begun = self._begun or not depth
        return False

    def _explicit(self, lines: Sequence[Numbered], depth: int) -> Iterator[Line]:
        """A directive or a note; comments and the targets of links are left out."""
        number, line = lines[0]
        below = _dedented(lines[1:])
        if depth >= _DEEPEST:
            yield from _as_they_are(lines)
        elif found := _NOTE.match(line):
            yield from self._blocks([(number, found[1]), *below], depth + 1)
        elif found := _DIRECTIVE.match(line):
            name = found[1].lower().rpartition(":")[2]
            if name not in _LEFT_OUT:
                yield from self._directive(name, (number, found[2] or ""), below, depth)

    def _directive(self, name: str, argument: Numbered, below: list[Numbered], depth: int) -> Iterator[Line]:
        number, said = argument
        found = list(takewhile(bool, (_OPTION.fullmatch(line) for _, line in below)))
        options = {option[1]: option[2] for option in found if option}
        below = below[len(found) :]
        if name in _CODE:
            if code := _without_blank_ends(below):
                yield self._fenced(code, said.split()[0] if said else "")
            return
        said = ": ".join(filter(None, ["" if name in _PICTURES else said, *map(options.get, _SAYING)]))
        if name in _TABLES:
            rows = _TABLES[name]([options.get("header", ""), *(line for _, line in below)])
            head = True if options.keys() & {"header", "header-rows"} else None
            yield _table([said] if said else [], rows, head, Lines(number, below[-1][0] if below else number))
            return
        below = list(_without_blank_ends(below))
        if label := _LABELS.get(name):
            said, below = _labelled(label, said, below)
        yield from self._blocks([(number, said), *below], depth + 1)

    def _fenced(self, lines: Sequence[Numbered], language: str) -> Line:
        """Code between fences, which stand for the lines before and after it: so it has as many as in the file."""
        code = "\n".join(line for _, line in lines)
        first, last = lines[0][0], lines[-1][0]
        around = first > 1 and last < self._all[-1][0]
        spot = Lines(first - 1, last + 1) if around else Lines(first, last)
        return Line(0, f"```{language if language.isalnum() else ''}\n{code}\n```", spot)


def _table(caption: list[str], rows: list[list[str]], head: bool | None, spot: Lines) -> Line:
    """Rows of two cells without a head are names and values."""
    pairs = not head and max(map(len, rows), default=0) == 2
    said = [": ".join(filter(None, row)) for row in rows] if pairs else sentences(rows, head)
    return Line(0, inline("\n".join(caption + said)), spot)


def _labelled(label: str, said: str, below: list[Numbered]) -> tuple[str, list[Numbered]]:
    """A label before what a note says, which may begin beside its name or below."""
    first = below[0][1] if below else ""
    if not said and first and not MARKER.match(first) and not first.startswith((".. ", ">>>")):
        return "", [(below[0][0], f"{label} {first}"), *below[1:]]
    number_only = re.fullmatch(r"[\w.]+", said) and not label.endswith(":") and first
    return f"{label} {said}{':' if number_only else ''}".strip(), below


def _end(lines: Sequence[Numbered], at: int) -> int:
    """Where the block ends that begins at a line."""
    first = lines[at][1]
    if first[0].isspace():
        return _last_indented(lines, at, 0)
    if _EXPLICIT.match(first):
        return _last_indented(lines, at + 1, 0)
    if rst_tables.begins(first):
        return rst_tables.end(lines, at)
    end = next((to for to in range(at, len(lines)) if not lines[to][1].strip()), len(lines))
    if lines[end - 1][1].rstrip().endswith("::") and not first.startswith(">>> "):
        *_, stretch = stretches(lines[at:end])
        return _last_indented(lines, end, stretch.indent if stretch.body is None else stretch.body)
    return end


def _last_indented(lines: Sequence[Numbered], at: int, least: int) -> int:
    """The end of the lines that are indented by more than that, from a line on."""
    end = at
    for to in range(at, len(lines)):
        line = lines[to][1]
        if line.strip():
            if len(line) - len(line.lstrip()) <= least:
                break
            end = to + 1
    return end


def _dedented(lines: Sequence[Numbered]) -> list[Numbered]:
    indents = [len(line) - len(line.lstrip()) for _, line in lines if line.strip()]
    least = min(indents, default=0)
    return [(number, line[least:]) for number, line in lines]


def _without_blank_ends(lines: Sequence[Numbered]) -> Sequence[Numbered]:
    shown = [at for at, (_, line) in enumerate(lines) if line.strip()]
    return lines[shown[0] : shown[-1] + 1] if shown else ()


def _as_they_are(lines: Sequence[Numbered]) -> Iterator[Line]:
    yield Line(0, "\n".join(line for _, line in lines), Lines(lines[0][0], lines[-1][0]))
