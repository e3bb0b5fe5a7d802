"""What every chat model has in common: messages in, text out as it is written, stoppable at any moment.

A model writes in a thread of its own and the stream only listens, so that stopping never waits for the model.
"""

import queue
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable

from qa.chat.thinking import WithoutThinking
from storage.errors import FootnoteError, ModelUnavailable

State = Literal["cold", "loading", "ready", "failed"]
FinishReason = Literal["stop", "length", "cancelled"]

LISTEN_SECONDS = 0.05  # how long a stream waits for text before it looks whether it was stopped
PLAIN_SYSTEM = "You are a helpful assistant."  # without a system message some templates add the maker's advertisement
# What ends an answer early, a threading.Event and two numbers; and whether a yes or no is wanted.
WISHES = ("cancel", "max_tokens", "seconds", "yes_or_no")
ROLES = {"system": "system", "human": "user", "ai": "assistant", "AIMessageChunk": "assistant"}


@dataclass(frozen=True, slots=True)
class Request:
    """What to write: the greedy continuation of `turns`, at most `max_tokens` tokens, ending before any of `stop`.

    A turn is what chat templates want: {"role": "system" | "user" | "assistant", "content": text}. Where a `yes_or_no`
    is wanted, a model that was trained to give one (storage/models/probe.py) gives that, and any other its word.
    """

    turns: tuple[dict[str, str], ...]
    stop: tuple[str, ...]
    max_tokens: int
    yes_or_no: bool = False


def turns(messages: Sequence[BaseMessage]) -> tuple[dict[str, str], ...]:
    """Return the messages as turns, always with a system message first."""
    unknown = [message.type for message in messages if message.type not in ROLES]
    if unknown:
        raise ValueError(f"a chat model reads system, human and ai messages, not {unknown[0]}")
    first = [] if messages and messages[0].type == "system" else [SystemMessage(PLAIN_SYSTEM)]
    return tuple({"role": ROLES[message.type], "content": str(message.text)} for message in (*first, *messages))


def first_line(message: AIMessage) -> str:
    """The first line of what a model wrote; "" where it wrote nothing."""
    written = str(message.text).strip()
    return written.splitlines()[0].strip() if written else ""


class Reply:
    """The one-way street from the thread that writes to the stream that listens.

    The writer sets the counts and calls `write`, then `end` or `fail`, and looks at `stopped` as often as it can.
    """

    def __init__(self, cancel: threading.Event) -> None:
        self.input_tokens: int | None = None
        self.output_tokens = 0
        self.logprobs: list[float] | None = None  # of each token written, where the model tells them
        self.probed = False  # set where a trained probe gives the yes or no, and not the model's word
        self.begun = False
        self.thought = False  # set where the model tells that it thinks, apart from what it writes
        self._answer = WithoutThinking()
        self._cancel = cancel
        self._left = threading.Event()
        self._tell: Callable[[], None] = lambda: None
        self._pieces: queue.SimpleQueue[str | FootnoteError | tuple[FinishReason]] = queue.SimpleQueue()

    @property
    def stopped(self) -> bool:
        """Whether nobody wants more text: cancelled, or the listener has gone."""
        return self._cancel.is_set() or self._left.is_set()

    def write(self, text: str) -> None:
        """Hand on a piece of the answer; what a reasoning model thinks before it is left out."""
        if text := self._answer.feed(text):
            self.begun = True
            self._pieces.put(text)

    def count(self, logprobs: Sequence[float]) -> None:
        """Count tokens that were written, by their log-probabilities."""
        self.logprobs = self.logprobs or []
        self.logprobs += logprobs
        self.output_tokens = len(self.logprobs)

    def end(self, reason: FinishReason) -> None:
        """Tell that the answer is whole; a model that came to none has failed."""
        if rest := self._answer.rest():
            self.begun = True
            self._pieces.put(rest)
        if not self.begun and (self.thought or self._answer.thinking):
            self.fail(
                ModelUnavailable(
                    f"The chat model only thought and came to no answer in {self.output_tokens} tokens. "
                    "Turn its thinking off, or choose a model that does not think: footnote models recommend"
                )
            )
        self._pieces.put((reason,))

    def fail(self, error: FootnoteError) -> None:
        """Tell that there will be no more, and why."""
        self._pieces.put(error)

    def when_left(self, tell: Callable[[], None]) -> None:
        """Have `tell` called when the listener leaves, with the whole answer or without."""
        self._tell = tell

    def leave(self) -> None:
        """Stop listening."""
        self._left.set()
        self._tell()

    def listen(self, seconds: float) -> Iterator[str | tuple[FinishReason]]:
        """Yield the pieces as they come, then the reason for the end. Raises what the writer failed with.

        After `seconds` an answer is cut as one that has grown too long; if nothing has come, raises ModelUnavailable.
        """
        until = time.monotonic() + seconds
        while not self.stopped:
            if time.monotonic() > until:
                if not self.begun:
                    raise ModelUnavailable(
                        f"The chat model has said nothing for {seconds:g} seconds. "
                        "Ask again, or choose a quicker one: footnote models recommend"
                    )
                yield ("length",)
                return
            try:
                piece = self._pieces.get(timeout=LISTEN_SECONDS)
            except queue.Empty:
                continue
            if isinstance(piece, FootnoteError):
                raise piece
            yield piece
            if isinstance(piece, tuple):
                return
        yield ("cancelled",)

    def usage(self) -> UsageMetadata | None:
        """Return the token counts, or None if the model told none."""
        if self.input_tokens is None:
            return None
        total = self.input_tokens + self.output_tokens
        return UsageMetadata(input_tokens=self.input_tokens, output_tokens=self.output_tokens, total_tokens=total)


