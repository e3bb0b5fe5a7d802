"""The map of a collection: its documents in the plane by meaning, coloured by topic; a click opens one."""

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from storage.atlas import Atlas, Drawing, Topic
from storage.database import Database
from storage.listing import Listing
from storage.records import Collection
from ui.job import Job
from ui.maps import Mapping, Maps
from ui.web import markup, paging, speech
from ui.web.documents import document
from ui.web.parts import Parts
from ui.web.speech import say

if TYPE_CHECKING:
    import altair

FEWEST = 3  # documents of which a map says something
_TICK = 0.5  # seconds between two looks at a map that is being drawn
_SOON = 0.4  # seconds in which the map of some documents is there
_LISTED = 25  # documents of a topic that are listed at once
_HEIGHT, _LINE = 400, 24  # pixels of the plane and of each line below it
_MANY = 200  # documents among which one wants to look closer

# Ink, ground, and Okabe and Ito's colours for the colour-blind (2008), the pale ones darker on light ground, the dark
# ones lighter on dark ground; shapes say the same again.
_LIGHT = "#20292e", "#fdfcf9", (
    "#0072b2", "#d55e00", "#00865f", "#b7568d", "#b27b00", "#2f8fc9", "#756700", "#55606a",
)  # fmt: skip
_DARK = "#e4e2dc", "#15191b", (
    "#5aaee8", "#f2894a", "#2fc99b", "#e59ac5", "#f0b541", "#9ad7f7", "#ded25c", "#b4bcc2",
)  # fmt: skip
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")


@st.cache_resource(show_spinner=False)
def _maps(name: str, _database: Database) -> Maps:
    return Maps(_database)


def show(all_: Parts, collection: Collection) -> None:
    """The map, or how far it is, or why there is none."""
    if collection.documents < FEWEST:
        note = say("A map needs at least {n} documents.", n=FEWEST)
        st.html(f'<div class="fn-note">{escape(note)}</div>')
        return
    database = all_.app.library.database
    maps = _maps(database.name, database)
    job = maps.of(collection)
    job.wait(_SOON)
    if not job.done:
        st.fragment(_drawing, run_every=_TICK)(job)
    elif job.state.atlas is None:
        why = markup.plain(speech.error(job.error)) if job.error else say("The map was not finished.")
        st.warning(why, icon=":material/info:")
        st.button(say("Draw it again"), key="map-again", on_click=maps.forget, args=(collection.name,))
    else:
        _map(all_, job.state.atlas)


def _drawing(job: Job[Mapping]) -> None:
    """How far a map is."""
    if job.done:
        st.rerun()
    drawing = job.state.drawing
    share = drawing.done / drawing.total if drawing and drawing.total else 0.0
    text = say("Stopping…") if job.cancelled else _stage(drawing)
    with st.container(border=True, key="map-drawing"):
        st.progress(min(share, 1.0), text)
        st.button(say("Cancel"), key="map-cancel", on_click=job.cancel, disabled=job.cancelled)


def _stage(drawing: Drawing | None) -> str:
    stages = {
        "reading": say("Reading what the documents mean"), "words": say("Reading their words"),
        "layout": say("Laying them out; this takes a moment"),
    }  # fmt: skip
    return stages[drawing.stage if drawing else "reading"]


def _map(all_: Parts, atlas: Atlas) -> None:
    names = [_name(number, topic) for number, topic in enumerate(atlas.topics)]
    turn = st.session_state.setdefault("map-turn", 0)  # another chart after each click, in which nothing is picked

    def picked() -> None:
        points = st.session_state[f"map-{turn}"].selection.get("picked") or []
        st.session_state["map-turn"] = turn + 1
        if points:
            _open(all_, atlas.collection, str(points[0]["id"]))

    with st.container(key="map", gap="small"):
        note = say("Documents that lie close together are about similar things. Choose one to open it.")
        st.html(f'<div class="fn-small">{escape(note)}</div>')
        st.altair_chart(
            _chart(atlas, names), key=f"map-{turn}", on_select=picked, selection_mode="picked", width="stretch",
            alt=say("Map of {n} documents in {topics} topics; they are listed below", n=len(atlas.places),
                    topics=len(names)),
        )  # fmt: skip
        _topics(all_, atlas, names)


