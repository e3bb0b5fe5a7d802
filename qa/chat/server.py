"""A chat model behind an OpenAI-compatible server: vLLM, Ollama, llama.cpp, `transformers serve`, or a paid one."""

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import PrivateAttr, SecretStr

from qa.chat.model import ChatModel, FinishReason, Reply, Request, State
from storage.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_openai.chat_models.base import BaseChatOpenAI

KEY_VARIABLE = "FOOTNOTE_API_KEY"
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 120.0  # without a byte: a local server may read a long prompt first


class ServerChat(ChatModel):
    """Speaks to `url`, which ends in /v1; without a model name it takes the first that the server offers.

    The key for a server that wants one is read from FOOTNOTE_API_KEY. `silence` is how many seconds without a byte pass
    for a server that hangs.
    """

    url: str
    model: str = ""
    silence: float = SILENCE_SECONDS

    _client: "BaseChatOpenAI | None" = PrivateAttr(default=None)
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
        with self._lock:
            self._state = "loading"
            try:
                self._connect()
            except ModelUnavailable as error:
                self._state, self._reason = "failed", str(error)
                raise
            self._state, self._reason = "ready", ""

    def close(self) -> None:
        """See ChatModel."""
        self._client, self._state = None, "cold"

    def begin(self, request: Request, reply: Reply) -> None:
        """See ChatModel. One thread a request: several people may wait for the server at the same time."""
        threading.Thread(target=self._write, args=(request, reply), name=f"footnote {self.id}", daemon=True).start()

    def _connect(self) -> None:
        import openai
        from langchain_openai.chat_models.base import BaseChatOpenAI

        timeout = openai.Timeout(self.silence, connect=CONNECT_SECONDS)
        key = os.environ.get(KEY_VARIABLE, "none")
        try:
            with openai.OpenAI(base_url=self.url, api_key=key, max_retries=0, timeout=timeout) as client:
                names = [model.id for model in client.models.list()]
        except openai.OpenAIError as error:
            raise self._unavailable(error) from error
        except (AttributeError, ValueError) as error:  # what the library meets where a web page answers
            raise ModelUnavailable(
                f"{self.url} is not an OpenAI-compatible server. Such an address ends in /v1, mostly."
            ) from error
        if not names or (self.model and self.model not in names):
            offer = f"it has {', '.join(names)}" if names else "it has none"
            raise ModelUnavailable(f"The server {self.url} has no model {self.model}".rstrip() + f"; {offer}.")
        self._client = BaseChatOpenAI(
            base_url=self.url,
            api_key=SecretStr(key),
            model=self.model or names[0],
            max_retries=0,
            timeout=timeout,
            stream_usage=True,
            temperature=0,
        )

    def _write(self, request: Request, reply: Reply) -> None:
        import httpx
        import openai

        try:
            if self._client is None:
                self.warm()
            self._pass_on(self._client, request, reply)
        except ModelUnavailable as error:
            reply.fail(error)
        except (openai.OpenAIError, httpx.HTTPError, ValueError, LookupError, AttributeError, TypeError) as error:
            # The last four are what the library meets where a server's answer is not of the protocol's form.
            problem = self._broken() if reply.begun else self._unavailable(error)
            self._client, self._state, self._reason = None, "failed", str(problem)
            reply.fail(problem)

    def _pass_on(self, client: "BaseChatOpenAI | None", request: Request, reply: Reply) -> None:
        """Write what the server sends. Once nobody listens, the connection is closed with the next piece that comes."""
        if client is None:  # another thread's request found the server gone meanwhile
            raise self._broken()
        reason: FinishReason | None = None
        chunks = client.stream(list(request.turns), stop=list(request.stop) or None, max_tokens=request.max_tokens)
        for chunk in chunks:
            if reply.stopped:
                return
            if usage := chunk.usage_metadata:
                reply.input_tokens, reply.output_tokens = usage["input_tokens"], usage["output_tokens"]
            if told := chunk.response_metadata.get("finish_reason"):
                reason = "length" if told == "length" else "stop"
            reply.write(str(chunk.text))
        if reason is None:
            raise self._broken()
        reply.end(reason)

    def _broken(self) -> ModelUnavailable:
        return ModelUnavailable(f"The server {self.url} broke off in the middle of the answer. Ask again.")

    def _unavailable(self, error: Exception) -> ModelUnavailable:
        """Say in one line what is wrong with the server, and what to do."""
        import openai

        if isinstance(error, openai.APITimeoutError) or "timeout" in type(error).__name__.lower():
            return ModelUnavailable(
                f"The server {self.url} has been silent for {self.silence:g} seconds. Is it overloaded?"
            )
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return ModelUnavailable(f"The server {self.url} refuses the key. Set {KEY_VARIABLE} to a valid one.")
        if isinstance(error, openai.NotFoundError):
            return ModelUnavailable(f"The server {self.url} does not know this address or model ({_line(error)}).")
        if isinstance(error, openai.APIStatusError):
            return ModelUnavailable(f"The server {self.url} answers with an error ({_line(error)}).")
        if isinstance(error, openai.APIConnectionError):
            return ModelUnavailable(f"The server {self.url} does not answer. Is it running, and is the address right?")
        return ModelUnavailable(f"The server {self.url} answers what is no answer ({_line(error)}).")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
