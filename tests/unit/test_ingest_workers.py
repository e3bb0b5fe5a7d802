"""Files are read in child processes that may hang, die or eat memory; the next file is read all the same."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from time import monotonic, sleep

import pytest

from ingest.chunk import ChunkOptions
from ingest.clean import join
from ingest.parts import Part
from ingest.readers import read
from ingest.workers import Limits, Reader, most_at_once
from storage.errors import BadSettings, UnreadableFile

ROOT = Path(__file__).parent.parent.parent
# A reader as a format's module has it, put in place of the one for .txt by a process that a test starts.
SCRIPT = """
import sys, time
import ingest.readers as readers
from ingest.clean import Piece, Reading
from ingest.readers import worker

def read(path, progress=None):
    {body}
    return Reading("", (Piece("", None, "text"),))

readers.READERS[".txt"] = read
worker.main()
"""


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "好.md"
    path.write_text("# Title\n\n内容 and more", encoding="utf-8")
    return path


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A file that is read by what `as_reader` says."""
    path = tmp_path / "odd.txt"
    path.write_text("text", encoding="utf-8")
    return path


@pytest.fixture
def as_reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Makes child processes read .txt by the lines of a function's body."""

    def patched(body: str) -> None:
        plain = subprocess.Popen

        def popen(command: list[str], **options: object) -> object:
            return plain([sys.executable, "-c", SCRIPT.format(body=body), command[-1]], **options)  # type: ignore[call-overload]

        monkeypatch.setattr("ingest.workers.subprocess.Popen", popen)

    yield patched


def parts(reader: Reader, path: Path) -> list[Part]:
    return [part for part, _ in reader.read(path, ChunkOptions())]


def reason(reader: Reader, path: Path) -> str:
    with pytest.raises(UnreadableFile) as raised:
        parts(reader, path)
    return str(raised.value)


def test_reads_as_in_this_process(good: Path) -> None:
    with Reader(Limits()) as reader:
        (part,) = parts(reader, good)
    here = read(good)
    assert (part.title, part.joined, part.language) == (here.title, join(here.pieces), "en")
    assert [part.joined.text[cut.start : cut.end] for cut in part.cuts] == [part.joined.text]


