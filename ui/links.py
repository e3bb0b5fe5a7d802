"""The folders that a collection is linked with: taking one up, what lies in each, and letting one go."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ingest.patterns import Rules, spec
from ingest.places import Inside, shown
from storage.files import Filing
from storage.folders import Folder, Folders
from storage.library import Library

_ACTING = re.compile(r"[\\*?\[\]]| $")  # in a pattern


def link(
    folders: Folders,
    collection: str,
    path: Path,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
) -> None:
    """Link a folder with a collection, unless another one brings in what is in it already.

    Patterns, if any are given, take the place of those the folder has. Folders inside it that have no patterns of their
    own and are not watched need no link any more. Raises BadSettings for a pattern that is none.
    """
    given = [None if patterns is None else [each for each in patterns if each] for patterns in (include, exclude)]
    for patterns in given:
        spec(patterns or ())
    linked = folders.folders(collection)
    if all(patterns is None for patterns in given) and any(_holds(each, path) for each in linked):
        return
    folders.link(collection, str(path), *given)
    for each in linked:
        inside = Path(each.path) != path and Path(each.path).is_relative_to(path)
        if inside and not (each.include or each.exclude or each.watched):
            folders.unlink(collection, each.path)


def counted(library: Library, folders: Sequence[Folder]) -> Mapping[str, int]:
    """How many documents lie in each of a collection's folders, by the folder's path."""
    known = library.known(folders[0].collection) if folders else ()
    held = {each.path: Inside([each.path]) for each in folders}
    return {path: len({each.id for each in known if each.file.path in files}) for path, files in held.items()}


def unlink(library: Library, folder: Folder, documents: bool) -> None:
    """Let a folder go; on demand with its documents, but for those that lie elsewhere or in another linked one too."""
    folders = library.folders
    folders.unlink(folder.collection, folder.path)
    if documents:
        others = folders.folders(folder.collection)
        known = [each.file.path for each in library.known(folder.collection)]
        library.refile(folder.collection, Filing(dropped=_alone(known, folder, others)))
        failed = [each.path for each in library.failures(folder.collection)]
        library.forget_failures(folder.collection, _alone(failed, folder, others))


def inside(library: Library, collection: str, paths: Sequence[str]) -> bool:
    """Whether any of these files lies in a linked folder: then the next sync brings it in again."""
    held = Inside(each.path for each in library.folders.folders(collection))
    return any(path in held for path in paths)


def leave_out(library: Library, collection: str, paths: Sequence[str]) -> None:
    """Have the linked folders pass over these files from now on."""
    for folder in library.folders.folders(collection):
        held = Inside([folder.path])
        patterns = [_pattern(Path(path).relative_to(folder.path)) for path in paths if path in held]
        if new := [each for each in patterns if each not in folder.exclude]:
            library.folders.link(collection, folder.path, exclude=(*folder.exclude, *new))


def _pattern(path: Path) -> str:
    """The pattern of one file, in which nothing of its name acts."""
    return "/" + _ACTING.sub(r"\\\g<0>", path.as_posix())


def _alone(paths: Sequence[str], folder: Folder, others: Sequence[Folder]) -> tuple[str, ...]:
    """The paths that lie in this folder and in none of the others."""
    here, elsewhere = Inside([folder.path]), Inside(each.path for each in others)
    return tuple(path for path in paths if path in here and path not in elsewhere)


def _holds(folder: Folder, path: Path) -> bool:
    """Whether a linked folder brings in another one that is in it."""
    if not path.is_relative_to(folder.path):
        return False
    names = path.relative_to(folder.path).parts
    return all(map(shown, names)) and not Rules([folder]).pass_over(str(path), folder=True)
