"""Files are read in a child process that may hang or die; the next file is read all the same."""

import json
import subprocess
import sys
from pathlib import Path
from threading import Timer
from time import monotonic

import pytest

from ingest.readers import read
from ingest.workers import Reader
from storage.errors import UnreadableFile


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "好.md"
    path.write_text("# Title\n\n内容 and more", encoding="utf-8")
    return path


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A file that takes seconds to read: endless-looking nested emphasis is cheap, many tables are not."""
    path = tmp_path / "slow.html"
    path.write_text("<table><tr><td>a<td>b</table>" * 400_000, encoding="utf-8")
    return path


def test_reads_as_in_this_process(good: Path) -> None:
    with Reader(30) as reader:
        assert reader.read(good) == read(good)


def test_reasons_come_through(tmp_path: Path, good: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with Reader(30) as reader:
        with pytest.raises(UnreadableFile, match="empty"):
            reader.read(tmp_path / "empty.txt")
        with pytest.raises(UnreadableFile, match="cannot be opened"):
            reader.read(tmp_path / "gone.txt")
        assert reader.read(good).title == "Title"


def test_a_file_that_takes_too_long_is_given_up(slow: Path, good: Path) -> None:
    with Reader(30) as reader:
        reader.read(good)  # the child is started now
        reader._seconds = 0.2
        with pytest.raises(UnreadableFile, match=r"took longer than 0\.2 s"):
            reader.read(slow)
        reader._seconds = 30
        assert reader.read(good).title == "Title"


def test_a_crash_costs_one_file(slow: Path, good: Path) -> None:
    with Reader(60) as reader:
        reader.read(good)
        child = reader._process
        assert child is not None
        Timer(0.3, child.kill).start()
        with pytest.raises(UnreadableFile, match="crashes the reader"):
            reader.read(slow)
        assert reader.read(good).title == "Title"


def test_closing_ends_the_child_at_once(slow: Path, good: Path) -> None:
    with Reader(60) as reader:
        reader.read(good)
        child = reader._process
        Timer(0.3, reader.__exit__, (None, None, None)).start()
        started = monotonic()
        with pytest.raises(UnreadableFile):
            reader.read(slow)
        assert monotonic() - started < 5
    assert child is not None and child.wait(5) is not None
    with pytest.raises(UnreadableFile, match="stopped"):
        reader.read(good)


def test_what_a_library_prints_does_not_mix_with_answers(good: Path) -> None:
    code = (
        "import os, ingest.readers.worker as w\n"
        "plain = w._answer\n"
        "w._answer = lambda path: (print('noise'), os.write(1, b'noise'), plain(path))[2]\n"
        "w.main()"
    )
    root = Path(__file__).parent.parent.parent
    request = json.dumps({"path": str(good)}) + "\n"
    done = subprocess.run(
        [sys.executable, "-c", code], input=request, capture_output=True, text=True, cwd=root, check=True
    )
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["title"] == "Title"
