"""Any Hugging Face chat model from a folder, by transformers: safetensors only, no code from the model's author.

The prompt is read in slices, and between two slices or two tokens it looks whether the request was stopped; the stream
itself returns at once. One answer at a time: the next request waits for its turn.
"""

import inspect
import itertools
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from qa.chat.decode import Decoder
from qa.chat.model import FinishReason, Reply, Request
from qa.chat.worker import LocalChat, Worker
from storage.errors import ModelUnavailable

SLICE = 128  # prompt tokens read between two looks at whether to stop


class TransformersChat(LocalChat):
    """A folder with config.json, tokenizer and *.safetensors, whose tokenizer has a chat template."""

    def hire(self) -> Worker:
        """See LocalChat."""
        return Writer(self.id, self.folder)

    @property
    def backend(self) -> str:
        """See ChatModel; device and precision are known once the model is loaded."""
        worker = self._worker
        return f"transformers {worker.place}" if isinstance(worker, Writer) and worker.place else "transformers"


class Writer(Worker):
    """Loads the model and writes one reply after the other."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self.place = ""
        self._folder = folder
        self._model: Any = None
        self._tokenizer: Any = None
        self._end_ids: frozenset[int] = frozenset()
        self._last_only: dict[str, int] = {}
        self._closing = threading.Event()
        self._inbox: queue.SimpleQueue[tuple[int, Request] | None] = queue.SimpleQueue()

    def work(self) -> None:
        """See Worker."""
        self._load()
        self.loaded.set()
        while job := self._inbox.get():
            number, request = job
            if reply := self.reply(number):
                self._write(request, reply)

    def send(self, number: int, request: Request) -> None:
        """See Worker."""
        self._inbox.put((number, request))

    def drop(self, number: int) -> None:
        """See Worker; `_halted` is asked all the time."""

    def stop(self) -> None:
        """See Worker."""
        self._closing.set()
        self._inbox.put(None)

    def _load(self) -> None:
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer

        device, dtype = _place(torch)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(
                self._folder, local_files_only=True, trust_remote_code=False, clean_up_tokenization_spaces=False
            )
            model: Any = AutoModelForCausalLM.from_pretrained(
                self._folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=dtype
            )
            self._model = model.to(device).eval()
        except (OSError, ValueError, RuntimeError, ImportError, KeyError, SafetensorError) as error:
            raise ModelUnavailable(
                f"The chat model {self.name} does not load from {self._folder}: {_line(error)}. "
                "It must be a causal language model with safetensors weights that transformers itself knows."
            ) from error
        if not self._tokenizer.chat_template:
            raise ModelUnavailable(f"The model in {self._folder} has no chat template. Use one made for chat.")
        self.place = f"{device} {str(dtype).removeprefix('torch.')}"
        self._end_ids = self._ends()
        keeps = "logits_to_keep" in inspect.signature(model.forward).parameters
        self._last_only = {"logits_to_keep": 1} if keeps else {}

    def _ends(self) -> frozenset[int]:
        """Return the ids that end a turn: the tokenizer's own is not always the one that the model writes."""
        ends: set[int | None] = {self._tokenizer.eos_token_id}
        for config in (self._model.generation_config, self._model.config):
            end = getattr(config, "eos_token_id", None)
            ends |= set(end) if isinstance(end, list) else {end}
        return frozenset(end for end in ends if end is not None)

    def _write(self, request: Request, reply: Reply) -> None:
        import torch

        try:
            prompt = self._encode(request)
            reply.input_tokens, reply.logprob_sum = prompt.shape[1], 0.0
            decoder = Decoder(lambda ids: str(self._tokenizer.decode(ids, skip_special_tokens=True)), request.stop)
            reason: FinishReason = "length"
            with torch.inference_mode():
                for token, logprob in itertools.islice(self._tokens(prompt, reply), request.max_tokens):
                    reply.output_tokens += 1
                    reply.logprob_sum += logprob
                    reply.write(decoder.feed([token]))
                    if token in self._end_ids or decoder.stopped:
                        reason = "stop"
                        break
            reply.write(decoder.rest())
            reply.end(reason)
        except (RuntimeError, ValueError, IndexError) as error:  # to be out of memory is a RuntimeError too
            reply.fail(
                ModelUnavailable(f"The chat model {self.name} broke off: {_line(error)}. Ask with fewer passages.")
            )

    def _encode(self, request: Request) -> Any:
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
        return self._tokenizer(prompt, add_special_tokens=False, return_tensors="pt").input_ids.to(self._model.device)

    def _tokens(self, prompt: Any, reply: Reply) -> Iterator[tuple[int, float]]:
        """Yield the likeliest next token and its log-probability, again and again, until stopped."""
        cache = None
        pieces = list(prompt.split(SLICE, dim=1))
        while not self._halted(reply):
            output = self._model(input_ids=pieces.pop(0), past_key_values=cache, use_cache=True, **self._last_only)
            cache = output.past_key_values
            if not pieces:
                logprob, token = output.logits[0, -1].float().log_softmax(-1).max(-1)
                yield int(token), float(logprob)
                pieces.append(token.view(1, 1))

    def _halted(self, reply: Reply) -> bool:
        return reply.stopped or self._closing.is_set()


def _place(torch: Any) -> tuple[str, Any]:
    """Return the best device that is there, and bfloat16 where it computes in it, else float32."""
    if torch.cuda.is_available():
        return "cuda", torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    if torch.backends.mps.is_available():
        return "mps", torch.bfloat16
    return "cpu", torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32


def _plain(text: str, control: Sequence[str]) -> str:
    """Keep a passage that spells a control token, like the end of a turn, from being read as one."""
    for token in control:
        text = text.replace(token, f"{token[:1]} {token[1:]}")
    return text


def _line(error: Exception) -> str:
    lines = [line.strip(" .") for line in str(error).splitlines() if line.strip(" .")]
    return lines[0] if lines else type(error).__name__
