"""The child process that reads files: `python -m ingest.readers.worker`, one JSON line in and out for each file.

A file that hangs, crashes a parser or eats memory takes this process down and nothing else. PDFium, which is not safe
in threads, runs only in processes that do nothing beside.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from ingest.clean import Reading
from ingest.memory import limit
from ingest.readers import read
from storage.anchors import packed
from storage.errors import UnreadableFile

_MEMORY = 3_000_000_000  # bytes of address space
_MOST_TEXT = 20_000_000  # characters; the longest novels have 10 million


def main() -> None:
    """Answer requests `{"path": ...}` until the input ends."""
    limit(_MEMORY)  # elsewhere the time limit alone guards against bombs
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    for line in sys.stdin:
        answers.write(json.dumps(_answer(Path(json.loads(line)["path"]))) + "\n")
        answers.flush()


def _answer(path: Path) -> dict[str, object]:
    try:
        reading = read(path)
        if sum(len(piece.text) for piece in reading.pieces) > _MOST_TEXT:
            return {"reason": f"holds more than {_MOST_TEXT:,} characters: split it and ingest the parts."}
        return _sent(reading)
    except UnreadableFile as error:
        return {"reason": str(error)}
    except OSError as error:
        return {"reason": f"cannot be opened ({error.strerror or error}): check that you may read it."}
    except (MemoryError, RecursionError):
        return {"reason": "is too costly to read: it needs too much memory. Split it and ingest the parts."}


def _sent(reading: Reading) -> dict[str, object]:
    """A reading as JSON can say it."""
    spots = [piece.spot and packed(piece.spot) for piece in reading.pieces]
    pieces = [asdict(piece) | {"spot": spot} for piece, spot in zip(reading.pieces, spots, strict=True)]
    created = reading.created and reading.created.isoformat()
    return asdict(reading) | {"pieces": pieces, "created": created}


if __name__ == "__main__":
    main()
