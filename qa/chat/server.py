"""A chat model behind an OpenAI-compatible server: vLLM, Ollama, llama.cpp, `transformers serve`, or a paid one."""

import asyncio
import ipaddress
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import PrivateAttr

from qa.chat.decode import Decoder
from qa.chat.discover import kind_of
from qa.chat.model import ChatModel, FinishReason, Reply, Request, State
from storage.errors import ModelUnavailable

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionChunk

KEY_VARIABLE = "FOOTNOTE_API_KEY"
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 120.0  # without a byte: a local server may read a long prompt first
LOWEST_LOGPROB = -9999.0  # what vLLM writes for the impossible

COUNTS: Mapping[str, Any] = {"logprobs": True, "stream_options": {"include_usage": True}}
NO_THINKING: Mapping[str, Any] = {"chat_template_kwargs": {"enable_thinking": False}}
NO_THINKING_OLLAMA: Mapping[str, Any] = {"reasoning_effort": "none"}  # it ignores the other, and others refuse this
THOUGHTS = ("reasoning_content", "reasoning")  # where a server puts the thinking that it tells apart itself


@dataclass(frozen=True, slots=True)
class Served:
    """The model that a server answers with, and what else it is asked for as long as it does not refuse that."""

    model: str
    wishes: Mapping[str, Any]


