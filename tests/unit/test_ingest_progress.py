"""Progress counts up to its totals, also inside one large file, and tells rate and time left once it can."""

from time import monotonic

import pytest

from ingest.progress import Progress, Tally
from storage.records import Failure


def running(seconds: float = 10, files: int = 2, size: int = 1000) -> Tally:
    """Work that began so long ago."""
    tally = Tally()
    tally.begin(files, size)
    tally.work_started = monotonic() - seconds
    return tally


def left(tally: Tally) -> float:
    seconds = tally.now().seconds_left
    assert seconds is not None
    return seconds


def test_nothing_is_told_before_it_is_known() -> None:
    tally = Tally()
    tally.begin(4, 400)
    now = tally.now()
    assert (now.seconds_left, now.bytes_per_second, now.failed, now.pages) == (None, None, None, None)


def test_pages_move_the_bytes_and_tell_the_time_left_of_a_scanned_file() -> None:
    tally = running(files=1)
    tally.open("scan.pdf", 1000)
    tally.pages("scan.pdf", 25, 100)
    now = tally.now()
    assert (now.stage, now.path, now.pages, now.current) == ("reading", "scan.pdf", (25, 100), ("scan.pdf",))
    assert now.bytes_done == 125  # a quarter of the half that reading is
    assert left(tally) == pytest.approx(30, abs=1)


def test_when_embedding_is_slower_it_decides_the_time_left() -> None:
    tally = running(files=2)
    tally.open("a", 500)
    share = tally.read("a", 100, last=True)
    assert share == 1.0
    tally._embedding = monotonic() - 10
    for _ in range(50):
        tally.embedded("a", 1, share / 100)
    assert left(tally) == pytest.approx(30, abs=1)  # 50 chunks wait, 100 are to come, 5 are made in a second


def test_parts_of_a_file_are_shares_of_it() -> None:
    tally = running(files=1)
    tally.open("long.txt", 1000)
    assert tally.read("long.txt", 10, last=False, size=250) == pytest.approx(0.25)
    assert tally.read("long.txt", 10, last=False, size=250) == pytest.approx(0.25)
    assert tally.read("long.txt", 10, last=True, size=250) == pytest.approx(0.5)
    for share in (0.25, 0.25, 0.5):
        tally.embedded("long.txt", 10, share)
    assert (tally.now().bytes_done, tally.now().chunks) == (1000, 30)


def test_what_a_stopped_run_has_left_is_no_work() -> None:
    tally = running(files=1)
    tally.open("long.txt", 1000)
    share = tally.read("long.txt", 10, last=False, size=400)
    tally.embedded("long.txt", 10, share, known=True)
    assert (tally.now().bytes_done, tally.now().chunks) == (400, 0)


def test_files_that_are_done_count_whole_and_are_under_way_no_more() -> None:
    tally = running(files=2)
    tally.open("a", 300)
    tally.read("a", 1, last=True)
    tally.open("b", 700)
    tally.close("a", 300)
    now = tally.now()
    assert (now.files_done, now.bytes_done, now.current) == (1, 300, ("b",))
    tally.fail([Failure("b", "is damaged.")])
    tally.close("b", 700)
    now = tally.now()
    assert (now.files_done, now.bytes_done, now.failures, now.failed) == (2, 1000, 1, Failure("b", "is damaged."))
    tally.pages("b", 1, 2)  # a sign that comes late


def test_the_rate_is_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("ingest.progress.monotonic", lambda: clock[0])
    tally = Tally()
    tally.begin(100, 10_000)

    def rates(size: int, seconds: int) -> Progress:
        for _ in range(seconds):
            tally.close("x", size)
            clock[0] += 1
            now = tally.now()
        return now

    assert rates(10, 15).bytes_per_second == pytest.approx(10, rel=0.2)
    assert rates(100, 15).bytes_per_second == pytest.approx(100, rel=0.2)


def test_report_has_what_was_counted() -> None:
    tally = Tally(added=1, changed=2, removed=3, unchanged=4, chunks=5, failures=[Failure("p", "r")])
    report = tally.report()
    assert (report.added, report.changed, report.removed, report.unchanged, report.chunks) == (1, 2, 3, 4, 5)
    assert report.failures == (Failure("p", "r"),)
    assert report.seconds >= 0
