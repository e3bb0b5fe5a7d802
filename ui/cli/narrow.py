"""The options that narrow a search to some documents, and the Filter that they make."""

from collections.abc import Sequence
from datetime import datetime, time
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storage.records import Filter
from ui.cli.documents import ids_of

if TYPE_CHECKING:
    from storage.library import Library


class Language(Enum):
    """What a document can be in."""

    EN = "en"
    ZH = "zh"


_DAY = ["%Y-%m-%d"]
Documents = Annotated[
    list[str] | None,
    typer.Option("--document", metavar="NAME", help="Only this document, by id, path or file name; can be repeated."),
]
Folder = Annotated[str | None, typer.Option("--folder", metavar="PATH", help="Only documents below this folder.")]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="SUFFIX", help="Only files of this type, such as pdf; can be repeated."),
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", metavar="DATE", formats=_DAY, help="Only files changed on this day or later."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", metavar="DATE", formats=_DAY, help="Only files changed on this day or earlier."),
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help="Only documents with this tag; can be repeated.")
]
Languages = Annotated[
    list[Language] | None,
    typer.Option("--language", metavar="en|zh", help="Only documents in this language; can be repeated."),
]


def narrowed(
    library: "Library",
    collection: str,
    *,
    documents: Sequence[str] | None,
    folder: str | None,
    types: Sequence[str] | None,
    since: datetime | None,
    until: datetime | None,
    tags: Sequence[str] | None,
    languages: Sequence[Language] | None,
) -> Filter:
    """What the options ask for. Days are those of this machine's time zone, from their first moment to their last.

    Raises NotFound for a document that is not there.
    """
    return Filter(
        documents=tuple(found for name in documents or () for found in ids_of(library, name, collection)),
        folder=str(Path(folder).expanduser().resolve()) if folder else "",
        formats=tuple(name.lower().removeprefix(".") for name in types or ()),
        languages=tuple(language.value for language in languages or ()),
        tags=tuple(tags or ()),
        since=since and since.astimezone(),
        until=until and datetime.combine(until, time.max).astimezone(),
    )
