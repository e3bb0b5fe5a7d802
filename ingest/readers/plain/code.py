"""Source code, settings and logs: the lines as they are, below the names of what they define."""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.clean import Piece, Reading, heading_name
from ingest.readers import source
from ingest.readers.plain.definitions import GRAMMARS, Grammar, suffix_of
from ingest.readers.source import Numbered, Source
from storage.anchors import Lines

_MOST = 50_000  # characters of a piece; a longer one is cut, at a blank line if there is one
_LOOKED_AT = 200  # characters of a line that can define something
_LEAD = re.compile(r"\s*(?:#|//|/\*|\*|--|@|\[\w|%|;|'|template\b|<!--)")  # what is said of the thing below it
_GOES_ON = re.compile(r"[)\]}{]|(?:end|else|elif|fi|esac|done|catch|except|finally|rescue|ensure)\b")
# What ends a line for `clean`, but not for an editor, and the colours of a terminal.
_STRANGE = re.compile("\x1b\\[[0-9;?]*[A-Za-z]|[\v\f\x1c-\x1e\x85\u2028\u2029]")


def read(path: Path) -> Reading:
    """A piece for each definition, from the comments above it on. The title is the file's name."""
    return parse(source.opened(path), GRAMMARS.get(suffix_of(path.name), Grammar()), path.name)


def parse(text: Source, grammar: Grammar, title: str) -> Reading:
    """The same for a text that is there already."""
    return Reading(title, text.kept(_pieces(text.lines, grammar)))


def _pieces(lines: Iterator[Numbered], grammar: Grammar) -> Iterator[Piece]:
    names = _Names(grammar)
    block = _Block()
    for number, line in lines:
        line = _STRANGE.sub(lambda found: "" if found[0][0] == "\x1b" else " ", line)
        opened = False
        if line.strip():
            opened = names.met(line[:_LOOKED_AT].expandtabs(4), block.after_blank)
            if opened or names.heading != block.heading or block.full:
                yield from block.cut(block.lead if opened else len(block.lines))
            block.heading = names.heading
        block.add(number, line, opened)
    yield from block.cut(len(block.lines))


class _Names:
    """Keeps the path of definitions that a line is in, by their indentation."""

    def __init__(self, grammar: Grammar) -> None:
        self.heading = ""
        self._grammar = grammar
        self._path: list[tuple[int, str, bool]] = []  # indentation, name, and whether others can be defined in it

    def met(self, line: str, after_blank: bool) -> bool:
        """Go on to a line that is not blank; tells whether it defines something."""
        indent = len(line) - len(line.lstrip())
        above = [each for each in self._path if each[0] < indent]
        found = self._definition(line.lstrip(), inside=bool(above)) if not indent or (above and above[-1][2]) else None
        if found:
            above.append((indent, *found))
        elif self._grammar.lasting or not after_blank or _GOES_ON.match(line.lstrip()):
            return False
        self._path = above
        self.heading = " > ".join(name for _, name, _ in above)
        return bool(found)

    def _definition(self, line: str, inside: bool) -> tuple[str, bool] | None:
        grammar = self._grammar
        for pattern, holds in (
            (grammar.outer, True),
            (grammar.inner, False),
            (grammar.member if inside else None, False),
        ):
            if pattern and (found := pattern.match(line)):
                name = heading_name(".".join(filter(None, found.groups())).strip("\"'`"))
                return (name, holds) if name else None
        return None


class _Block:
    """The lines of the piece that is being made, and where it can be cut."""

    def __init__(self) -> None:
        self.heading = ""
        self.lines: list[Numbered] = []
        self.lead = 0  # where the comments begin that the last lines are
        self.after_blank = True
        self._size = 0
        self._tight = False

    @property
    def full(self) -> bool:
        """Whether it is time to cut it."""
        return self._size > _MOST and (self.after_blank or self._size > 2 * _MOST)

    def add(self, number: int, line: str, opens: bool) -> None:
        """One more line, which may open a definition; no piece begins with a blank one."""
        self.after_blank = not line.strip()
        if self.after_blank and not self.lines:
            self._tight = False
            return
        self.lines.append((number, line))
        self._size += len(line) + 1
        if opens or not _LEAD.match(line):
            self.lead = len(self.lines)

    def cut(self, at: int) -> Iterator[Piece]:
        """Give away the lines before this one."""
        given, self.lines = self.lines[:at], self.lines[at:]
        shown = len(given)
        while shown and not given[shown - 1][1].strip():
            shown -= 1
        if shown:
            text = "\n".join(line for _, line in given[:shown])
            spot = Lines(given[0][0], given[shown - 1][0])
            yield Piece(self.heading, None, text, spot, verbatim=True, tight=self._tight)
            self._tight = shown == len(given)
        self._size = sum(len(line) + 1 for _, line in self.lines)
        self.lead = 0
