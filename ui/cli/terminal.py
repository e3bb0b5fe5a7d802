"""The two streams: stdout carries what was asked for, stderr everything else."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import typer


def speak_utf8() -> None:
    """Write UTF-8 whatever the locale says, and show what is not even Unicode (odd file names) as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(encoding="utf-8", errors="backslashreplace")


def say(text: str) -> None:
    """Print on stdout."""
    typer.echo(text)


def emit(value: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout, on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def note(text: str) -> None:
    """Print on stderr."""
    typer.echo(text, err=True)


def watched() -> bool:
    """Whether a person is likely to read stderr as it comes."""
    return sys.stderr.isatty()
