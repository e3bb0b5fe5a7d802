"""Options that several commands have, with one wording."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Trace = Annotated[
    bool, typer.Option("--trace", help="Tell how an answer came about: what was found, ranked, chosen, judged.")
]
Collection = Annotated[
    str | None,
    typer.Option("--collection", metavar="NAME", help="The collection; else default, or the one used last."),
]
EveryCollection = Annotated[
    str | None, typer.Option("--collection", metavar="NAME", help="Only this collection; else all.")
]
Out = Annotated[str | None, typer.Option("--out", metavar="FILE", help="Write to this file.")]