class ServerChat(ChatModel):
    """Speaks to `url`, which ends in /v1; without a model name it takes the first that the server offers.

    The key for a server that wants one is read from FOOTNOTE_API_KEY. `silence` is how many seconds without a byte pass
    for a server that hangs. Questions go to this address only: redirects are not followed, and no proxy is asked for a
    server on this machine.
    """

    url: str
    model: str = ""
    silence: float = SILENCE_SECONDS

    _served: Served | None = PrivateAttr(default=None)
    _state: State = PrivateAttr(default="cold")
    _reason: str = PrivateAttr(default="")
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def backend(self) -> str:
        """See ChatModel."""
        return f"server {self.url}"

    @property
    def state(self) -> State:
        """See ChatModel; "ready" means that the server answered the last time."""
        return self._state

    @property
    def reason(self) -> str:
        """See ChatModel."""
        return self._reason

    def start(self) -> None:
        """See ChatModel."""

        def warm() -> None:
            with suppress(ModelUnavailable):  # `reason` keeps it
                self.warm()

        threading.Thread(target=warm, name=f"footnote {self.id}", daemon=True).start()

    def warm(self) -> None:
        """See ChatModel; asks the server which models it has."""
        self._connect()

    def close(self) -> None:
        """See ChatModel."""
        self._served, self._state = None, "cold"

    def begin(self, request: Request, reply: Reply) -> None:
        """See ChatModel. One thread a request: several people may wait for the server at the same time."""
        threading.Thread(target=self._write, args=(request, reply), name=f"footnote {self.id}", daemon=True).start()

    def _connect(self) -> Served:
        with self._lock:
            self._state = "loading"
            try:
                self._served = self._choose(self._list())
            except ModelUnavailable as error:
                self._state, self._reason = "failed", str(error)
                raise
            self._state, self._reason = "ready", ""
            return self._served

    def _list(self) -> list[dict[str, Any]]:
        import openai

        web = openai.DefaultHttpxClient(**self._way())
        try:
            with openai.OpenAI(http_client=web, **self._access()) as client:
                entries = [dict(model) for model in client.models.list()]
            if not all(isinstance(entry.get("id"), str) for entry in entries):
                raise ValueError("a model without a name")
            return entries
        except openai.OpenAIError as error:
            raise self._unavailable(error) from error
        except (AttributeError, TypeError, ValueError) as error:  # what the library meets where a web page answers
            raise ModelUnavailable(
                f"{self.url} is not an OpenAI-compatible server. Such an address ends in /v1, mostly."
            ) from error

    def _choose(self, entries: list[dict[str, Any]]) -> Served:
        names = [entry["id"] for entry in entries]
        # `transformers serve` takes a folder of its machine too, and does not list it.
        known = self.model in names or PurePath(self.model).is_absolute() if self.model else bool(names)
        if not known:
            offer = f"it has {', '.join(names)}" if names else "it has none"
            raise ModelUnavailable(f"The server {self.url} has no model {self.model}".rstrip() + f"; {offer}.")
        no_thinking = NO_THINKING_OLLAMA if kind_of(entries) == "Ollama" else NO_THINKING
        return Served(self.model or names[0], {**COUNTS, **no_thinking})

    def _way(self) -> dict[str, Any]:
        """Return how the bytes travel: the proxy and certificates of the environment are for other machines only."""
        local = _is_loopback(self.url)
        return {"trust_env": not local, "follow_redirects": False, "verify": self.url.startswith("https")}

    def _access(self) -> dict[str, Any]:
        import openai

        key = os.environ.get(KEY_VARIABLE) or "none"
        timeout = openai.Timeout(self.silence, connect=CONNECT_SECONDS)
        return {"base_url": self.url, "api_key": key, "max_retries": 0, "timeout": timeout}

    def _write(self, request: Request, reply: Reply) -> None:
        import openai

        try:
            asyncio.run(self._pass_on(self._served or self._connect(), request, reply))
        except ModelUnavailable as error:
            self._fail(error, reply)
        except openai.OpenAIError as error:
            self._fail(self._unavailable(error, reply.begun), reply)
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            # What is met where a server's answer is not of the protocol's form.
            broken = ModelUnavailable(f"The server {self.url} answers what is no answer ({_line(error)}).")
            self._fail(broken, reply)
        finally:  # heard where nothing else has ended the reply: whatever happens, nobody waits for ever
            reply.fail(ModelUnavailable(self._broken()))

    def _fail(self, error: ModelUnavailable, reply: Reply) -> None:
        self._served, self._state, self._reason = None, "failed", str(error)
        reply.fail(error)

    async def _pass_on(self, served: Served, request: Request, reply: Reply) -> None:
        """Write what the server sends. Once nobody listens the connection is closed, though the server be silent."""
        import openai

        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task

        def leave() -> None:
            with suppress(RuntimeError):  # the loop has ended: the answer was whole
                loop.call_soon_threadsafe(task.cancel)

        reply.when_left(leave)
        if reply.stopped:
            return
        web = openai.DefaultAsyncHttpxClient(**self._way())
        with suppress(asyncio.CancelledError):
            async with openai.AsyncOpenAI(http_client=web, **self._access()) as client:
                stream = await self._ask(client, served, request)
                await self._read(stream, request, reply)

    async def _ask(
        self, client: "openai.AsyncOpenAI", served: Served, request: Request
    ) -> "openai.AsyncStream[ChatCompletionChunk]":
        """Ask, and where the server refuses a wish, ask again without it; what it grants is remembered."""
        import openai

        messages: list[Any] = list(request.turns)
        while True:
            try:
                stream = await client.chat.completions.create(
                    model=served.model,
                    messages=messages,
                    max_tokens=request.max_tokens,
                    temperature=0,
                    stop=list(request.stop) or openai.omit,
                    stream=True,
                    extra_body=served.wishes,
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not served.wishes:
                    raise
                served = replace(served, wishes=_without_refused(served.wishes, str(error)))
            else:
                self._served, self._state, self._reason = served, "ready", ""
                return stream

    async def _read(self, stream: "openai.AsyncStream[ChatCompletionChunk]", request: Request, reply: Reply) -> None:
        # Cut before a stop text here too: `transformers serve` sends it along. What is decoded is characters here.
        ending = Decoder(lambda codes: "".join(map(chr, codes)), request.stop)
        reason: FinishReason | None = None
        async for chunk in stream:
            _count(chunk, reply)
            for choice in chunk.choices or ():
                reply.write("" if ending.stopped else ending.feed([*map(ord, choice.delta.content or "")]))
                reply.thought |= any(getattr(choice.delta, name, None) for name in THOUGHTS)
                if choice.finish_reason:
                    reason = "length" if choice.finish_reason == "length" else "stop"
        if reason is None:
            raise ModelUnavailable(self._broken())
        reply.write(ending.rest())
        reply.end("stop" if ending.stopped else reason)

    def _broken(self, detail: str = "") -> str:
        return f"The server {self.url} broke off in the middle of the answer{detail}. Ask again."

    def _unavailable(self, error: "openai.OpenAIError", begun: bool = False) -> ModelUnavailable:
        """Say in one line what is wrong with the server, and what to do."""
        import openai

        said = f" ({_line(error)})"
        if isinstance(error, openai.APITimeoutError):
            problem = f"has been silent for {self.silence:g} seconds. Is it overloaded?"
        elif begun:
            return ModelUnavailable(self._broken("" if isinstance(error, openai.APIConnectionError) else said))
        elif isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            problem = f"refuses the key. Set {KEY_VARIABLE} to a valid one."
        elif isinstance(error, openai.NotFoundError):
            problem = f"does not know this address or model{said}."
        elif isinstance(error, openai.APIStatusError) and error.response.is_redirect:
            problem = f"sends questions on to {error.response.headers['location']}. Name that address if you trust it."
        elif isinstance(error, openai.APIConnectionError):
            problem = "does not answer. Is it running, and is the address right?"
        else:
            problem = f"answers with an error{said}."
        return ModelUnavailable(f"The server {self.url} {problem}")


def _count(chunk: "ChatCompletionChunk", reply: Reply) -> None:
    """Take over what a piece tells of tokens. A server that tells no usage may still tell each token's probability."""
    for choice in chunk.choices or ():
        if choice.logprobs and (tokens := choice.logprobs.content):
            # Rounding may bring one above 0, and an infinite one cannot be averaged.
            reply.count([max(LOWEST_LOGPROB, min(0.0, token.logprob)) for token in tokens])
    if usage := chunk.usage:
        reply.input_tokens, reply.output_tokens = usage.prompt_tokens, usage.completion_tokens


def _without_refused(wishes: Mapping[str, Any], message: str) -> dict[str, Any]:
    """Return the wishes that a refusal does not name, or none where it names none."""
    named = {name for name in wishes if name in message}
    return {name: wish for name, wish in wishes.items() if named and name not in named}


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified


def _line(error: Exception) -> str:
    """Return what the server said, else the library, in one short line."""
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail")
    return " ".join(str(body or error).split())[:200] or type(error).__name__
