"""The insights page: what was asked, what was answered and from which documents, and what the library lacks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from html import escape
from typing import TypeVar

import streamlit as st

from storage.insights import Cited, Gap, Overview, Rated
from ui import figures
from ui.app import App
from ui.web import charts, dialogs, markup, paging, speech
from ui.web.drawer import passage
from ui.web.parts import parts
from ui.web.speech import say

_ROWS = 10  # of a list at a time
_CHATTED = "chat.py"

T = TypeVar("T")


def page() -> None:
    """The whole page."""
    app = parts().app
    st.title(say("Insights"), anchor=False)
    asked = app.conversations.insights.collections()
    if not asked:
        lead = say("What you ask is counted here: what was answered, from which documents, and what they do not say.")
        st.html(f'<p class="fn-lead">{escape(lead)}</p>')
        st.page_link(_CHATTED, label=say("Ask the first question"), icon=":material/forum:")
        return
    collection, period = _choose(sorted({*asked, *(each.name for each in app.library.collections())}))
    now = datetime.now().astimezone()
    since = figures.since(period, now)
    overview = app.conversations.insights.overview(collection, since)
    if not overview.questions:
        st.html(f'<p class="fn-lead">{escape(say("Nothing was asked in this time."))}</p>')
        return
    _summary(overview)
    chart = figures.chart(overview.days, since.date() if since else None, now.date())
    st.header(_over_time(chart.step), anchor=False)
    charts.questions(chart)
    st.header(say("How the answers came out"), anchor=False)
    charts.outcomes(chart)
    _gaps(app, overview.gaps)
    _documents(app, overview)
    _times(overview)
    _feedback(overview.rated)


def _choose(names: Sequence[str]) -> tuple[str | None, str]:
    periods = {"week": say("7 days"), "month": say("30 days"), "year": say("A year"), "all": say("All")}
    with st.container(horizontal=True, vertical_alignment="bottom", key="insights-choice"):
        collection = st.selectbox(
            say("Collection"), [None, *names], key="insights-collection",
            format_func=lambda name: say("All collections") if name is None else name,
        )  # fmt: skip
        period = st.segmented_control(
            say("Time"), list(periods), default="month", required=True, key="insights-period",
            format_func=lambda each: periods[each],
        )  # fmt: skip
    return collection, period or "month"


def _over_time(step: figures.Step) -> str:
    return {
        "day": say("Questions per day"), "week": say("Questions per week"), "month": say("Questions per month"),
    }[step]  # fmt: skip


def _summary(overview: Overview) -> None:
    """The figures to see first."""
    answered, refused, *broken = overview.outcomes
    whole = answered + refused
    total = overview.times[-1]
    shown = [
        (say("Questions"), f"{overview.questions:,}", ""),
        (say("Answered"), figures.share(answered, whole), say("{n} of {whole}", n=f"{answered:,}", whole=f"{whole:,}")),
        (say("Not found"), figures.share(refused, whole), say("{n} of {whole}", n=f"{refused:,}", whole=f"{whole:,}")),
        (say("Typical answer"), speech.duration(total.median) if total else "–", say("half take less")),
    ]
    if sum(broken):
        facts = say("{stopped} stopped, {failed} failed", stopped=broken[0], failed=broken[1])
        shown.append((say("Not finished"), f"{sum(broken):,}", facts))
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(figure)}</dd><dd>{escape(note)}</dd></div>"
        for name, figure, note in shown
    )
    st.html(f'<dl class="fn-figures">{cells}</dl>')


def _gaps(app: App, gaps: Sequence[Gap]) -> None:
    """The questions that found nothing, each with what came nearest and the way to its conversation."""
    st.header(say("What the documents do not say"), anchor=False)
    if not gaps:
        _note(say("Every question found an answer."))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="gaps-head"):
        _note(say("Questions without an answer show what the library lacks."))
        header = (say("Question"), say("Asked"), say("Collection"), say("Nearest document"), say("Conversation"))
        st.download_button(
            say("Export as CSV"), lambda: figures.gaps_csv(gaps, header), "gaps.csv", "text/csv", key="gaps-csv",
            type="tertiary", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    with _paged(gaps, "gaps-page") as some:
        for at, gap in some:
            _gap(app, at, gap)


def _gap(app: App, at: int, gap: Gap) -> None:
    with st.container(key=f"row-gap-{at}", gap=None), st.container(key=f"cell-gap-{at}", gap=None):
        _question(gap.question, gap.conversation_id)
        _small(f"{speech.moment(gap.asked)} · {gap.collection}")
        if gap.title:
            _opener(app, f"gap-{at}", gap.document_id, gap.title, say("Nearest: {title}", title=gap.title))


def _documents(app: App, overview: Overview) -> None:
    """The documents that answers rest on, and those that none does."""
    st.header(say("Most cited documents"), anchor=False)
    if not overview.cited:
        _note(say("No answer cited a document in this time."))
    most = max((each.answers for each in overview.cited), default=1)
    with _paged(overview.cited, "cited-page") as some:
        for at, each in some:
            with st.container(key=f"row-cited-{at}", gap=None):
                _cited(app, at, each, most)
    if overview.never:
        n = len(overview.never)
        label = (
            say("{n} document was never cited", n=n) if n == 1 else say("{n} documents were never cited", n=f"{n:,}")
        )
        with st.expander(label, key="never-cited"), _paged(overview.never, "never-page", 25) as some:
            for at, each in some:
                _opener(app, f"never-{at}", each.document_id, each.title, each.title)


def _cited(app: App, at: int, each: Cited, most: int) -> None:
    if each.here:
        _opener(app, f"cited-{at}", each.document_id, each.title, each.title)
    else:
        st.html(f'<div class="fn-gone">{escape(each.title)}</div>')
    facts = say("cited by {n} answer", n=1) if each.answers == 1 else say("cited by {n} answers", n=f"{each.answers:,}")
    if not each.here:
        facts += " · " + say("no longer in the library")
    bar = f'<div class="fn-bar" style="width: {100 * each.answers / most:.1f}%"></div>'
    st.html(f'<div aria-hidden="true" class="fn-bars">{bar}</div><div class="fn-small">{escape(facts)}</div>')


def _times(overview: Overview) -> None:
    names = say("Passages shown"), say("First word"), say("Whole answer")
    stages = [(name, spread) for name, spread in zip(names, overview.times, strict=True) if spread]
    if stages:
        st.header(say("How long it takes"), anchor=False)
        charts.times(stages)


def _feedback(rated: Sequence[Rated]) -> None:
    """What people thought of the answers."""
    if not rated:
        return
    st.header(say("Feedback"), anchor=False)
    good = sum(each.score > 0 for each in rated)
    _note(say("{good} helpful, {bad} not helpful", good=f"{good:,}", bad=f"{len(rated) - good:,}"))
    with _paged([each for each in rated if each.comment or each.score < 0], "rated-page") as some:
        for at, each in some:
            with st.container(key=f"row-rated-{at}", gap=None), st.container(key=f"cell-rated-{at}", gap=None):
                _question(each.question, each.conversation_id)
                if each.comment:
                    st.html(f'<div class="fn-excerpt">{escape(each.comment)}</div>')
                score = say("helpful") if each.score > 0 else say("not helpful")
                _small(f"{score} · {speech.moment(each.created)}")


@contextmanager
def _paged(every: Sequence[T], key: str, rows: int = _ROWS) -> Iterator[list[tuple[int, T]]]:
    """One page of a list with each one's place in it; below it the way to the other pages where there are any."""
    yield list(enumerate(every))[paging.part(key, len(every), rows)]
    paging.turn(key, len(every), rows)


def _question(question: str, conversation_id: str) -> None:
    line = " ".join(question.split())
    label = markup.plain(line if len(line) <= 160 else line[:159] + "…") or say("Untitled")
    st.page_link(_CHATTED, label=label, query_params={"conversation": conversation_id})


def _opener(app: App, key: str, document_id: str, title: str, label: str) -> None:
    """A title that opens its document beside the page."""
    drawer = passage.of_document(app.library, document_id, title)
    st.button(
        markup.plain(label) or say("Untitled"), key=f"open-{key}", type="tertiary", on_click=dialogs.opener(drawer)
    )


def _note(text: str) -> None:
    st.html(f'<div class="fn-note">{escape(text)}</div>')


def _small(text: str) -> None:
    st.html(f'<div class="fn-small">{escape(text)}</div>')


page()
