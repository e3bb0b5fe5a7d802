"""The history page: find a conversation, open it, name, pin and tag it, delete it, take it along and bring it in."""

from collections.abc import Sequence
from datetime import date, datetime
from html import escape

import streamlit as st

from storage.conversations import Conversations
from storage.errors import NotFound
from storage.records import Conversation
from ui.periods import Period, by_period
from ui.web import dialogs, markup, paging, problem
from ui.web.conversations import binned, carrying, finding, labels, notice, selection
from ui.web.parts import Parts, parts
from ui.web.speech import say

_PAGE = 25  # conversations on one page of the list


def page() -> None:
    """The whole page."""
    all_ = parts()
    conversations = all_.app.conversations
    every, deleted = conversations.conversations(), conversations.conversations(deleted=True)
    with st.container(key="history-head", horizontal=True, vertical_alignment="center"):
        st.title(say("History"), anchor=False, width="stretch")
        _ways(all_, every, deleted)
    notice.show(conversations)
    if binned.shown() and deleted:
        binned.page(all_.app, deleted)
    elif every:
        _kept(conversations, every)
    else:
        lead = say("What you ask is kept here, with its answers and their sources.")
        st.html(f'<p class="fn-lead">{escape(lead)}</p>')
        st.page_link("chat.py", label=say("Ask the first question"), icon=":material/forum:")


def _ways(all_: Parts, every: Sequence[Conversation], deleted: Sequence[Conversation]) -> None:
    """What can be done beside reading the list."""
    with st.container(key="history-ways", horizontal=True, width="content", gap="xsmall"):
        if binned.shown() and deleted:
            st.button(
                say("Back to the history"), key="leave-bin", type="tertiary", icon=":material/arrow_back:",
                on_click=binned.leave,
            )  # fmt: skip
            return
        if every and not selection.on():
            st.button(
                say("Select"), key="select", type="tertiary", icon=":material/checklist:", on_click=selection.begin
            )
        bring = dialogs.Dialog(say("Import conversations"), lambda: carrying.bring(all_.app.conversations))
        st.button(
            say("Import"), key="import", type="tertiary", icon=":material/upload:", on_click=dialogs.opener(bring)
        )
        if deleted:
            st.button(
                say("Deleted ({n})", n=f"{len(deleted):,}"), key="bin", type="tertiary", icon=":material/delete:",
                help=say("Recently deleted"), on_click=binned.enter,
            )  # fmt: skip


def _kept(conversations: Conversations, every: Sequence[Conversation]) -> None:
    wanted = finding.wanted(every)
    if wanted.words:
        finding.matches(conversations, wanted)
        return
    if selection.on():
        selection.bar(conversations, wanted.conversations)
    if wanted.conversations:
        _list(conversations, wanted.conversations)
    else:
        st.html(f'<div class="fn-note">{escape(say("No conversation fits these filters."))}</div>')


def _list(conversations: Conversations, wanted: Sequence[Conversation]) -> None:
    for period, held in by_period(wanted[paging.part("history-page", len(wanted), _PAGE)], date.today()):
        st.html(f'<h2 class="fn-period">{escape(_name(period))}</h2>')
        with st.container(key=f"period-{period.kind}-{period.first or ''}", gap=None):
            for each in held:
                _row(conversations, each, period)
    paging.turn("history-page", len(wanted), _PAGE)


def _name(period: Period) -> str:
    if period.first is None:
        return {
            "pinned": say("Pinned"),
            "today": say("Today"),
            "yesterday": say("Yesterday"),
            "week": say("Last 7 days"),
        }[period.kind]
    months = (
        say("January"), say("February"), say("March"), say("April"), say("May"), say("June"), say("July"),
        say("August"), say("September"), say("October"), say("November"), say("December"),
    )  # fmt: skip
    return say("{month} {year}", month=months[period.first.month - 1], year=period.first.year)


def _row(conversations: Conversations, each: Conversation, period: Period) -> None:
    with st.container(key=f"row-{each.id}", horizontal=True, vertical_alignment="center", wrap=False):
        if selection.on():
            selection.box(each)
        with st.container(gap=None, key=f"cell-{each.id}"):
            label = markup.plain(each.title) or say("Untitled")
            st.page_link("chat.py", label=label, query_params={"conversation": each.id})
            tags = "".join(f'<span class="fn-tag">{escape(tag)}</span>' for tag in each.tags)
            told = f"{_time(each.updated, period)} · {escape(each.collection)}"
            st.html(f'<div class="fn-below"><span class="fn-small">{told}</span>{tags}</div>')
        if not selection.on():
            _actions(conversations, each)


def _time(when: datetime, period: Period) -> str:
    """As little of a date as its period leaves open."""
    local = when.astimezone()
    return f"{local:%H:%M}" if period.kind in ("today", "yesterday") else f"{local:%Y-%m-%d %H:%M}"


def _actions(conversations: Conversations, each: Conversation) -> None:
    title = markup.plain(each.title)
    edit = dialogs.Dialog(say("Title and tags"), lambda: labels.edit(conversations, each))
    export = dialogs.Dialog(say("Export"), lambda: carrying.export(conversations, [each.id], each.title))
    with st.container(horizontal=True, width="content", gap="xsmall", wrap=False, key=f"actions-{each.id}"):
        with st.container(key=f"{'pinned' if each.pinned else 'free'}-{each.id}", width="content"):
            st.button(
                say("Unpin {title}", title=title) if each.pinned else say("Pin {title}", title=title),
                key=f"pin-{each.id}", type="tertiary", icon=":material/keep:",
                help=say("Unpin") if each.pinned else say("Pin"), on_click=_pin, args=(conversations, each),
            )  # fmt: skip
        st.button(
            say("Title and tags of {title}", title=title), key=f"edit-{each.id}", type="tertiary",
            icon=":material/edit:", help=say("Title and tags"), on_click=dialogs.opener(edit),
        )  # fmt: skip
        st.button(
            say("Export {title}", title=title), key=f"export-{each.id}", type="tertiary", icon=":material/download:",
            help=say("Export"), on_click=dialogs.opener(export),
        )  # fmt: skip
        st.button(
            say("Delete {title}", title=title), key=f"delete-{each.id}", type="tertiary", icon=":material/delete:",
            help=say("Delete"), on_click=notice.bin_, args=(conversations, [each]),
        )  # fmt: skip


def _pin(conversations: Conversations, each: Conversation) -> None:
    try:
        conversations.pin(each.id, not each.pinned)
    except NotFound as exc:  # another window has deleted it
        problem.tell(exc)


page()
