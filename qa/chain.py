"""The whole of question to answer as one LangChain `Runnable`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NotRequired, TypedDict

from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig

from qa.answer import Answer, Answerer, Event
from storage.records import Message, Role


class Asked(TypedDict):
    """What the chain takes: a question, and the LangChain messages before it where it is a follow-up."""

    question: str
    history: NotRequired[Sequence[BaseMessage]]


class AnswerChain(Runnable[Asked, Event]):
    """Questions about one collection: `invoke` returns the Answer, `stream` yields Evidence, Deltas, then the Answer.

    AnswerChain(app.answerer(), "default").invoke({"question": "How long is the warranty?"}).text
    """

    def __init__(self, answerer: Answerer, collection: str) -> None:
        self._answerer, self._collection = answerer, collection

    def invoke(self, input: Asked, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Ask, and wait for the whole Answer."""

        def ask(asked: Asked) -> Answer:
            *_, answer = self.stream(asked)
            assert isinstance(answer, Answer)
            return answer

        answer = self._call_with_config(ask, input, config)
        assert isinstance(answer, Answer)
        return answer

    def stream(self, input: Asked, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Event]:
        """Ask, and get every event as it comes; closing the iterator stops the model."""
        history = [_message(message) for message in input.get("history", ())]
        yield from self._answerer.stream(input["question"], self._collection, history)


def _message(message: BaseMessage) -> Message:
    role: Role = "user" if message.type == "human" else "assistant"
    return Message(message.id or "", role, str(message.text), datetime.now(UTC))
