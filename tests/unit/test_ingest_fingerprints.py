"""Hashes of many files; what is being written is waited for, a little."""

import hashlib
import os
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from ingest.fingerprints import Outcome, fingerprints
from ingest.scan import Seen
from storage.errors import UnreadableFile
from storage.records import File

LONG_AGO = 1_600_000_000


def put(path: Path, text: str, age: float | None = None) -> Seen:
    path.write_text(text, encoding="utf-8")
    if age is not None:
        os.utime(path, (time.time() - age, time.time() - age))
    return look(path)


def look(path: Path) -> Seen:
    status = path.stat()
    return Seen(str(path), status.st_size, status.st_mtime_ns)


def hashed(*seen: Seen, most: int = 1_000_000) -> list[tuple[str, Outcome]]:
    return [(Path(each[0].path).name, each[1]) for each in fingerprints(seen, most) if each]


def test_what_was_changed_long_ago_is_told_at_once_and_settled(tmp_path: Path) -> None:
    seen = [put(tmp_path / f"{n}.txt", f"text {n}", age=60) for n in range(20)]
    began = time.monotonic()
    found = hashed(*seen)
    assert time.monotonic() - began < 1
    assert [name for name, _ in found] == [f"{n}.txt" for n in range(20)]
    sha256 = hashlib.sha256(b"text 7").hexdigest()
    assert found[7][1] == File(str(tmp_path / "7.txt"), sha256, 6, seen[7].modified, settled=True)


def test_what_has_just_been_changed_comes_last_and_is_not_settled(tmp_path: Path) -> None:
    new, old = put(tmp_path / "new.txt", "new"), put(tmp_path / "old.txt", "old", age=60)
    (_, first), (name, outcome) = hashed(new, old)
    assert isinstance(first, File) and first.settled
    assert name == "new.txt" and isinstance(outcome, File) and not outcome.settled


def test_a_file_that_is_written_meanwhile_is_taken_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    seen = put(path, "begin ")

    def write() -> None:
        for _ in range(8):
            time.sleep(0.1)
            with path.open("a", encoding="utf-8") as file:
                file.write("more ")

    thread = Thread(target=write)
    thread.start()
    ((_, outcome),) = hashed(seen)
    thread.join()
    assert isinstance(outcome, File) and outcome.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_one_that_goes_on_being_written_is_given_up_and_blocks_nobody(tmp_path: Path) -> None:
    path, done = tmp_path / "a.txt", Event()
    seen, old = put(path, "begin "), put(tmp_path / "old.txt", "old", age=60)

    def write() -> None:
        while not done.wait(0.05):
            with path.open("a", encoding="utf-8") as file:
                file.write("more ")

    thread = Thread(target=write)
    thread.start()
    began = time.monotonic()
    first, *rest = [each for each in fingerprints([seen, old], 1000) if each]
    done.set()
    thread.join()
    assert first[0] == old and time.monotonic() - began < 6
    assert isinstance(rest[0][1], UnreadableFile) and "is being written" in str(rest[0][1])


def test_reasons(tmp_path: Path) -> None:
    large, gone = put(tmp_path / "a.txt", "1234567", age=60), put(tmp_path / "b.txt", "x", age=60)
    Path(gone.path).unlink()
    bad = Seen(str(tmp_path / "bad-\udcff.txt"), 1, 1)
    outcomes = dict(hashed(large, gone, bad, most=6))
    assert "too large" in str(outcomes["a.txt"]) and outcomes["b.txt"] is None
    assert "rename it" in str(outcomes["bad-\udcff.txt"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_what_has_become_a_pipe_meanwhile_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert hashed(Seen(str(tmp_path / "a.txt"), 1, 1)) == [("a.txt", None)]


def test_closing_ends_at_once(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(4_000_000_000)  # takes no room on the disk, and seconds to hash
    os.utime(large, (LONG_AGO, LONG_AGO))
    running = fingerprints([look(large)], 10_000_000_000)
    assert next(running) is None
    began = time.monotonic()
    running.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 1
