"""The words of the pages in the person's language: the English text is the key, zh/*.toml its Chinese."""

import re
import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from storage.errors import FootnoteError
from storage.records import Citation, Hit, Message
from ui import words

_FOLDER = Path(__file__).with_name("zh")
_KEPT = "interface_language"  # in the session's state, for its fragments and for the runs of one visit


def say(text: str, /, **values: object) -> str:
    """A text in the language of the person who looks at the page, with `values` put in where it names them in braces.

    The values may hold braces themselves. Outside a page, as in a background thread, it is English.
    """
    said = _chinese().get(text, text) if language() == "zh" else text
    return said.format(**values) if values else said


def bound() -> words.Say:
    """`say` as it speaks now, for work that goes on outside the page, where it would speak English."""
    chinese: dict[str, str] = _chinese() if language() == "zh" else {}

    def spoken(text: str, /, **values: object) -> str:
        return words.english(chinese.get(text, text), **values)

    return spoken


def place(of: Citation | Hit, hits: Sequence[Hit] = ()) -> str:
    """Where a quote or a passage stands: "Handbook, page 3"; `hits` are the passages that the quote may come from."""
    return words.place(of, say, hits)


def small_print(message: Message) -> str:
    """When an answer was written, by which model on what, and how long it took."""
    return words.small_print(message, say)


def size(number: int) -> str:
    """Bytes as "640 bytes", "12 kB", "3.4 MB"."""
    return words.size(number, say)


def moment(when: datetime) -> str:
    """A time on this machine's clock: "today 09:58", "24 Nov 2025, 09:58"."""
    return words.moment(when, say=say)


def duration(seconds: float) -> str:
    """ "0.4 s", "38 s", "4 min"."""
    return words.duration(seconds, say)


def language() -> str:
    """ "en" or "zh": what the person who looks at the page reads."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    kept: str = st.session_state.get(_KEPT) or settle()
    return kept


def settle() -> str:
    """Decide the language anew, at the start of each run and when the setting changes; it is kept for the run."""
    choice = _setting()
    if choice == "auto":
        choice = "zh" if (st.context.locale or "").casefold().startswith("zh") else "en"
    st.session_state[_KEPT] = choice
    return choice


def _setting() -> str:
    from ui.web.parts import parts  # which speaks itself

    try:
        return parts().app.settings.interface_language
    except FootnoteError:  # the page says so, in the browser's language
        return "auto"


@cache
def _chinese() -> dict[str, str]:
    """All entries of the folder, but for the errors."""
    entries: dict[str, str] = {}
    for file in sorted(_FOLDER.glob("*.toml")):
        if file.name != _ERRORS.name:
            entries |= tomllib.loads(file.read_text(encoding="utf-8"))
    return entries


_ERRORS = _FOLDER / "errors.toml"  # templates of messages: "{name} cannot be read" with its Chinese


def error(problem: FootnoteError | str) -> str:
    """The message of an error in the language of the person who looks at the page.

    Where no template fits, as for the words of another program, it stays as it is.
    """
    message = str(problem)
    if language() != "zh":
        return message
    for pattern, chinese in _messages():
        if found := pattern.fullmatch(message):
            return chinese.format(**{name: error(value) for name, value in found.groupdict().items()})
    causes = message.split("; ")  # several in one message
    return "；".join(map(error, causes)) if len(causes) > 1 else message


@cache
def _messages() -> tuple[tuple[re.Pattern[str], str], ...]:
    """A pattern for each template, the ones with most words of their own first."""
    templates = tomllib.loads(_ERRORS.read_text(encoding="utf-8")) if _ERRORS.exists() else {}
    ordered = sorted(templates.items(), key=lambda entry: -len(_FIELD.sub("", entry[0])))
    return tuple((_pattern(template), chinese) for template, chinese in ordered)


_FIELD = re.compile(r"\{(\w+)\}")


def _pattern(template: str) -> re.Pattern[str]:
    parts = []
    for number, part in enumerate(_FIELD.split(template)):  # a text, a name, a text, and so on
        parts.append(f"(?P<{part}>.*?)" if number % 2 else re.escape(part))
    return re.compile("".join(parts), re.DOTALL)
