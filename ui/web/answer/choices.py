"""What a conversation searches and how it is answered: chosen in one place beside the input, kept for the visit."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import streamlit as st

from qa.style import Length, Style
from storage.errors import FootnoteError
from storage.indexes import EVERYTHING
from storage.records import Conversation, DocumentInfo, Filter
from ui.turns import Wishes
from ui.web import markup, problem
from ui.web.answer import room
from ui.web.parts import Parts
from ui.web.speech import say

_KEPT = "wished"  # in the session's state: wishes by conversation, those of a new one under ""
_ASKED = "ask_documents"  # set by a page that leads here with documents to ask about
_LENGTHS: tuple[Length, ...] = ("short", "normal", "detailed")
_NAMES = ("documents", "formats", "languages", "tags", "folder", "length", "language")  # of the widgets
_SHOWN = 3  # titles of documents on their chip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question is asked: in a conversation, or in a new one about a collection."""

    collection: str
    conversation: Conversation | None = None

    @property
    def key(self) -> str:
        """What its choices are kept under."""
        return self.conversation.id if self.conversation else ""


def chosen(all_: Parts, place: Place) -> Wishes:
    """What is wished there."""
    kept = _kept()
    if not place.conversation and (documents := st.session_state.pop(_ASKED, None)):
        kept[""] = Wishes(Filter(documents=tuple(documents)), usual(all_))
    return kept.get(place.key) or Wishes(style=usual(all_))


def usual(all_: Parts) -> Style:
    """The style of answers where nothing else is wished."""
    ask = all_.app.settings.ask
    return Style(ask.length, ask.language)


def move(place: Place, conversation_id: str) -> None:
    """What was wished for a new conversation is wished in it from now on."""
    kept = _kept()
    if not place.conversation and "" in kept:
        kept[conversation_id] = kept.pop("")


def forget_new() -> None:
    """Another collection was chosen for a new conversation: the documents wished for are not there."""
    kept = _kept()
    if "" in kept:
        kept[""] = replace(kept[""], filter=EVERYTHING)


def show(all_: Parts, place: Place) -> None:
    """The way to the choices, and a chip for each that is not the usual one."""
    wishes = chosen(all_, place)
    label = say("Search in {collection}", collection=markup.plain(place.collection))
    with st.popover(label, icon=":material/tune:", type="tertiary", key="choices", on_change="rerun") as opened:
        room.fill(opened.open, "tall-choices", lambda: _panel(all_, place, wishes))
    for number, (name, plain) in enumerate(_chips(all_, place, wishes)):
        st.button(
            name, key=f"chip-{number}", icon=":material/close:", icon_position="right", type="tertiary",
            help=say("Take this back"), on_click=_keep, args=(place, plain),
        )  # fmt: skip


def _kept() -> dict[str, Wishes]:
    kept: dict[str, Wishes] = st.session_state.setdefault(_KEPT, {})
    return kept


def _keep(place: Place, wishes: Wishes) -> None:
    _kept()[place.key] = wishes
    for name in _NAMES:  # what is chosen now is drawn anew from what is wished
        st.session_state.pop(_key(place, name), None)


def _chips(all_: Parts, place: Place, wishes: Wishes) -> list[tuple[str, Wishes]]:
    """What is not as usual, in words, and the wishes without it."""
    filter, style, plain = wishes.filter, wishes.style, usual(all_)
    parts = [
        (_titles(all_, filter.documents), replace(filter, documents=())),
        (", ".join(filter.formats), replace(filter, formats=())),
        (", ".join(map(spoken, filter.languages)), replace(filter, languages=())),
        (", ".join(f"#{tag}" for tag in filter.tags), replace(filter, tags=())),
        (PurePath(filter.folder).name, replace(filter, folder="")),
    ]
    chips = [(markup.plain(name), replace(wishes, filter=without)) for name, without in parts if name]
    if style.length != plain.length:
        chips.append((length(style.length), replace(wishes, style=replace(style, length=plain.length))))
    if style.language != plain.language:
        chips.append((spoken(style.language), replace(wishes, style=replace(style, language=plain.language))))
    return chips


def _titles(all_: Parts, ids: Sequence[str]) -> str:
    """The titles of some documents; those that have gone are left out."""
    if len(ids) > _SHOWN:
        return say("{n} documents", n=len(ids))
    titles = []
    for each in ids:
        try:
            titles.append(all_.app.library.document(each).title)
        except FootnoteError:
            titles.append(say("A document that is gone"))
    return ", ".join(titles)


def length(wanted: Length) -> str:
    """The length of an answer in words."""
    return {"short": say("Short"), "normal": say("Normal"), "detailed": say("Detailed")}[wanted]


def spoken(language: str) -> str:
    """A language in words."""
    return {"": say("As asked"), "en": say("English"), "zh": say("Chinese")}.get(language, language)


