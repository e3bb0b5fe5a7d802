"""Progress counts up to its totals and tells the time left once it can."""

from time import monotonic

from ingest.progress import Tally
from storage.records import Failure


def test_time_left_is_told_from_the_bytes_done() -> None:
    tally = Tally()
    tally.begin(4, 400)
    assert tally.progress("reading", "a").seconds_left is None
    tally.work_started = monotonic() - 10
    tally.bytes_done = 100
    left = tally.progress("reading", "a").seconds_left
    assert left is not None and 29 < left < 31


def test_report_has_what_was_counted() -> None:
    tally = Tally(added=1, changed=2, removed=3, unchanged=4, chunks=5, failures=[Failure("p", "r")])
    report = tally.report()
    assert (report.added, report.changed, report.removed, report.unchanged, report.chunks) == (1, 2, 3, 4, 5)
    assert report.failures == (Failure("p", "r"),)
    assert report.seconds >= 0