def _name(number: int, topic: Topic) -> str:
    return " · ".join(topic.words) or say("Topic {n}", n=number + 1)


def _chart(atlas: Atlas, names: list[str]) -> "altair.Chart":
    import altair

    ink, ground, colours = _DARK if st.context.theme.type == "dark" else _LIGHT
    labels = _distinct(names)
    rows = [{"id": p.document_id, "title": p.title, "x": p.x, "y": p.y, "topic": labels[p.topic]} for p in atlas.places]
    hovered = altair.selection_point(name="hovered", on="pointerover", empty=False, fields=["id"])
    legend = altair.selection_point(name="legend", fields=["topic"], bind="legend")
    picked = altair.selection_point(name="picked", fields=["id"])
    below = altair.Legend(
        title=None, orient="bottom", direction="vertical", columns=1, labelLimit=320, symbolSize=130, labelColor=ink,
        labelFontSize=13, symbolOpacity=1, symbolStrokeWidth=0,
    )  # fmt: skip
    within = altair.Scale(domain=[-1.1, 1.1])
    chart: altair.Chart = (
        altair.Chart(altair.InlineData(values=rows))
        .mark_point(filled=True, size=_size(len(rows)), cursor="pointer")
        .encode(
            altair.X("x:Q", axis=None, scale=within),
            altair.Y("y:Q", axis=None, scale=within),
            altair.Color("topic:N", scale=_scale(labels, colours), legend=below, sort=labels),
            altair.Shape("topic:N", scale=_scale(labels, _SHAPES), legend=below, sort=labels),
            stroke=altair.condition(hovered, altair.value(ink), altair.value(ground)),
            strokeWidth=altair.condition(hovered, altair.value(2.5), altair.value(1)),
            opacity=altair.condition(legend, altair.value(0.92), altair.value(0.12)),
            tooltip=[altair.Tooltip("title:N", title=say("Title")), altair.Tooltip("topic:N", title=say("Topic"))],
        )
        .add_params(hovered, legend, picked, *_window(len(rows)))
        .properties(height=_HEIGHT + _LINE * len(names))
    )
    return chart


def _scale(labels: list[str], values: tuple[str, ...]) -> "altair.Scale":
    import altair

    return altair.Scale(domain=labels, range=list(values[: len(labels)]))


def _window(documents: int) -> "list[altair.Parameter]":
    """To look closer where there are many: drag, or turn the wheel with Ctrl; without it the page scrolls."""
    import altair

    zoom = "wheel![event.ctrlKey || event.metaKey]"
    return [altair.selection_interval(name="window", bind="scales", zoom=zoom)] if documents > _MANY else []


def _distinct(names: list[str]) -> list[str]:
    """Names of which no two are the same, as the chart knows topics by them."""
    return [f"{name} ({names[:at].count(name) + 1})" if name in names[:at] else name for at, name in enumerate(names)]


def _size(documents: int) -> int:
    """The area of a mark in square pixels: smaller the more there are."""
    return 130 if documents <= 100 else 70 if documents <= 1_000 else 26


def _topics(all_: Parts, atlas: Atlas, names: list[str]) -> None:
    """The same as a list: the topics, and the documents of the one that is chosen."""
    counts = [topic.documents for topic in atlas.topics]
    chosen = st.selectbox(
        say("Documents of a topic"), range(len(names)), index=None, key="map-topic", placeholder=say("Choose a topic"),
        format_func=lambda number: f"{names[number]} · {counts[number]:,}",
    )  # fmt: skip
    if chosen is None:
        return
    held = [place for place in atlas.places if place.topic == chosen]
    with st.container(gap=None):
        for place in held[paging.part("map-page", len(held), _LISTED)]:
            st.button(
                markup.plain(place.title), key=f"open-map-{place.document_id}", type="tertiary", on_click=_open,
                args=(all_, atlas.collection, place.document_id),
            )  # fmt: skip
    paging.turn("map-page", len(held), _LISTED)


def _open(all_: Parts, collection: str, document_id: str) -> None:
    for info in Listing(all_.app.library.database).documents(collection, (document_id,)):
        document.opener(all_, info)()
