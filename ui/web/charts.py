"""Plots of the insights page, for both themes, each with the same figures as a table for those who hear the page."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from storage.insights import Day, Spread
from ui.figures import Chart
from ui.web import speech
from ui.web.speech import say

if TYPE_CHECKING:
    import altair

_HEIGHT = 180
# Each stands out from the ground of both themes; of the outcomes also from its neighbours for the colour-blind.
_ACCENT = "#35908c"
_OUTCOME_COLOURS = ("#35908c", "#d09a3c", "#8b959b", "#b4504e")
_TIME_COLOURS = (_ACCENT, "#8fb3b0")


def questions(chart: Chart) -> None:
    """How many questions were asked."""
    import altair as alt

    data = {"values": [{"at": each.day.isoformat(), "n": each.questions} for each in chart.bars]}
    plot = alt.Chart(data).mark_bar(color=_ACCENT).encode(
        x=_days(chart), y=_whole(), tooltip=[_when(chart), alt.Tooltip("n:Q", title=say("Questions"))],
    )  # fmt: skip
    _draw(plot, say("Questions over time"), "plot-questions")
    _table(
        (say("From"), say("Questions")),
        [(_spoken(chart, each), each.questions) for each in chart.bars if each.questions],
    )


def outcomes(chart: Chart) -> None:
    """How the answers came out."""
    import altair as alt

    names = outcome_names()
    data = {
        "values": [
            {"at": each.day.isoformat(), "n": number, "outcome": name, "order": order}
            for each in chart.bars
            for order, (name, number) in enumerate(zip(names, each.outcomes, strict=True))
        ]
    }
    colour = alt.Color(
        "outcome:N", scale=alt.Scale(domain=list(names), range=list(_OUTCOME_COLOURS)), legend=None,
    )  # fmt: skip
    plot = alt.Chart(data).mark_bar().encode(
        x=_days(chart), y=_whole(), color=colour, order=alt.Order("order:Q"),
        tooltip=[
            _when(chart), alt.Tooltip("outcome:N", title=say("Outcome")), alt.Tooltip("n:Q", title=say("Answers")),
        ],
    )  # fmt: skip
    _draw(plot, say("Outcomes over time"), "plot-outcomes")
    _legend(names, _OUTCOME_COLOURS)
    _table((say("From"), *names), [(_spoken(chart, each), *each.outcomes) for each in chart.bars if any(each.outcomes)])


def times(stages: Sequence[tuple[str, Spread]]) -> None:
    """How long each stage takes: a bar for half of the answers, and a lighter one for nine of ten."""
    import altair as alt

    half, most = say("Half of the answers"), say("Nine of ten")
    data = {
        "values": [
            {"stage": stage, "share": name, "seconds": round(seconds, 2)}
            for stage, spread in stages
            for name, seconds in ((most, spread.ninetieth), (half, spread.median))
        ]
    }
    colour = alt.Color(
        "share:N", scale=alt.Scale(domain=[half, most], range=list(_TIME_COLOURS)), legend=None,
    )  # fmt: skip
    plot = alt.Chart(data).mark_bar().encode(
        x=alt.X("seconds:Q", stack=None, title=say("seconds"), axis=alt.Axis(tickMinStep=1)),
        y=alt.Y(
            "stage:N", sort=[stage for stage, _ in stages], title=None,
            axis=alt.Axis(labelLimit=140, labelOverlap=False),
        ),
        yOffset=alt.YOffset("share:N", sort=[half, most]), color=colour,
        tooltip=[alt.Tooltip("stage:N", title=say("Until")), "share:N", alt.Tooltip("seconds:Q", title=say("seconds"))],
    )  # fmt: skip
    _draw(plot, say("Times"), "plot-times")
    _legend((half, most), _TIME_COLOURS)
    rows = [(stage, speech.duration(s.median), speech.duration(s.ninetieth)) for stage, s in stages]
    _table((say("Until"), half, most), rows)


def outcome_names() -> tuple[str, ...]:
    """What the outcomes are called, in their order."""
    return say("Answered"), say("Not in the documents"), say("Stopped"), say("Failed")


def _days(chart: Chart) -> "altair.X":
    import altair as alt

    axis = alt.Axis(
        labelExpr=f"utcFormat(toDate(datum.value), '{_format(chart)}')", labelAngle=0, labelOverlap=True, title=None,
        ticks=False, grid=False,
    )  # fmt: skip
    return alt.X("at:O", axis=axis, scale=alt.Scale(paddingInner=0.2))


def _whole() -> "altair.Y":
    import altair as alt

    return alt.Y("n:Q", stack="zero", title=None, axis=alt.Axis(tickMinStep=1, format="d", tickCount=4))


def _when(chart: Chart) -> "altair.Tooltip":
    import altair as alt

    title = {"day": say("Day"), "week": say("Week from"), "month": say("Month")}[chart.step]
    return alt.Tooltip("at:O", title=title)


def _format(chart: Chart) -> str:
    """How a day stands under its bar, in d3's signs."""
    if chart.step == "month":
        return say("%b %Y")
    return say("%-d %b")


def _spoken(chart: Chart, day: Day) -> str:
    return f"{day.day:%Y-%m}" if chart.step == "month" else day.day.isoformat()


def _draw(plot: Any, description: str, key: str) -> None:
    with st.container(key=key):
        st.altair_chart(plot.properties(height=_HEIGHT, description=description), width="stretch", theme="streamlit")


def _legend(names: Sequence[str], colours: Sequence[str]) -> None:
    """What the colours mean, in the page's own text: it wraps where the plot is narrow."""
    marks = (
        f'<span><span class="fn-swatch" style="background: {colour}"></span>{escape(name)}</span>'
        for name, colour in zip(names, colours, strict=True)
    )
    st.html(f'<div class="fn-small fn-swatches" aria-hidden="true">{"".join(marks)}</div>')


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    st.html(f'<div class="fn-unseen"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')
