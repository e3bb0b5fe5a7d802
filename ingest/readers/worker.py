"""The child process that reads files: `python -m ingest.readers.worker BYTES`, with at most so many bytes of memory.

JSON goes in and out, a line each. It says {"ready"}, then answers requests {"path", "most", "limit"}: with any number
of {"done", "total"}, in pages or whatever the file is read by; with the parts of the text, {"part", "last"}; or with
{"reason"}. After a part that is not the last one it goes on when it gets another line, whatever that holds.

A file that hangs, crashes a parser or eats memory takes this process down and nothing else. PDFium, which is not safe
in threads, runs only in processes that do nothing beside.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from ingest.chunk import ChunkOptions
from ingest.memory import TOO_MUCH, limit
from ingest.parts import as_json, parts
from ingest.readers import read
from storage.errors import UnreadableFile

_OFTEN = 0.1  # seconds between two signs that are passed on
_BEHIND = 5  # how much this process gives way to those that a person waits for

Say = Callable[[dict[str, Any]], None]


def main() -> None:
    """Answer requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    limit(int(sys.argv[1]))
    if hasattr(os, "nice"):
        os.nice(_BEHIND)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    say({"ready": True})
    while line := sys.stdin.readline():
        for answer in _answers(json.loads(line), say):
            say(answer)
            if not answer.get("last", True) and not sys.stdin.readline():
                return


def _answers(request: dict[str, Any], say: Say) -> Iterator[dict[str, Any]]:
    try:
        reading = read(Path(request["path"]), _Signs(say))
        some = False
        for part, last in parts(reading, ChunkOptions(request["limit"]), request["most"]):
            some = True
            yield {"part": as_json(part), "last": last}
        if not some:
            yield {"reason": "holds no text."}
    except UnreadableFile as error:
        yield {"reason": str(error)}
    except OSError as error:
        yield {"reason": f"cannot be opened ({error.strerror or error}): check that you may read it."}
    except MemoryError:  # the system was quicker than the look: it goes over its bound all the same
        os._exit(TOO_MUCH)


class _Signs:
    """What readers report their progress to; passes it on now and then."""

    def __init__(self, say: Say) -> None:
        self._say, self._next = say, 0.0

    def __call__(self, done: int, total: int) -> None:
        now = monotonic()
        if now >= self._next:
            self._next = now + _OFTEN
            self._say({"done": done, "total": total})


if __name__ == "__main__":
    main()
