"""The program that runs an OpenVINO chat model: requests on stdin, answers on stdout, one JSON object a line.

    in   {"ask": n, "turns": [{"role", "content"}], "stop": [text], "max_tokens": n, "yes_or_no": bool}      {"drop": n}
    out  {"ready": true} or {"broken": reason}, once each at most
         {"to": n, "prompt": tokens, "probed": bool}, then {"to": n, "text", "logprobs": [of each token]} and a last
         {"to": n, "end": reason}, where reason is "stop", "length", "too long", or "refused" with {"why"}

It ends when stdin does. Three things make it quick: the keys and values of a prompt's beginning are kept for the next
prompt that begins alike, answers that repeat the passages are guessed from the prompt and only checked (prompt lookup),
and prompts are read in slices, so that a request can be dropped, or another one begun, between two of them.
"""

import ctypes
import json
import mmap
import os
import queue
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from qa.chat.decode import Decoder, disarm
from qa.chat.thinking import OPEN
from storage.models.probe import noted
from storage.models.weights import PRECISION

SLICE = 128  # prompt tokens read in one step, about 0.35 s on two cores
CACHE_TOKENS = 16_384  # whose keys and values are kept: 0.3 GB for the default model, as much as prompts need
BLOCK = 32  # tokens in a block of that cache, fixed by OpenVINO
GUESSED_TOKENS = 5  # prompt lookup: with more a step takes markedly longer ...
GUESS_FROM = 3  # ... from where the last so many tokens, or fewer, stood before
WARM_UP = "one two three four five six seven eight nine ten " * 14  # longer than a slice: builds all kernels


@dataclass(frozen=True, slots=True)
class Job:
    """A request that is being written."""

    number: int
    handle: Any
    decoder: Decoder


