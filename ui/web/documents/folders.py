"""The folders that a collection is linked with: whether they are in sync, and what can be done with each."""

from collections.abc import Sequence
from hashlib import blake2b
from html import escape
from pathlib import Path

import streamlit as st

from storage.folders import Folder
from ui.following import Followed
from ui.links import counted, link, unlink
from ui.web import dialogs, markup, speech
from ui.web.documents import ingesting
from ui.web.parts import Parts
from ui.web.speech import say


def problems(all_: Parts, linked: Sequence[Folder]) -> None:
    """What keeps followed folders from being in sync."""
    for each in linked:
        followed = all_.following.of(each)
        if followed and followed.problem:
            what = f"{each.path}: {speech.error(followed.problem)}"
            st.warning(markup.plain(what), icon=":material/sync_problem:")


def show(all_: Parts, linked: Sequence[Folder]) -> None:
    """Each folder with its state, and the switch that keeps it in sync."""
    with st.container(key="folders", gap="small"):
        documents = counted(all_.app.library, linked)
        for each in linked:
            _row(all_, each, documents[each.path])


def _row(all_: Parts, folder: Folder, documents: int) -> None:
    key = blake2b(f"{folder.collection}\0{folder.path}".encode(), digest_size=6).hexdigest()
    with st.container(key=f"row-folder-{key}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_facts(folder, all_.following.of(folder), documents), width="stretch")
        with st.container(
            key=f"folder-ways-{key}", horizontal=True, vertical_alignment="center", wrap=False, width="content"
        ):
            _ways(all_, folder, documents, key)


def _ways(all_: Parts, folder: Folder, documents: int, key: str) -> None:
    """What can be done with a folder."""
    name = markup.plain(_name(folder))
    st.session_state[f"watch-{key}"] = folder.watched
    st.toggle(say("Keep in sync"), key=f"watch-{key}", on_change=_watch, args=(all_, folder, f"watch-{key}"))
    st.button(
        say("Sync {name} now", name=name), key=f"sync-{key}", type="tertiary", icon=":material/sync:",
        help=say("Sync now"), on_click=lambda: _sync(all_, folder),
    )  # fmt: skip
    labels = {"patterns": say("Which files…"), "unlink": say("Unlink…")}
    bodies = {
        "patterns": dialogs.Dialog(say("Which files count"), lambda: _patterns(all_, folder)),
        "unlink": dialogs.Dialog(say("Unlink folder"), lambda: _unlink(all_, folder, documents)),
    }
    picked = st.menu_button(
        say("More for {name}", name=name), list(labels), key=f"folder-menu-{key}", type="tertiary",
        icon=":material/more_horiz:", format_func=labels.__getitem__,
    )  # fmt: skip
    if picked:
        dialogs.open_(bodies[picked])


def _name(folder: Folder) -> str:
    return Path(folder.path).name or folder.path


def _facts(folder: Folder, followed: Followed | None, documents: int) -> str:
    number = say("{n} document", n=1) if documents == 1 else say("{n} documents", n=f"{documents:,}")
    facts = [number, _synced(folder)]
    if folder.include or folder.exclude:
        facts.append(say("some files only"))
    if followed and followed.report and (did := ingesting.done(followed.report, unchanged=False)):
        facts.append(did)
    lines = [
        f"<strong>{escape(_name(folder))}</strong> {_tag(folder, followed)}"
        f'<div class="fn-path" title="{escape(folder.path)}">{escape(folder.path)}</div>',
        f'<div class="fn-small">{escape(" · ".join(facts))}</div>',
    ]
    if followed and followed.note:
        lines.append(f'<div class="fn-small">{escape(speech.error(followed.note))}</div>')
    return f'<div class="fn-folder">{"".join(lines)}</div>'


def _synced(folder: Folder) -> str:
    return say("synced {time}", time=speech.moment(folder.synced)) if folder.synced else say("not read yet")


def _tag(folder: Folder, followed: Followed | None) -> str:
    """How it is with a folder, in a word."""
    if not folder.watched:
        return ""
    if followed and followed.problem:
        return f'<span class="fn-tag fn-wrong">{escape(say("not in sync"))}</span>'
    word = say("syncing") if followed and followed.job else say("followed")
    return f'<span class="fn-tag">{escape(word)}</span>'


def _sync(all_: Parts, folder: Folder) -> None:
    all_.jobs.ingest([Path(folder.path)], folder.collection)


def _watch(all_: Parts, folder: Folder, key: str) -> None:
    all_.app.library.folders.watch(folder.collection, folder.path, st.session_state[key])
    all_.following.settle()


def _patterns(all_: Parts, folder: Folder) -> None:
    hint = say(
        "One pattern a line, as in a .gitignore file: *.pdf, drafts/, /archive/2019. A file named .footnoteignore in "
        "the folder leaves files out, too."
    )
    with st.form("patterns", border=False):
        st.html(f'<div class="fn-path">{escape(folder.path)}</div>')
        include = st.text_area(
            say("Only these files"), "\n".join(folder.include), key="include", placeholder=say("all that can be read")
        )
        exclude = st.text_area(
            say("But not these"), "\n".join(folder.exclude), key="exclude", placeholder=say("nothing is left out")
        )
        st.html(f'<div class="fn-small">{escape(hint)}</div>')
        if st.form_submit_button(say("Save and sync"), type="primary"):
            patterns = _lines(include), _lines(exclude)
            link(all_.app.library.folders, folder.collection, Path(folder.path), *patterns)
            _sync(all_, folder)
            dialogs.done()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _unlink(all_: Parts, folder: Folder, documents: int) -> None:
    if all_.jobs.ingests.busy(folder.collection):
        st.info(say("Documents of this collection are being worked on. Try again when that has ended."))
        return
    st.html(f'<div class="fn-path">{escape(folder.path)}</div>')
    st.markdown(say("Changes of this folder are no longer followed. The files in it stay where they are."))
    labels = {False: say("Its documents stay in the library")}
    if documents:
        one = say("Its {n} document goes, too", n=1)
        labels[True] = one if documents == 1 else say("Its {n} documents go, too", n=f"{documents:,}")
    taken = st.radio(
        say("Documents"), list(labels), key="unlink-documents", format_func=labels.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip

    def let_go() -> None:
        unlink(all_.app.library, folder, bool(taken))
        all_.following.settle()

    dialogs.confirm(say("Unlink"), let_go)
