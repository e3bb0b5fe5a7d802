"""What has changed: the files that are there against those that were known, by the hash of what they hold. Pure.

Files with the same content and suffix share a document. A document stays with its content when a file is moved or
renamed, and with its path when a file is changed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.readers.plain.definitions import suffix_of
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
        circle = {file.path: file for file in self._changed}
        pairs = {path: (_content(self._before(file).file), _content(file)) for path, file in circle.items()}
        had, has = Counter(old for old, _ in pairs.values()), Counter(new for _, new in pairs.values())
        by_old, by_new = defaultdict(list), defaultdict(list)
        for path, (old, new) in pairs.items():
            by_old[old].append(path)
            by_new[new].append(path)
        waiting = list(circle)
        while waiting:
            path = waiting.pop()
            old, new = pairs[path]
            if path not in circle or (had[new] and has[old]):
                continue
            del circle[path]
            had[old] -= 1
            has[new] -= 1
            waiting += [] if had[old] else by_new[old]
            waiting += [] if has[new] else by_old[new]
        if not circle or +had != +has:
            return
        places = {old: [path for path in paths if path in circle] for old, paths in by_old.items()}
        self._moved += [(places[pairs[path][1]].pop(), file) for path, file in circle.items()]
        self._changed = [file for file in self._changed if file.path not in circle]

    def _move(self) -> None:
        """New files whose content was known under a path that is gone: best under the same name."""
        alike: dict[Content, dict[str, None]] = defaultdict(dict)
        named: dict[tuple[Content, str], list[str]] = defaultdict(list)
        for path, each in self._lost.items():
            alike[_content(each.file)][path] = None
            named[_content(each.file), Path(path).name].append(path)
        for same_name in (True, False):
            left = []
            for file in self._new:
                content = _content(file)
                paths = named[content, Path(file.path).name] if same_name else list(alike[content])[:1]
                if not paths:
                    left.append(file)
                    continue
                path = paths.pop()
                del alike[content][path], self._lost[path]
                self._moved.append((path, file))
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
    return file.sha256, suffix_of(Path(file.path).name)
