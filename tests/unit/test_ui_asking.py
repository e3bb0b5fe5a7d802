"""A question on its way: each stage begins when its first event comes."""

from ingest.progress import Progress, Report
from qa.answer import Answer, Delta, Evidence
from ui.asking import Asking, asked
from ui.keeping import Saved

PROGRESS = Progress("reading", 0, 1, 0, 1, 0, 0, "/a.md", None)
REPORT = Report(1, 0, 0, 0, (), 1, 0.1)


def test_each_stage_begins_once() -> None:
    state = asked(Asking("m"), Saved("c", "m"))
    assert (state.searching, state.reading, state.writing) == (None, None, None)
    state = asked(asked(state, PROGRESS), REPORT)
    assert state.progress == PROGRESS and state.report == REPORT and state.searching and not state.reading
    state = asked(state, Evidence("q", (), None))
    assert state.evidence and state.reading and not state.writing
    state = asked(state, Delta("One "))
    first = state.writing
    state = asked(state, Delta("two."))
    assert state.text == "One two." and state.writing == first is not None
    assert asked(state, Answer("One two.", found=True)).answer
