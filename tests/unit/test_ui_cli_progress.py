"""What the terminal tells while files are brought in."""

from collections.abc import Iterator

import pytest

from ingest.progress import Progress, Report
from storage.records import Failure
from ui.cli import progress

REPORT = Report(1, 0, 0, 0, (), 1, 1.0)
FAILED = Failure("/docs/broken.pdf", "is damaged: save it anew.")
HALF = Progress(
    "reading", "/docs/scan.pdf", 3, 10, 1204, 30, 100, 65.0, 1,
    bytes_per_second=3_400_000.0, failed=FAILED, pages=(12, 300),
)  # fmt: skip


def events() -> Iterator[Progress | Report]:
    yield HALF
    yield HALF
    yield REPORT


def test_counts_tell_rate_time_left_and_failures() -> None:
    assert progress.counts(HALF) == "3/10 files, 1,204 chunks, 3.4 MB/s, 1 min left, 1 failed"


def test_a_log_gets_a_line_now_and_then_with_the_latest_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress.Pace, "due", lambda self: True)
    assert progress.follow_ingest(events()) == REPORT
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "1 failed, the latest: /docs/broken.pdf" in captured.err


def test_a_terminal_shows_each_failure_once_and_the_page(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    assert progress.follow_ingest(events()) == REPORT
    told = capsys.readouterr().err
    assert told.count("/docs/broken.pdf is damaged") == 1
    assert "scan.pdf 12/300" in told
