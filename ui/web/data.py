"""The data of Footnote: where it lies and how much it is, backups, and bringing one back."""

import os
import shutil
from html import escape
from pathlib import Path

import streamlit as st
from sqlalchemy import make_url

from storage.errors import FootnoteError
from storage.restore import read
from ui import uploads
from ui.backups import Backing, Kept, folder, free, kept
from ui.job import Job
from ui.web import dialogs, markup, speech
from ui.web.parts import Parts
from ui.web.speech import moment, say, size

_TICK = 0.5  # seconds between two looks at what is under way
_MOST = 4000  # megabytes of a backup that is dropped here
_ROUND = "backup-round"  # in the session's state: how many backups were dropped, so that the next one finds it empty


def show(all_: Parts) -> None:
    """Folder, sizes, and backups with what can be done to each."""
    settings = all_.app.settings
    st.header(say("Data"), anchor=False)
    st.html(f'<div class="fn-small">{escape(say("The data folder of Footnote on this computer:"))}</div>')
    st.code(str(settings.home), language=None, wrap_lines=True)
    parts = _sizes(settings.home, settings.models, settings.database_url)
    names = {
        "database": say("Database"), "uploads": say("Dropped files"), "indexes": say("Indexes"),
        "models": say("Models"), "backups": say("Backups"),
    }  # fmt: skip
    rows = (f"<dt>{escape(names[part])}</dt><dd>{size(number)}</dd>" for part, number in parts.items())
    st.html(f'<dl class="fn-sizes">{"".join(rows)}</dl>')
    _backups(all_)


@st.cache_data(ttl=10, show_spinner=False)
def _sizes(home: Path, models: Path, database: str) -> dict[str, int]:
    """Bytes of each part on disk; of a database on a server nothing is known."""
    folders = {"uploads": uploads.of(home), "indexes": home / "indexes", "models": models, "backups": folder(home)}
    url = make_url(database)
    found = {}
    if url.drivername.startswith("sqlite") and url.database:
        found["database"] = sum(_bytes(Path(f"{url.database}{more}")) for more in ("", "-wal", "-shm"))
    return found | {name: sum(_bytes(file) for file in where.rglob("*")) for name, where in folders.items()}


def _bytes(file: Path) -> int:
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:  # gone meanwhile
        return 0


def _backups(all_: Parts) -> None:
    st.header(say("Backup and restore"), anchor=False)
    what = say("A backup is one file with documents, conversations, settings and dropped files. Models are not in it.")
    st.html(f'<div class="fn-note">{escape(what)}</div>')
    job = all_.jobs.backing
    running = bool(job and not job.done)
    if job and running:
        st.fragment(_live, run_every=_TICK)(job)
    elif job:
        _outcome(all_, job)
    if st.button(say("Make a backup"), key="back-up", type="primary", icon=":material/archive:", disabled=running):
        _begin(all_, None)
    for each in kept(all_.app.settings.home):
        _row(all_, each, running)
    with st.expander(say("Restore from a file"), icon=":material/settings_backup_restore:"):
        _drop(all_, running)


def _begin(all_: Parts, file: Path | None) -> None:
    begun = all_.jobs.bring_back(file) if file else all_.jobs.back_up()
    if begun:
        st.rerun()
    st.warning(say("Documents are being added or embedded. Wait until that is done."), icon=":material/hourglass:")


def _row(all_: Parts, each: Kept, running: bool) -> None:
    name = each.file.name
    restoring = dialogs.Dialog(say("Restore this backup?"), lambda: _confirm(all_, each.file))
    removing = dialogs.Dialog(say("Remove backup"), lambda: _remove(each.file))
    with st.container(key=f"row-{name}", horizontal=True, vertical_alignment="center", wrap=False):
        with st.container(gap=None, key=f"cell-{name}"):
            facts = f"{escape(name)} · {size(each.bytes)}"
            written = moment(each.written)
            st.html(f'<div><strong>{written[0].upper()}{written[1:]}</strong></div><div class="fn-small">{facts}</div>')
        st.download_button(
            say("Download {name}", name=name), each.file.read_bytes, name, "application/zip",
            key=f"actions-download-{name}", icon=":material/download:", type="tertiary", on_click="ignore",
            help=say("Download"),
        )  # fmt: skip
        st.button(
            say("Restore {name}", name=name), key=f"actions-restore-{name}", icon=":material/settings_backup_restore:",
            type="tertiary", help=say("Restore"), disabled=running, on_click=dialogs.opener(restoring),
        )  # fmt: skip
        st.button(
            say("Remove {name}", name=name), key=f"remove-{name}", icon=":material/delete:", type="tertiary",
            help=say("Remove"), disabled=running, on_click=dialogs.opener(removing),
        )  # fmt: skip


