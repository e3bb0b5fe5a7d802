"""The command line. stdout carries the answer, stderr everything else; exit 0 done, 1 mendable, 2 wrong usage."""

import os
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from storage.errors import FootnoteError
from ui.cli import ask, backup, doctor, documents, evaluate, history, ingest, models, serve
from ui.cli.parts import Parts
from ui.cli.terminal import note, say, speak_utf8

# Several libraries read these once, when they are imported: nothing is sent, nothing is asked for.
_QUIET = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "TOKENIZERS_PARALLELISM": "false",
}
_FETCHING = {"models", "prepare", "serve"}  # the commands that may fetch a model from the hub


class Commands(TyperGroup):
    """Turns what a person can mend into one line, and Ctrl-C into a clean end."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except FootnoteError as exc:
            note(f"error: {' '.join(str(exc).split())}")
            raise typer.Exit(1) from exc
        except KeyboardInterrupt as exc:
            note("Stopped.")
            raise typer.Exit(130) from exc


cli = typer.Typer(
    cls=Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


def _version(asked: bool) -> None:
    if asked:
        say(f"footnote {version('footnote')}")
        raise typer.Exit


@cli.callback()
def prepare_command(
    ctx: typer.Context,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Answers from your own documents, with a footnote for every sentence. Nothing leaves this machine."""
    os.environ.update(_QUIET)
    if ctx.invoked_subcommand not in _FETCHING:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    parts = ctx.obj = ctx.obj or Parts()
    ctx.call_on_close(parts.close)


cli.command()(ingest.ingest)
cli.command()(ask.ask)
cli.command()(ask.search)
cli.command("eval")(evaluate.evaluate)
cli.add_typer(documents.commands, name="documents")
cli.add_typer(history.commands, name="history")
cli.add_typer(models.commands, name="models")
cli.command()(backup.backup)
cli.command()(backup.restore)
cli.command()(serve.serve)
cli.command(hidden=True)(serve.prepare)
cli.command()(doctor.doctor)


def main() -> None:
    """The console script `footnote`."""
    speak_utf8()
    cli(prog_name="footnote")
