"""Which files of a folder count: patterns given with a linked folder, and `.footnoteignore` files at any level.

Both are written as in a .gitignore file. The innermost linked folder rules: what is above it has no say. Inside, what
was given with it goes before the files, and a file before those above it.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pathspec import GitIgnoreSpec

from storage.errors import BadSettings
from storage.folders import Folder
from storage.records import Failure

IGNORE = ".footnoteignore"
_MOST_BYTES = 1_000_000  # of an ignore file
# Four stars in one name, or five double ones: a match of these could take as long as somebody likes.
_COSTLY = re.compile(r"(?:\*+[^*/]+){3}\*|(?:\*\*.*?){4}\*\*", re.DOTALL)

_Spec = tuple[str, GitIgnoreSpec]  # with the folder that its patterns count from


@dataclass(frozen=True, slots=True)
class _Level:
    """What holds in one folder: patterns of what does not count, the most telling first, and of what alone counts."""

    excludes: tuple[_Spec, ...] = ()
    files: tuple[_Spec, ...] = ()
    includes: tuple[_Spec, ...] = ()
    excluded: bool = False  # the folder itself, as a whole

    def passes_over(self, path: str, folder: bool) -> bool:
        """Whether a file or folder in this one does not count."""
        for base, spec in (*self.excludes, *self.files):
            told = spec.check_file(_inside(path, base, folder)).include
            if told is not None:
                return told
        return not folder and any(not spec.match_file(_inside(path, base, folder)) for base, spec in self.includes)


class Rules:
    """The patterns that hold at some places, read when they are first asked for. For one look at the places."""

    def __init__(self, folders: Sequence[Folder], places: Iterable[Path] = ()) -> None:
        self._linked = {folder.path: folder for folder in folders}
        self._tops = {*self._linked, *(str(place) for place in places)}
        self._levels: dict[str, _Level | None] = {}
        self.failures: list[Failure] = []  # ignore files that cannot be read, or not all of them

    def pass_over(self, path: str, folder: bool = False) -> bool:
        """Whether a file or folder does not count. What lies in a folder that does not count does not count either."""
        if path in self._linked:
            return False
        level = self._level(str(Path(path).parent))
        return level is not None and (level.excluded or level.passes_over(path, folder))

    def _level(self, folder: str) -> _Level | None:
        """None for a folder outside of all places."""
        if folder not in self._levels:
            above = str(Path(folder).parent)
            outer = self._level(above) if above != folder and folder not in self._linked else None
            inside = outer is not None or folder in self._tops
            self._levels[folder] = self._entered(folder, outer or self._first(folder)) if inside else None
        return self._levels[folder]

    def _first(self, folder: str) -> _Level:
        linked = self._linked.get(folder)
        if linked is None:
            return _Level()
        excludes, includes = (((folder, spec(each)),) if each else () for each in (linked.exclude, linked.include))
        return _Level(excludes=excludes, includes=includes)

    def _entered(self, folder: str, level: _Level) -> _Level:
        """What holds in a folder, by what holds in the one that it is in."""
        if level.excluded or (folder not in self._tops and level.passes_over(folder, folder=True)):
            return replace(level, excluded=True)
        own = self._read(Path(folder, IGNORE))
        return replace(level, files=((folder, own), *level.files)) if own else level

    def _read(self, path: Path) -> GitIgnoreSpec | None:
        try:
            with path.open("rb") as file:
                text = file.read(_MOST_BYTES).decode("utf-8-sig")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self.failures.append(
                Failure(str(path), f"cannot be opened ({error.strerror}): check that you may read it.")
            )
            return None
        except UnicodeDecodeError:
            self.failures.append(Failure(str(path), "is no text in UTF-8: save it anew as UTF-8."))
            return None
        good = []
        for number, line in enumerate(text.splitlines(), 1):
            try:
                spec([line])
                good.append(line)
            except BadSettings:
                self.failures.append(Failure(str(path), f"has no pattern in line {number}: mend that line."))
        return spec(good)


def spec(patterns: Iterable[str]) -> GitIgnoreSpec:
    """Patterns made ready. Raises BadSettings for one that is none."""
    made: list[Any] = []
    for pattern in patterns:
        try:
            if _COSTLY.search(pattern) and not pattern.startswith("#"):
                raise ValueError("more than four stars")
            made += GitIgnoreSpec.from_lines([pattern]).patterns
        except ValueError as error:
            raise BadSettings(
                f"{pattern!r} is no pattern ({error}). Write it as in a .gitignore file, such as '*.log' or 'drafts/'."
            ) from error
    return GitIgnoreSpec(made)


def _inside(path: str, base: str, folder: bool) -> str:
    """A path as patterns see it: from their folder on, with slashes, and one at the end of a folder."""
    inside = path[len(base) :].lstrip(os.sep).replace(os.sep, "/")
    return f"{inside}/" if folder else inside
