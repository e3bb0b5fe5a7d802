"""Any Hugging Face chat model from a folder, by transformers: safetensors only, no code from the model's author.

Several answers may be under way: each takes a step in its turn, so that a short one need not wait for a long one.
Between two steps it looks whether a request was dropped; the stream itself returns at once.
"""

import queue
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from qa.chat.decode import Decoder
from qa.chat.greedy import SLICE, Greedy
from qa.chat.model import FinishReason, Reply, Request
from qa.chat.thinking import OPEN
from qa.chat.worker import LocalChat, Worker
from storage.errors import ModelUnavailable

AT_ONCE = 4  # answers under way; each holds its keys and values in memory


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model runs, and in which precision: "cuda", "bfloat16"."""

    device: str
    dtype: str


class TransformersChat(LocalChat):
    """A folder with config.json, tokenizer and *.safetensors, whose tokenizer has a chat template."""

    def hire(self) -> Worker:
        """See LocalChat."""
        return Writer(self.id, self.folder, self.idle)

    @property
    def backend(self) -> str:
        """See ChatModel; device and precision are known once the model is loaded."""
        worker = self._worker
        place = worker.place if isinstance(worker, Writer) else None
        return f"transformers {place.device} {place.dtype}" if place else "transformers"


class Writer(Worker):
    """Loads the model and writes the replies."""

    def __init__(self, name: str, folder: Path, idle: float) -> None:
        super().__init__(name, idle)
        self.place: Place | None = None
        self._folder = folder
        self._tokenizer: Any = None
        self._greedy: Any = None
        self._end_ids: frozenset[int] = frozenset()
        self._inbox: queue.SimpleQueue[tuple[int, Request] | None] = queue.SimpleQueue()

    def work(self) -> None:
        """See Worker."""
        import torch

        try:
            self._load(places(torch))
            self.loaded.set()
            with torch.inference_mode():
                self._serve()
        finally:  # this thread's owner may be held on to; the model must not be
            self._greedy = self._tokenizer = None
            _empty_cache()

    def send(self, number: int, request: Request) -> None:
        """See Worker."""
        self._inbox.put((number, request))

    def drop(self, number: int) -> None:
        """See Worker; every step looks whether it is still wanted."""

    def stop(self) -> None:
        """See Worker."""
        self._inbox.put(None)

    def _load(self, candidates: Sequence[Place]) -> None:
        """Load in the first place whose memory holds the model."""
        from transformers import AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self._tokenizer = self._explained(
            lambda: AutoTokenizer.from_pretrained(
                self._folder, local_files_only=True, trust_remote_code=False, clean_up_tokenization_spaces=False
            )
        )
        if not self._tokenizer.chat_template:
            raise ModelUnavailable(f"The model in {self._folder} has no chat template. Use one made for chat.")
        for place in candidates:
            if (model := self._explained(partial(_placed, self._folder, place))) is not None:
                self.place, self._greedy, self._end_ids = place, Greedy(model), _ends(self._tokenizer, model)
                return
        raise ModelUnavailable(_too_large(self.name, candidates[-1]))

    def _explained(self, load: Callable[[], Any]) -> Any:
        from safetensors import SafetensorError

        try:
            return load()
        except (OSError, ValueError, RuntimeError, ImportError, LookupError, SafetensorError) as error:
            raise ModelUnavailable(
                f"The chat model {self.name} does not load from {self._folder}: {_line(error)}. "
                "It must be a causal language model with safetensors weights that transformers itself knows."
            ) from error

    def _serve(self) -> None:
        """A step for each answer in turn, until closed."""
        writing: deque[Iterator[None]] = deque()
        while not self.closed.is_set():
            while not writing or (len(writing) < AT_ONCE and not self._inbox.empty()):
                job = self._inbox.get()
                if job is None:
                    return
                if reply := self.reply(job[0]):
                    writing.append(self._write(job[1], reply))
            answer = writing.popleft()
            if next(answer, StopIteration) is not StopIteration:
                writing.append(answer)

    def _write(self, request: Request, reply: Reply) -> Iterator[None]:
        """Write an answer, a step at a time. Where memory ends before the first word it tries once more with less."""
        try:
            prompt = self._encode(request, reply)
            reply.input_tokens, reply.logprobs = len(prompt), []
            scarce = yield from self._steps(prompt, SLICE, request, reply)
            if scarce and not reply.output_tokens:
                scarce = yield from self._steps(prompt, SLICE // 4, request, reply)
            if scarce:
                reply.fail(ModelUnavailable(_too_large(self.name, self.place)))
        except (RuntimeError, ValueError, IndexError) as error:
            reply.fail(
                ModelUnavailable(f"The chat model {self.name} broke off: {_line(error)}. Ask with fewer passages.")
            )

    def _steps(
        self, prompt: list[int], slice_tokens: int, request: Request, reply: Reply
    ) -> Generator[None, None, bool]:
        """Write until the end; True if memory ended before, all that could be given back being given back."""
        try:
            yield from self._whole(prompt, slice_tokens, request, reply)
            return False
        except RuntimeError as error:
            if not _out_of_memory(error):
                raise
        self._greedy.forget()  # not before: what an error is about is held as long as the error
        _empty_cache()
        return True

    def _whole(self, prompt: list[int], slice_tokens: int, request: Request, reply: Reply) -> Iterator[None]:
        decoder = Decoder(lambda ids: str(self._tokenizer.decode(ids, skip_special_tokens=True)), request.stop)
        reason: FinishReason | None = None
        with closing(self._greedy.write(prompt, slice_tokens)) as steps:
            while not reason and not reply.stopped:
                for token, logprob in next(steps):
                    reply.count([logprob])
                    reply.write(decoder.feed([token]))
                    if token in self._end_ids or decoder.stopped:
                        reason = "stop"
                    elif reply.output_tokens == request.max_tokens:
                        reason = "length"
                    if reason:
                        break
                yield
        reply.write(decoder.rest())
        reply.end(reason or "cancelled")

    def _encode(self, request: Request, reply: Reply) -> list[int]:
        import jinja2

        added = tuple(self._tokenizer.get_added_vocab())
        try:
            prompt = self._tokenizer.apply_chat_template(
                [{**turn, "content": _plain(turn["content"], added)} for turn in request.turns],
                add_generation_prompt=True,
                tokenize=False,
                enable_thinking=False,
            )
        except jinja2.TemplateError as error:
            raise ValueError(f"its chat template refuses these messages ({error})") from error
        if prompt.rstrip().endswith(OPEN):  # the template begins the thinking: the reply has its end only
            reply.write(OPEN)
        return list(self._tokenizer(prompt, add_special_tokens=False).input_ids)


def places(torch: Any) -> tuple[Place, ...]:
    """Where a model could run on this machine, best first; a later one serves where it does not fit the memory."""
    found: list[Place] = []
    if torch.cuda.is_available():
        found.append(Place("cuda", "bfloat16" if torch.cuda.is_bf16_supported() else "float16"))
    elif torch.backends.mps.is_available():
        found.append(Place("mps", "bfloat16"))
    half = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    found.append(Place("cpu", "bfloat16" if half else "float32"))
    return tuple(found)


def _placed(folder: Path, place: Place) -> Any:
    """The model, ready to compute; None where it does not fit the memory there."""
    import torch
    from transformers import AutoModelForCausalLM

    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True,
            dtype=getattr(torch, place.dtype),
        )  # fmt: skip
        return model.to(place.device).eval()
    except RuntimeError as error:
        if not _out_of_memory(error):
            raise
    _empty_cache()
    return None


def _empty_cache() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _ends(tokenizer: Any, model: Any) -> frozenset[int]:
    """The ids that end a turn: the tokenizer's own is not always the one that the model writes."""
    ends: set[int | None] = {tokenizer.eos_token_id}
    for config in (model.generation_config, model.config):
        end = getattr(config, "eos_token_id", None)
        ends |= set(end) if isinstance(end, list) else {end}
    return frozenset(end for end in ends if end is not None)


def _out_of_memory(error: Exception) -> bool:
    """Only the text tells on every device: "CUDA out of memory", "MPS backend out of memory", "can't allocate"."""
    return "out of memory" in str(error) or "allocate memory" in str(error)


def _too_large(name: str, place: Place | None) -> str:
    where = {"cuda": "GPU's", "mps": "GPU's"}.get(place.device if place else "", "machine's")
    return (
        f"The chat model {name} does not fit the {where} memory. Ask with fewer passages (answer.passages, "
        "answer.budget), or choose a smaller model: footnote models recommend"
    )


def _plain(text: str, control: Sequence[str]) -> str:
    """Keep a passage that spells a control token, like the end of a turn, from being read as one."""
    for token in control:
        text = text.replace(token, f"{token[:1]} {token[1:]}")
    return text


def _line(error: Exception) -> str:
    lines = [line.strip(" .") for line in str(error).splitlines() if line.strip(" .")]
    return lines[0] if lines else type(error).__name__