class Engine:
    """The pipeline's loop: begin new requests, take one step for all of them, hand on what came."""

    def __init__(self, folder: Path, out: TextIO) -> None:
        import openvino
        import openvino_genai

        self._genai, self._tensor = openvino_genai, openvino.Tensor
        self._folder, self._out = folder, out
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.num_kv_blocks = CACHE_TOKENS // BLOCK
        scheduler.enable_prefix_caching = True
        scheduler.max_num_batched_tokens = SLICE
        how = {"prompt_lookup": True} | _precision(folder)
        self._pipeline = openvino_genai.ContinuousBatchingPipeline(folder, scheduler, "CPU", how)
        self._tokenizer = self._pipeline.get_tokenizer()
        if not self._tokenizer.chat_template:
            raise RuntimeError("it has no chat template; use a model made for chat")
        self._probe = noted(folder)
        self._jobs: dict[int, Job] = {}

    def warm(self) -> None:
        """Run once, which packs the weights and builds the kernels."""
        handle = self._pipeline.add_request(0, WARM_UP, self._config(2))  # held: without it the request is dropped
        while handle.get_status() == self._genai.GenerationStatus.RUNNING:
            self._pipeline.step()
        release(self._folder / "openvino_model.bin")

    def serve(self, inbox: "queue.SimpleQueue[dict[str, Any]]") -> None:
        """Work for ever."""
        while True:
            while not inbox.empty() or not self._busy():
                self._take(inbox.get())
            self._pipeline.step()
            for job in tuple(self._jobs.values()):
                self._advance(job)

    def _busy(self) -> bool:
        return bool(self._jobs) or bool(self._pipeline.has_non_finished_requests())

    def _take(self, message: dict[str, Any]) -> None:
        if "ask" in message:
            self._begin(message["ask"], message)
        elif job := self._jobs.pop(message["drop"], None):
            job.handle.cancel()

    def _begin(self, number: int, message: dict[str, Any]) -> None:
        turns = [{**turn, "content": disarm(turn["content"])} for turn in message["turns"]]
        try:
            prompt = self._tokenizer.apply_chat_template(
                turns, add_generation_prompt=True, extra_context={"enable_thinking": False}
            )
            ids = np.array(self._tokenizer.encode(prompt, add_special_tokens=False).input_ids.data)
        except RuntimeError as error:  # as of a template that knows no system message
            self._say(to=number, end="refused", why=_line(error))
            return
        asking = self._probe.asking(ids) if self._probe and message["yes_or_no"] else None
        self._say(to=number, prompt=ids.shape[1], probed=asking is not None)
        if prompt.rstrip().endswith(OPEN):  # the template begins the thinking: the reply has its end only
            self._say(to=number, text=OPEN, logprobs=[])
        read = self._tensor(ids if asking is None else asking)
        handle = self._pipeline.add_request(number, read, self._config(message["max_tokens"]))
        self._jobs[number] = Job(number, handle, Decoder(self._tokenizer.decode, message["stop"]))

    def _config(self, max_tokens: int) -> Any:
        config = self._genai.GenerationConfig()
        config.max_new_tokens = max_tokens
        config.do_sample = False
        config.logprobs = 1
        config.apply_chat_template = False
        config.num_assistant_tokens = GUESSED_TOKENS
        config.max_ngram_size = GUESS_FROM
        config.stop_token_ids = self._pipeline.get_config().stop_token_ids | {self._tokenizer.get_eos_token_id()}
        return config

    def _advance(self, job: Job) -> None:
        """Hand on what the last step wrote for this job."""
        reason = self._genai.GenerationFinishReason.NONE
        while job.handle.can_read():
            for output in job.handle.read().values():
                reason = output.finish_reason
                text = job.decoder.feed(output.generated_ids)
                self._say(to=job.number, text=text, logprobs=list(output.generated_log_probs))
        if job.decoder.stopped or reason == self._genai.GenerationFinishReason.STOP:
            self._end(job, "stop")
        elif reason == self._genai.GenerationFinishReason.LENGTH:
            self._end(job, "length")
        elif job.handle.get_status() != self._genai.GenerationStatus.RUNNING:
            self._end(job, "too long")  # the cache is too small for it

    def _end(self, job: Job, reason: str) -> None:
        job.handle.cancel()
        self._say(to=job.number, text=job.decoder.rest(), logprobs=[])
        self._say(to=job.number, end=reason)
        del self._jobs[job.number]

    def _say(self, **message: Any) -> None:
        say(self._out, **message)


def release(file: Path) -> None:
    """Give back the pages of a mapped file: OpenVINO has packed what it needs of them anew, and keeps the file mapped.

    What is still read of it comes back by itself. Only Linux says what is mapped where.
    """
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for line in maps.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.endswith(str(file.resolve())):
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            madvise(start, end - start, mmap.MADV_DONTNEED)


def _precision(folder: Path) -> dict[str, Any]:
    """How to compute with these weights, where Footnote has packed them (storage/models/weights.py)."""
    file = folder / PRECISION
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def say(out: TextIO, **message: Any) -> None:
    """Write one message."""
    out.write(json.dumps(message) + "\n")
    out.flush()


def _line(error: Exception) -> str:
    lines = [line.strip(" .") for line in str(error).splitlines() if line.strip(" .")]
    return lines[-1] if lines else type(error).__name__


def listen(inbox: "queue.SimpleQueue[dict[str, Any]]") -> None:
    """Put what comes on stdin into the inbox; end the process when it closes, wherever the model is just then."""
    for line in sys.stdin:
        inbox.put(json.loads(line))
    os._exit(0)


def main(folder: Path) -> None:
    """Load, tell so, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole terminal; the one who asked decides
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # native libraries print; stdout is for messages alone
    inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(inbox,), daemon=True).start()
    try:
        engine = Engine(folder, out)
        engine.warm()
        say(out, ready=True)
        engine.serve(inbox)
    except (ImportError, RuntimeError, ValueError) as error:
        say(out, broken=_line(error))
        os._exit(1)  # an orderly exit would wait for the thread that reads stdin


if __name__ == "__main__":
    main(Path(sys.argv[1]))