def _drop(all_: Parts, running: bool) -> None:
    number = st.session_state.setdefault(_ROUND, 0)
    dropped = st.file_uploader(
        say("A backup, as a .zip"), type="zip", key=f"dropped-backup-{number}", max_upload_size=_MOST, disabled=running
    )
    if dropped is None:
        return
    home = all_.app.settings.home
    folder(home).mkdir(parents=True, exist_ok=True)
    file = free(home, uploads.safe(dropped.name))
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("wb") as target:
            shutil.copyfileobj(dropped, target)
        made = read(part).created.timestamp()
        part.replace(file)
        os.utime(file, (made, made))  # the list tells when it was made
    except FootnoteError as exc:
        st.error(markup.plain(speech.error(exc)), icon=":material/error:")
        return
    finally:
        part.unlink(missing_ok=True)
    st.session_state[_ROUND] = number + 1
    dialogs.open_(dialogs.Dialog(say("Restore this backup?"), lambda: _confirm(all_, file)))
    st.rerun()


def _confirm(all_: Parts, file: Path) -> None:
    """What is replaced, in so many words, before it is."""
    manifest = read(file)
    made = say("Made {time} by Footnote {version}.", time=moment(manifest.created), version=manifest.footnote)
    st.write(markup.plain(made))
    documents = sum(each.documents for each in all_.app.library.collections())
    now = say("Now here: documents {documents}, conversations {conversations}.", documents=documents,
              conversations=len(all_.app.conversations.conversations()))  # fmt: skip
    replaced = say(
        "All documents, conversations, settings and dropped files are replaced by those of the backup. What is here "
        "now is kept as a backup first."
    )
    st.write(markup.plain(now))
    st.write(markup.plain(replaced))

    def begin() -> None:
        if not all_.jobs.bring_back(file):
            st.toast(say("Documents are being added or embedded. Wait until that is done."))

    dialogs.confirm(say("Replace everything"), begin)


def _remove(file: Path) -> None:
    st.write(markup.plain(say("{name} is deleted for good.", name=file.name)))
    dialogs.confirm(say("Remove"), lambda: file.unlink(missing_ok=True))


def _live(job: Job[Backing]) -> None:
    """How far it is."""
    if job.done:
        st.rerun()
    step = job.state.step
    with st.container(border=True, key="backing"):
        share = step.done / step.total if step and step.total else 0.0
        st.progress(min(share, 1.0), _stage(job.state))
        st.button(say("Cancel"), key="cancel-backing", on_click=job.cancel, disabled=job.cancelled)


def _stage(state: Backing) -> str:
    step = state.step
    if step is None:
        return say("Making a backup") if state.what == "backup" else say("Opening the backup")
    done, total = size(step.done), size(step.total)
    return {
        "copying": say("Copying the database · {done} of {total}", done=done, total=total),
        "packing": say("Packing · {done} of {total}", done=done, total=total),
        "checking": say("Checking the backup · {done} of {total}", done=done, total=total),
        "keeping": say("Keeping what is here now · {done} of {total}", done=done, total=total),
        "restoring": say("Restoring · {done} of {total}", done=done, total=total),
    }[step.stage]


def _outcome(all_: Parts, job: Job[Backing]) -> None:
    """What became of it, until it is dismissed."""
    state = job.state
    with st.container(border=True, key="backed"):
        if state.finished and state.what == "backup":
            done = say("The backup {name} is made. Keep a copy of it on another disk.", name=state.file.name)
            st.success(markup.plain(done), icon=":material/check:")
        elif state.finished:
            done = say("Everything is as it was in {name}. What was here before is in the list.", name=state.file.name)
            st.success(markup.plain(done), icon=":material/check:")
        elif job.cancelled:
            st.html(f'<div class="fn-note">{escape(say("Cancelled. Everything is as it was."))}</div>')
        else:
            st.error(markup.plain(speech.error(job.error)), icon=":material/error:")
        st.button(say("Dismiss"), key="dismiss-backing", type="tertiary", on_click=all_.jobs.dismiss_backing)
