"""Whether the passages state the answer, by the chat model itself: asked for one word, over the prompt to come.

The word is worth little, how sure the model is of it much (Kadavath et al., 2022), and what its states say of it more:
the default model has a probe that is trained to tell it (storage/models/probe.py). On questions written to deceive that
tells more than anything else that is measured here (tests/quality/LOG.md). Where the answer is written from the same
passage, that is read once for both, and this costs no more than the few tokens of what is asked.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable

from qa.prompt import confirm_messages, leading
from qa.signals import log_odds
from qa.style import Style
from qa.work import Work
from storage.errors import ModelUnavailable
from storage.records import Hit

TOKENS = 1  # of the reply
_DOUBTFUL = 0.5  # log-odds
_YES, _NO = ("yes", "有"), ("no", "没", "無", "无")
_UNTOLD = 1.0  # log-odds of a word from a model that does not tell how sure it is: the mean of the default model's
_MEANS = (3.41, -2.19)  # what a word's log-odds say, times and plus, on the probe's scale: fitted on the default model


def confirmed(question: str, work: Work, style: Style, chat: Runnable[LanguageModelInput, AIMessage]) -> Work:
    """The work with the signal `confirmed`: the log-odds that the leading passage states the answer.

    Where that is doubtful the next passage is asked about too, and leads from then on if it is likelier. One passage at
    a time: among others the model finds less (tests/quality/LOG.md).
    """
    first = said(question, work.leading, style, chat)
    if first is not None and first < _DOUBTFUL and (following := leading(work.without(work.leading))):
        second = said(question, following, style, chat)
        if second is not None and second > first:
            work, first = replace(work, hits=(*following, *work.without(following))), second
    return work if first is None else work.with_signals({"confirmed": first})


def said(
    question: str, hits: Sequence[Hit], style: Style, chat: Runnable[LanguageModelInput, AIMessage]
) -> float | None:
    """The log-odds that these passages state the answer. None where the model says neither yes nor no, or does not
    answer: a model that only thinks in so few tokens may still write an answer.
    """
    try:
        reply = chat.invoke(confirm_messages(question, hits, style))
    except ModelUnavailable:
        return None
    word = str(reply.text).strip().lower()
    sign = word.startswith(_YES) - word.startswith(_NO)
    if not sign:
        return None
    logprobs = reply.response_metadata.get("logprobs")
    odds = sign * (log_odds(math.exp(logprobs[0])) if logprobs else _UNTOLD)
    return odds if reply.response_metadata.get("probed") else _MEANS[0] * odds + _MEANS[1]
