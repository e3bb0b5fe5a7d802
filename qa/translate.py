"""A question in the other language, so that passages in it are searched and read like those in its own.

Across languages an embedder finds less, words match nothing, and the evidence model, which was trained on no such pair,
tells nothing; the chat model knows both languages, and a question is short.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable

from qa.chat.model import first_line
from qa.evidence.model import Reading
from qa.facts import figures, numbers
from qa.prompt import translate_messages
from storage.errors import ModelUnavailable
from storage.language import language

Translate = Literal["auto", "never"]  # whether questions are

# Probability of answering that is enough, of a passage in the question's own language (tests/quality/LOG.md).
SURE = 0.5
_LONGEST = 300  # characters; what is longer is no question that was translated
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9._+-]+")


def needed(question: str, languages: Mapping[str, int], readings: Iterable[Reading]) -> bool:
    """Whether to ask in the other language too: there are passages in it (`languages` counts them all by language), and
    none in the question's own language surely answers, as far as an evidence model has read them."""
    own = language(question)
    there = any(count for name, count in languages.items() if name != own)
    return there and not any(r.answers >= SURE for r in readings if language(r.hit.chunk.text) == own)


def translated(question: str, chat: Runnable[LanguageModelInput, AIMessage]) -> str:
    """An English question in Chinese, a Chinese one in English; "" where the model writes none, or is not there.

    A translation with a figure of its own is none. Latin names of a Chinese question are kept: documents hold them.
    """
    try:
        line = first_line(chat.invoke(translate_messages(question)))
    except ModelUnavailable:  # passages are found without it, if fewer
        return ""
    if not line or len(line) > _LONGEST or language(line) == language(question):
        return ""
    if not figures(line) <= numbers(question):
        return ""
    lost = [name for name in _LATIN.findall(question) if name.lower() not in line.lower()]
    return " ".join([line, *lost]) if language(question) == "zh" else line
