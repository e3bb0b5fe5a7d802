"""Which folders are linked when a person brings some in: those named, but none that is in a linked one anyway."""

from collections.abc import Sequence
from pathlib import Path

from ingest.patterns import Rules, spec
from ingest.places import shown
from storage.folders import Folder, Folders


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


def _holds(folder: Folder, path: Path) -> bool:
    """Whether a linked folder brings in another one that is in it."""
    if not path.is_relative_to(folder.path):
        return False
    names = path.relative_to(folder.path).parts
    return all(map(shown, names)) and not Rules([folder]).pass_over(str(path), folder=True)