class ChatModel(BaseChatModel):
    """A LangChain chat model that loads when first needed and stops within 0.3 s, even while it reads the prompt.

    `max_tokens` and `seconds` bound an answer for which the caller names no bounds.
    """

    id: str
    max_tokens: int = 512
    seconds: float = 300.0

    @property
    @abstractmethod
    def backend(self) -> str:
        """What computes the answers, for example "openvino cpu"."""

    @property
    @abstractmethod
    def state(self) -> State:
        """Whether a question would be answered at once."""

    @property
    @abstractmethod
    def reason(self) -> str:
        """Why the state is "failed", in one line; empty otherwise."""

    @abstractmethod
    def start(self) -> None:
        """Begin to load in the background and return at once; `state` and `reason` tell what came of it."""

    @abstractmethod
    def warm(self) -> None:
        """Load now and return when the first question will be quick. Raises ModelUnavailable."""

    @abstractmethod
    def begin(self, request: Request, reply: Reply) -> None:
        """Have a thread write the reply, and return at once."""

    def close(self) -> None:
        """Give memory and threads back. The next question loads again."""

    @property
    def _llm_type(self) -> str:
        return "footnote"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"id": self.id, "max_tokens": self.max_tokens}

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **wishes: Any,
    ) -> Iterator[ChatGenerationChunk]:
        if unknown := wishes.keys() - set(WISHES):
            raise TypeError(f"a Footnote chat model takes {', '.join(WISHES)}, not {', '.join(sorted(unknown))}")
        max_tokens, seconds = wishes.get("max_tokens") or self.max_tokens, wishes.get("seconds") or self.seconds
        reply = Reply(wishes.get("cancel") or threading.Event())
        try:
            if not reply.stopped:
                yes_or_no = bool(wishes.get("yes_or_no"))
                self.begin(Request(turns(messages), tuple(stop or ()), max_tokens, yes_or_no), reply)
            for piece in reply.listen(seconds):
                yield self._chunk(piece) if isinstance(piece, str) else self._last(piece[0], reply)
        finally:
            reply.leave()

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _chunk(self, text: str) -> ChatGenerationChunk:
        return ChatGenerationChunk(message=AIMessageChunk(content=text))

    def _last(self, reason: FinishReason, reply: Reply) -> ChatGenerationChunk:
        metadata: dict[str, Any] = {"finish_reason": reason, "model_name": self.id, "backend": self.backend}
        if reply.logprobs is not None:
            metadata |= {"logprobs": reply.logprobs, "probed": reply.probed}
        return ChatGenerationChunk(
            message=AIMessageChunk(
                content="", response_metadata=metadata, usage_metadata=reply.usage(), chunk_position="last"
            )
        )


def stoppable(
    chat: BaseChatModel, cancel: threading.Event | None, max_tokens: int, seconds: float, *, yes_or_no: bool = False
) -> Runnable[LanguageModelInput, AIMessage]:
    """Bind what ends an answer early, and whether a yes or no is wanted.

    A LangChain model of another make knows none of it and is taken as it is.
    """
    wishes = {"cancel": cancel, "max_tokens": max_tokens, "seconds": seconds, "yes_or_no": yes_or_no}
    return chat.bind(**wishes) if isinstance(chat, ChatModel) else chat
