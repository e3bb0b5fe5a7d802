"""What has changed: the files that are there against those that were known, by the hash of what they hold. Pure.

Files with the same content and suffix share a document. A document stays with its content when a file is moved or
renamed, and with its path when a file is changed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.files import Filing
from storage.records import File, Known

Content = tuple[str, str]  # hash and suffix: what is read from a file depends on both


@dataclass(frozen=True, slots=True)
class ToRead:
    """Files with the same content that is in no document yet; `id` is of the document that it shall replace, if any.

    `added` tells that none of the files was known.
    """

    files: tuple[File, ...]
    id: str | None
    added: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What an ingest has to do, and how many files were added, changed and left alone by what needs no reading."""

    filing: Filing
    to_read: tuple[ToRead, ...]
    added: int
    changed: int
    unchanged: int


def compare(files: Sequence[File], known: Sequence[Known], gone: Collection[str], dropped: Collection[str]) -> Changes:
    """Sort the files by what is known. `gone` are known paths whose files are no more, or do not count any more;
    those of them that are `dropped` are forgotten unless their content is found again under another path.
    """
    return _Comparison(files, known, gone, dropped).changes()


class _Comparison:
    def __init__(
        self, files: Sequence[File], known: Sequence[Known], gone: Collection[str], dropped: Collection[str]
    ) -> None:
        self._at = {each.file.path: each for each in known}
        self._new = [file for file in files if file.path not in self._at]
        here = [file for file in files if file.path in self._at]
        self._changed = [file for file in here if self._before(file).file.sha256 != file.sha256]
        self._same = [file for file in here if self._before(file).file.sha256 == file.sha256]
        self._lost = {path: self._at[path] for path in sorted(gone)}
        self._dropped = dropped
        self._moved: list[tuple[str, File]] = []
        self._joined: list[tuple[str, File]] = []
        self._reread: set[str] = set()  # lost, but with the content of a file with another suffix

    def changes(self) -> Changes:
        """The steps in their order: what needs no reading first."""
        self._exchange()
        self._move()
        alive = self._alive()
        rest = tuple(self._join(alive))
        to_read = tuple(self._to_read(rest, set(alive.values())))
        dropped = tuple(path for path in self._lost if path in self._dropped and path not in self._reread)
        touched = tuple(file for file in self._same if file != self._before(file).file)
        joined = [file for _, file in self._joined]
        added = sum(file.path not in self._at for file in joined)
        return Changes(
            Filing(tuple(self._moved), tuple(self._joined), dropped, touched),
            to_read,
            added,
            len(self._moved) + len(joined) - added,
            len(self._same),
        )

    def _before(self, file: File) -> Known:
        return self._at[file.path]

    def _exchange(self) -> None:
        """Files that have taken each other's places: each document goes with its content."""
        circle = list(self._changed)
        while True:
            old = Counter(_content(self._before(file).file) for file in circle)
            new = Counter(map(_content, circle))
            inside = [f for f in circle if old[_content(f)] and new[_content(self._before(f).file)]]
            if len(inside) == len(circle):
                break
            circle = inside
        if not circle or old != new:
            return
        places = defaultdict(list)
        for file in circle:
            places[_content(self._before(file).file)].append(file.path)
        self._moved += [(places[_content(file)].pop(), file) for file in circle]
        self._changed = [file for file in self._changed if file not in circle]

    def _move(self) -> None:
        """New files whose content was known under a path that is gone: best under the same name."""
        lost: dict[Content, list[str]] = defaultdict(list)
        for path, each in self._lost.items():
            lost[_content(each.file)].append(path)
        left = []
        for file in self._new:
            if paths := lost.get(_content(file)):
                path = next((each for each in paths if Path(each).name == Path(file.path).name), paths[0])
                paths.remove(path)
                del self._lost[path]
                self._moved.append((path, file))
            else:
                left.append(file)
        self._new = left

    def _alive(self) -> dict[Content, str]:
        """The documents that keep a file, by their content."""
        away = {file.path for file in self._changed} | (self._lost.keys() & set(self._dropped))
        kept = [each for path, each in self._at.items() if path not in away]
        return {_content(each.file): each.id for each in reversed(kept)}

    def _join(self, alive: dict[Content, str]) -> Iterator[tuple[Content, list[File]]]:
        """Files whose content is in a document already share it; the rest is returned, by content."""
        rest: dict[Content, list[File]] = defaultdict(list)
        for file in sorted([*self._new, *self._changed], key=lambda file: file.path):
            content = _content(file)
            if content in alive:
                self._joined.append((alive[content], file))
            else:
                rest[content].append(file)
        yield from rest.items()

    def _to_read(self, rest: Iterable[tuple[Content, list[File]]], alive: Collection[str]) -> Iterator[ToRead]:
        """A document that has lost its content takes the new one of its file, or of the same file with a new suffix."""
        taken = set(alive)
        lost = {each.file.sha256: path for path, each in self._lost.items() if path in self._dropped}
        for (sha256, _), files in rest:
            before = [self._before(file).id for file in files if file.path in self._at]
            identity = next((each for each in before if each not in taken), None)
            if not before and sha256 in lost and self._at[lost[sha256]].id not in taken:
                identity = self._at[lost[sha256]].id
                self._reread.add(lost[sha256])
            taken |= {identity} if identity else set()
            yield ToRead(tuple(files), identity, added=not before and identity is None)


def _content(file: File) -> Content:
    return file.sha256, Path(file.path).suffix.lower()
