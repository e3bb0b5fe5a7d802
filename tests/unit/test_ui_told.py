"""Work that tells its progress becomes events."""

import threading
from collections.abc import Callable

import pytest

from storage.errors import BadSettings
from ui.told import told


def test_what_is_told_comes_as_events_and_then_the_end() -> None:
    def work(report: Callable[[int], None]) -> None:
        report(1)
        report(2)

    assert list(told(work, threading.Event())) == [1, 2]


def test_what_a_person_can_mend_is_raised_after_what_was_told() -> None:
    def work(report: Callable[[int], None]) -> None:
        report(1)
        raise BadSettings("full")

    events = told(work, threading.Event())
    assert next(events) == 1
    with pytest.raises(BadSettings, match="full"):
        next(events)


def test_a_cancel_ends_the_work_at_its_next_report() -> None:
    cancel, left = threading.Event(), threading.Event()

    def work(report: Callable[[int], None]) -> None:
        try:
            report(1)
            assert cancel.wait(5)
            report(2)
        finally:
            left.set()

    events = told(work, cancel)
    assert next(events) == 1
    cancel.set()
    assert list(events) == [] and left.wait(5)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_ends_it_too() -> None:
    def work(report: Callable[[int], None]) -> None:
        raise ZeroDivisionError

    with pytest.raises(RuntimeError, match="unexpectedly"):
        list(told(work, threading.Event()))
    for thread in threading.enumerate():
        if thread.name == "footnote-work":
            thread.join(5)  # which shows the trace