def test_reasons_come_through(tmp_path: Path, good: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with Reader(Limits()) as reader:
        assert "empty" in reason(reader, tmp_path / "empty.txt")
        assert "cannot be opened" in reason(reader, tmp_path / "gone.txt")
        assert parts(reader, good)[0].title == "Title"


def test_a_long_text_comes_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    text = "\n\n".join(f"Paragraph {n} says little. " * 5 for n in range(200))
    path.write_text(text, encoding="utf-8")
    with Reader(Limits(part=4000)) as reader:
        got = list(reader.read(path, ChunkOptions()))
        assert [last for _, last in got] == [False] * (len(got) - 1) + [True]
        assert all(len(part.joined.text) <= 4000 for part, _ in got)
        assert "".join("".join(part.joined.text for part, _ in got).split()) == "".join(text.split())
        next(reader.read(path, ChunkOptions()))  # left after the first part: what comes next is not mixed with the rest
        assert len(parts(reader, path)) == len(got)


def test_a_file_that_takes_too_long_is_given_up(as_reader: object, odd: Path, good: Path) -> None:
    as_reader("time.sleep(60)")  # type: ignore[operator]
    with Reader(Limits(seconds=0.3)) as reader:
        began = monotonic()
        assert reason(reader, odd) == "took longer than 0.3 s to read: split it and ingest the parts."
        assert monotonic() - began < 10
        assert parts(reader, good)[0].title == "Title"


def test_signs_of_life_give_a_file_its_time_but_not_for_ever(as_reader: object, odd: Path) -> None:
    as_reader("for n in range(12): time.sleep(0.15); progress(n + 1, 12)")  # type: ignore[operator]
    told: list[tuple[int, int]] = []
    with Reader(Limits(seconds=0.6)) as reader:
        assert list(reader.read(odd, ChunkOptions(), lambda done, total: told.append((done, total))))
    assert len(told) > 5 and told == sorted(told) and told[-1] == (12, 12)
    with Reader(Limits(seconds=0.6, whole=1.0)) as reader:
        assert reason(reader, odd).startswith("took longer than")


@pytest.mark.parametrize("body", ["import os; os.abort()", "import os; os.kill(os.getpid(), 9)", "sys.exit(0)"])
def test_a_crash_costs_one_file(as_reader: object, odd: Path, good: Path, body: str) -> None:
    as_reader(body)  # type: ignore[operator]
    with Reader(Limits()) as reader:
        assert reason(reader, odd).startswith("crashes the reader")
        assert parts(reader, good)[0].title == "Title"


@pytest.mark.parametrize("answer", ["{}", "[]", "nonsense", '{"part": {}, "last": true}', '{"done": "x", "total": 1}'])
def test_a_child_gone_mad_costs_one_file(as_reader: object, odd: Path, good: Path, answer: str) -> None:
    as_reader(f"worker.os.write(3, {answer + chr(10)!r}.encode()); time.sleep(60)")  # type: ignore[operator]
    with Reader(Limits(seconds=2)) as reader:
        assert reason(reader, odd)
        assert parts(reader, good)[0].title == "Title"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell less of a process's memory, and later")
def test_memory_is_bounded(as_reader: object, odd: Path, good: Path) -> None:
    as_reader("held = []\n    while True: held.append(bytearray(b'x' * 4_000_000)); time.sleep(0.001)")  # type: ignore[operator]
    with Reader(Limits(memory=200_000_000)) as reader:
        assert reason(reader, odd).startswith("needs more than 200 MB of memory")
        assert parts(reader, good)[0].title == "Title"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses memory at once")
def test_memory_asked_for_at_once_is_refused(as_reader: object, odd: Path) -> None:
    as_reader("held = bytearray(2_000_000_000)")  # type: ignore[operator]
    with Reader(Limits(memory=200_000_000)) as reader:
        assert reason(reader, odd).startswith("needs more than 200 MB of memory")


def test_nesting_without_end_costs_one_file(as_reader: object, odd: Path, good: Path) -> None:
    as_reader("def deeper(): deeper()\n    deeper()")  # type: ignore[operator]
    with Reader(Limits()) as reader:
        assert reason(reader, odd).startswith("is damaged")
        assert parts(reader, good)[0].title == "Title"


def test_closing_ends_the_child_at_once(as_reader: object, odd: Path, good: Path) -> None:
    as_reader("time.sleep(60)")  # type: ignore[operator]
    with Reader(Limits()) as reader:
        parts(reader, good)
        child = reader._process
        Timer(0.3, reader.close).start()
        began = monotonic()
        assert "stopped" in reason(reader, odd)
        assert monotonic() - began < 5
        assert child is not None and child.wait(5) is not None
        assert "stopped" in reason(reader, good)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows ends children otherwise")
def test_a_child_ends_with_its_parent(odd: Path) -> None:
    body = SCRIPT.format(body="while True: pass")
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {body!r}, '1000000000'], stdin=subprocess.PIPE)\n"
        f"child.stdin.write({json.dumps({'path': str(odd), 'most': 1000, 'limit': 200})!r}.encode() + b'\\n')\n"
        "child.stdin.flush()\nprint(child.pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        pid = int(next(line for line in process.stdout if line.strip().isdigit()))
        sleep(1.0)
        process.kill()
    until = monotonic() + 5
    while _alive(pid) and monotonic() < until:
        sleep(0.05)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_what_a_library_prints_does_not_mix_with_answers(as_reader: object, odd: Path) -> None:
    as_reader("print('noise'); worker.os.write(1, b'noise')")  # type: ignore[operator]
    with Reader(Limits()) as reader:
        assert parts(reader, odd)[0].joined.text == "text"


def test_no_file_is_blamed_where_none_can_be_read(good: Path) -> None:
    with Reader(Limits(memory=1_000_000)) as reader, pytest.raises(BadSettings, match="does not start"):
        parts(reader, good)


def test_there_is_always_a_reader() -> None:
    assert 1 <= most_at_once() <= 4
