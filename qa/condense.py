"""A follow-up and its history to a question that stands alone."""

import re
from collections.abc import Sequence

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable

from qa.chat.model import first_line
from qa.facts import figures, numbers
from qa.prompt import condense_messages
from storage.keywords import content_words
from storage.language import language
from storage.records import Message

# Words that point back. Without one, a question with enough words of its own stands alone: leave it as it is,
# for a rewrite can only lose something.
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|he|she|him|her|his|this|that|these|those|there|one|ones|then|also|too|else|"
    r"same|other|others|former|latter|above|previous)\b|^(?:and|or|but|so|what about|how about|why)\b"
    r"|[它他她]|这|那|其|该|此|上述|前者|后者|呢[？?]?$|还有|另外|为什么[？?]?$",
    re.IGNORECASE,
)
_ENOUGH = 4  # content words


def points_back(question: str) -> bool:
    """Whether a question has a word that means something said before it."""
    return bool(_POINTS_BACK.search(question.strip()))


def stands_alone(question: str) -> bool:
    """Whether a question can be understood without what was said before."""
    return not points_back(question) and len(set(content_words(question))) >= _ENOUGH


def condense(question: str, history: Sequence[Message], chat: Runnable[LanguageModelInput, AIMessage]) -> str:
    """The question as it stands alone. Without history, or where it stands alone already, no model is asked."""
    if not history or stands_alone(question):
        return question
    line = first_line(chat.invoke(condense_messages(question, history)))
    line = re.sub(
        r"^(?:rewritten question|question|last question|改写后的问题|最后一个问题|问题)\s*[:：]\s*",
        "",
        line,
        flags=re.I,
    )
    said = [question, *(message.text for message in history)]
    if _asks_the_same(line, question) and figures(line) <= numbers("\n".join(said)):
        return line
    if not points_back(question):  # short, but perhaps whole
        return question
    before = next((message.text for message in reversed(history) if message.role == "user"), "")
    return f"{before} {question}".strip()


def _asks_the_same(line: str, question: str) -> bool:
    """Whether a rewrite can be one: small models sometimes answer the question, or change its language."""
    return line.endswith(("?", "？")) and len(line) <= 300 and language(line) == language(question)
