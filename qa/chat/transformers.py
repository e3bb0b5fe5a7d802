"""Any Hugging Face chat model from a folder, by transformers: safetensors only, no code from the model's author.

Several answers may be under way: each takes a step in its turn, so that a short one need not wait for a long one.
Between two steps it looks whether a request was dropped; the stream itself returns at once.
"""

import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.chat.decode import Decoder
from qa.chat.greedy import SLICE, Greedy
from qa.chat.model import FinishReason, Reply, Request
from qa.chat.worker import LocalChat, Worker
from storage.errors import ModelUnavailable

AT_ONCE = 4  # answers under way; each holds its keys and values in memory


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model runs and in which precision ("cuda", "bfloat16"), and why there."""

    device: str
    dtype: str
    why: str


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
        self._closing = threading.Event()
        self._inbox: queue.SimpleQueue[tuple[int, Request] | None] = queue.SimpleQueue()

    def work(self) -> None:
        """See Worker."""
        import torch

        self._load(places(torch))
        self.loaded.set()
        with torch.inference_mode():
            self._serve()

    def send(self, number: int, request: Request) -> None:
        """See Worker."""
        self._inbox.put((number, request))

    def drop(self, number: int) -> None:
        """See Worker; every step looks whether it is still wanted."""

    def stop(self) -> None:
        """See Worker."""
        self._closing.set()
        self._inbox.put(None)

    def _load(self, candidates: Sequence[Place]) -> None:
        """Load in the first place whose memory holds the model."""
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        place, *others = candidates
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(
                self._folder, local_files_only=True, trust_remote_code=False, clean_up_tokenization_spaces=False
            )
            model: Any = AutoModelForCausalLM.from_pretrained(
                self._folder, local_files_only=True, trust_remote_code=False, use_safetensors=True,
                dtype=getattr(torch, place.dtype),
            )  # fmt: skip
            model = model.to(place.device).eval()
        except torch.OutOfMemoryError as error:
            if not others:
                raise ModelUnavailable(_too_large(self.name, place)) from error
            self._load(others)
            return
        except (OSError, ValueError, RuntimeError, ImportError, KeyError, SafetensorError) as error:
            raise ModelUnavailable(
                f"The chat model {self.name} does not load from {self._folder}: {_line(error)}. "
                "It must be a causal language model with safetensors weights that transformers itself knows."
            ) from error
        if not self._tokenizer.chat_template:
            raise ModelUnavailable(f"The model in {self._folder} has no chat template. Use one made for chat.")
        self.place, self._greedy, self._end_ids = place, Greedy(model), _ends(self._tokenizer, model)

    def _serve(self) -> None:
        """A step for each answer in turn, until closed."""
        writing: deque[Iterator[None]] = deque()
        while not self._closing.is_set():
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
            prompt = self._encode(request)
            reply.input_tokens, reply.logprobs = len(prompt), []
            try:
                yield from self._steps(prompt, SLICE, request, reply)
            except RuntimeError as error:
                if not _out_of_memory(error) or reply.output_tokens:
                    raise
                self._give_back()
                yield from self._steps(prompt, SLICE // 4, request, reply)
        except (RuntimeError, ValueError, IndexError) as error:
            why = _too_large(self.name, self.place) if _out_of_memory(error) else None
            reply.fail(
                ModelUnavailable(
                    why or f"The chat model {self.name} broke off: {_line(error)}. Ask with fewer passages."
                )
            )

    def _steps(self, prompt: list[int], slice_tokens: int, request: Request, reply: Reply) -> Iterator[None]:
        decoder = Decoder(lambda ids: str(self._tokenizer.decode(ids, skip_special_tokens=True)), request.stop)
        reason: FinishReason | None = None
        with closing(self._greedy.write(prompt, slice_tokens)) as steps:
            while not reason and not reply.stopped:
                for token, logprob in next(steps):
                    reply.output_tokens += 1
                    reply.logprobs = [*(reply.logprobs or ()), logprob]
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

    def _give_back(self) -> None:
        import torch

        self._greedy.forget()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _encode(self, request: Request) -> list[int]:
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
        return list(self._tokenizer(prompt, add_special_tokens=False).input_ids)


def places(torch: Any) -> tuple[Place, ...]:
    """Where a model could run on this machine, best first; a later one serves where it does not fit the memory."""
    found: list[Place] = []
    if torch.cuda.is_available():
        dtype = "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
        found.append(Place("cuda", dtype, f"torch can use {torch.cuda.get_device_name()}"))
    elif torch.backends.mps.is_available():
        found.append(Place("mps", "bfloat16", "this is an Apple GPU"))
    why = "its weights do not fit the GPU's memory" if found else "torch finds no GPU"
    if torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return (*found, Place("cpu", "bfloat16", f"{why}, and this processor computes in bfloat16"))
    return (*found, Place("cpu", "float32", f"{why}, and this processor does not compute in bfloat16"))


def _ends(tokenizer: Any, model: Any) -> frozenset[int]:
    """The ids that end a turn: the tokenizer's own is not always the one that the model writes."""
    ends: set[int | None] = {tokenizer.eos_token_id}
    for config in (model.generation_config, model.config):
        end = getattr(config, "eos_token_id", None)
        ends |= set(end) if isinstance(end, list) else {end}
    return frozenset(end for end in ends if end is not None)


def _out_of_memory(error: Exception) -> bool:
    """On a GPU an error of its own, which is a RuntimeError; on the processor only the text tells."""
    return type(error).__name__ == "OutOfMemoryError" or "allocate memory" in str(error)


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
