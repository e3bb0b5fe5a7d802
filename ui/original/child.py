"""The processes that open a file to show it: each takes one request on stdin and answers with a line of JSON and bytes.

A file that hangs, crashes a parser or eats memory takes its process down and nothing else.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from ingest.memory import limit
from storage.errors import UnreadableFile
from storage.process import command, environment

Object = dict[str, Any]

_SECONDS = 20.0  # that a page may take; usual ones take half of one
_MEMORY = 3_000_000_000  # bytes


def ask(module: str, request: Object) -> tuple[Object, bytes]:
    """What a process of `ui.original.MODULE` answers. Raises UnreadableFile, whose message completes "The page ..."."""
    try:
        done = subprocess.run(
            command(f"ui.original.{module}"),
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=_SECONDS,
            env=environment(PYTHONUTF8="1"),
        )
    except subprocess.TimeoutExpired:
        raise UnreadableFile(f"takes longer than {_SECONDS:g} s to draw.") from None
    if done.returncode:
        raise UnreadableFile("cannot be drawn: the file is damaged or protected.")
    head, content = done.stdout.split(b"\n", 1)
    return json.loads(head), content


def answer(work: Callable[[Object], tuple[Object, bytes]]) -> None:
    """What such a process does: its work on the request, within its memory."""
    limit(_MEMORY)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answer
    head, content = work(json.load(sys.stdin))
    out.write(json.dumps(head).encode() + b"\n" + content)
    out.flush()
