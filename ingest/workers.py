"""Read files in a child process, so that no file can stop or crash an ingest."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self, cast

from ingest.clean import Piece, Reading
from storage.anchors import unpacked
from storage.errors import UnreadableFile

_HOME = Path(__file__).parent.parent


class Reader:
    """One child process, started at the first file, and again after it died or took too long.

    One thread reads; another may close, which ends a reading at once.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None
        self._closed = False
        self._lock = Lock()
        self._answers: SimpleQueue[str] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._closed = True
        self._stop()

    def read(self, path: Path) -> Reading:
        """What `readers.read` gives; raises UnreadableFile also if it takes too long or crashes."""
        with self._lock:
            if self._closed:
                raise UnreadableFile("was not read: the ingest was stopped.")
            process = self._process or self._start()
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps({"path": str(path)}) + "\n")
            process.stdin.flush()
            line = self._answers.get(timeout=self._seconds)
        except Empty:
            self._stop()
            raise UnreadableFile(
                f"took longer than {self._seconds:g} s to read: split it and ingest the parts."
            ) from None
        except (OSError, ValueError):  # the process is gone, or was closed meanwhile
            line = ""
        if not line:
            self._stop()
            raise UnreadableFile(
                "crashes the reader or needs too much memory: open it in its own program and save it anew."
            )
        return _reading(json.loads(line))

    def _stop(self) -> None:
        """End the child process, at once, whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdin is not None
            with suppress(OSError):  # a request that it did not take
                process.stdin.close()

    def _start(self) -> subprocess.Popen[str]:
        paths = [str(_HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
        process = subprocess.Popen(
            [sys.executable, "-m", "ingest.readers.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"},
        )
        self._answers = SimpleQueue()
        Thread(target=_listen, args=(process, self._answers), daemon=True).start()
        self._process = process
        return process


def _listen(process: "subprocess.Popen[str]", answers: "SimpleQueue[str]") -> None:
    """Hand on every line, and "" when the process has ended."""
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            if line.endswith("\n"):  # else the process was ended while it wrote
                answers.put(line)
    answers.put("")


def _reading(answer: dict[str, object]) -> Reading:
    match answer:
        case {"reason": str(reason)}:
            raise UnreadableFile(reason)
        case {"pieces": list(pieces), "created": str() | None as created, **rest}:
            return Reading(
                title=str(rest["title"]),
                pieces=tuple(_piece(piece) for piece in pieces),
                pages=cast("int | None", rest["pages"]),
                authors=tuple(cast("list[str]", rest["authors"])),
                created=datetime.fromisoformat(created) if created else None,
                tags=tuple(cast("list[str]", rest["tags"])),
            )
    raise AssertionError(f"the reader answered {list(answer)}")


def _piece(values: dict[str, Any]) -> Piece:
    return Piece(**values | {"spot": values["spot"] and unpacked(values["spot"])})