def _panel(all_: Parts, place: Place, wishes: Wishes) -> None:
    with st.container(key="choices-panel"):
        held = all_.app.library.documents(place.collection)
        _search(place, wishes, held)
        st.html(f'<div class="fn-label">{say("Answer")}</div>')
        style = wishes.style
        _widget(
            place, "length", style.length, lambda key: st.segmented_control(
                say("Length"), _LENGTHS, format_func=length, key=key, required=True, on_change=_changed,
                args=(place, wishes, "length"),
            ),
        )  # fmt: skip
        _widget(
            place, "language", style.language, lambda key: st.segmented_control(
                say("Language"), ("", "en", "zh"), format_func=spoken, key=key, required=True, on_change=_changed,
                args=(place, wishes, "language"),
            ),
        )  # fmt: skip
        _model(all_)


def _search(place: Place, wishes: Wishes, held: Sequence[DocumentInfo]) -> None:
    """Which documents are searched; what the collection has no choice of is not offered."""
    filter = wishes.filter
    titles = _labels(held)
    offers: list[tuple[str, str, tuple[str, ...], tuple[str, ...], Callable[[str], str]]] = [
        ("documents", say("Documents"), tuple(titles), filter.documents, titles.__getitem__),
        ("formats", say("Types"), _all(each.format for each in held), filter.formats, str),
        ("languages", say("Languages"), _all(each.language for each in held), filter.languages, spoken),
        ("tags", say("Tags"), _all(tag for each in held for tag in each.tags), filter.tags, str),
    ]
    st.html(f'<div class="fn-label">{say("Search in")}</div>')
    for name, label, options, value, shown in offers:
        there = [each for each in value if each in options]
        if len(options) > 1 or there:
            _widget(
                place, name, there, lambda key, label=label, options=options, shown=shown, name=name: st.multiselect(  # type: ignore[misc]
                    label, options, format_func=shown, key=key, placeholder=say("All"), on_change=_changed,
                    args=(place, wishes, name),
                ),
            )  # fmt: skip
    folders = _all(str(PurePath(each.path).parent) for each in held)
    if len(folders) > 1:
        _widget(
            place, "folder", filter.folder if filter.folder in folders else None, lambda key: st.selectbox(
                say("Folder"), folders, key=key, index=None, placeholder=say("All"), on_change=_changed,
                args=(place, wishes, "folder"),
            ),
        )  # fmt: skip


def _widget(place: Place, name: str, value: Any, draw: Callable[[str], object]) -> None:
    """Draw a widget with what was chosen: Streamlit forgets that of a widget that was not drawn for a while."""
    key = _key(place, name)
    if key not in st.session_state:
        st.session_state[key] = value
    draw(key)


def _key(place: Place, name: str) -> str:
    return f"choose-{name}-{place.key}"


def _changed(place: Place, before: Wishes, name: str) -> None:
    value = st.session_state[_key(place, name)]
    kept = _kept()
    before = kept.get(place.key) or before
    if name in ("length", "language"):
        kept[place.key] = replace(before, style=replace(before.style, **{name: value}))
    else:
        new: Any = (value or "") if name == "folder" else tuple(value)
        kept[place.key] = replace(before, filter=replace(before.filter, **{name: new}))


def _labels(held: Sequence[DocumentInfo]) -> dict[str, str]:
    """A name for each document by its id, by title; the file's name tells those of the same title apart."""
    often = Counter(each.title for each in held)
    names = {
        each.id: each.title if often[each.title] == 1 else f"{each.title} ({PurePath(each.path).name})" for each in held
    }
    return dict(sorted(names.items(), key=lambda pair: pair[1].casefold()))


def _all(values: Any) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def chat_models(all_: Parts) -> tuple[str, ...]:
    """The chat models that can be chosen here: those installed, and the one in use."""
    installed = {each.id for each in all_.app.store.installed() if each.role == "chat"}
    return tuple(sorted({all_.app.settings.chat_model, *installed}))


def _model(all_: Parts) -> None:
    models = chat_models(all_)
    if len(models) < 2:
        return
    key = "choose-model"
    if st.session_state.get(key) not in models:
        st.session_state[key] = all_.app.settings.chat_model

    def choose() -> None:
        use(all_, st.session_state[key])

    st.selectbox(
        say("Model"), list(models), key=key, on_change=choose,
        help=say("The model is changed for everyone who uses this server."),
    )  # fmt: skip


def use(all_: Parts, model: str) -> bool:
    """Let another chat model write the answers from now on, for everyone; whether that can be."""
    try:
        all_.app.use("chat", model)
    except FootnoteError as exc:
        problem.tell(exc)
        return False
    all_.app.chat.start()
    return True
