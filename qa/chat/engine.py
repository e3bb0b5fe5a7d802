"""The program that runs an OpenVINO chat model: requests on stdin, answers on stdout, one JSON object a line.

    in   {"ask": n, "turns": [{"role", "content"}], "stop": [text], "max_tokens": n}      {"drop": n}
    out  {"ready": true} or {"broken": reason}, once each at most
         {"to": n, "prompt": tokens}, then {"to": n, "text", "tokens", "logprob"} and a last {"to": n, "end": reason},
         where reason is "stop", "length" or "too long"

It ends when stdin does. Three things make it quick: the keys and values of a prompt's beginning are kept for the next
prompt that begins alike, answers that repeat the passages are guessed from the prompt and only checked (prompt lookup),
and prompts are read in slices, so that a request can be dropped, or another one begun, between two of them.
"""

import json
import os
import queue
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from qa.chat.decode import Decoder

SLICE = 64  # prompt tokens read in one step, about 0.3 s on two cores
CACHE_GIGABYTES = 1  # keys and values, about 70,000 tokens of the default model
GUESSED_TOKENS = 3  # prompt lookup: with one more a step takes half as long again (measured with AMX) ...
GUESS_FROM = 3  # ... from where the last so many tokens, or fewer, stood before
WARM_UP = "one two three four five six seven eight nine ten " * 10  # longer than a slice: builds all kernels


@dataclass(frozen=True, slots=True)
class Job:
    """A request that is being written."""

    number: int
    handle: Any
    decoder: Decoder


class Engine:
    """The pipeline's loop: begin new requests, take one step for all of them, hand on what came."""

    def __init__(self, folder: Path, out: TextIO) -> None:
        import openvino_genai

        self._genai = openvino_genai
        self._out = out
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.cache_size = CACHE_GIGABYTES
        scheduler.enable_prefix_caching = True
        scheduler.max_num_batched_tokens = SLICE
        self._pipeline = openvino_genai.ContinuousBatchingPipeline(folder, scheduler, "CPU", {"prompt_lookup": True})
        self._tokenizer = self._pipeline.get_tokenizer()
        if not self._tokenizer.chat_template:
            raise RuntimeError("it has no chat template; use a model made for chat")
        self._jobs: dict[int, Job] = {}

    def warm(self) -> None:
        """Run once, which builds the kernels."""
        self._pipeline.add_request(0, WARM_UP, self._config(2))
        while self._pipeline.has_non_finished_requests():
            self._pipeline.step()

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
        # A passage that spells a control token, like the end of a turn, must stay text.
        turns = [{**turn, "content": turn["content"].replace("<|", "< |")} for turn in message["turns"]]
        prompt = self._tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, extra_context={"enable_thinking": False}
        )
        ids = self._tokenizer.encode(prompt, add_special_tokens=False).input_ids
        self._say(to=number, prompt=ids.shape[1])
        handle = self._pipeline.add_request(number, ids, self._config(message["max_tokens"]))
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
                logprob = sum(output.generated_log_probs)
                self._say(to=job.number, text=text, tokens=len(output.generated_ids), logprob=logprob)
        if job.decoder.stopped or reason == self._genai.GenerationFinishReason.STOP:
            self._end(job, "stop")
        elif reason == self._genai.GenerationFinishReason.LENGTH:
            self._end(job, "length")
        elif job.handle.get_status() != self._genai.GenerationStatus.RUNNING:
            self._end(job, "too long")  # the cache is too small for it

    def _end(self, job: Job, reason: str) -> None:
        job.handle.cancel()
        self._say(to=job.number, text=job.decoder.rest(), tokens=0, logprob=0.0)
        self._say(to=job.number, end=reason)
        del self._jobs[job.number]

    def _say(self, **message: Any) -> None:
        say(self._out, **message)


def say(out: TextIO, **message: Any) -> None:
    """Write one message."""
    out.write(json.dumps(message) + "\n")
    out.flush()


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
    except (ImportError, RuntimeError) as error:
        lines = [line.strip(" .") for line in str(error).splitlines() if line.strip(" .")]
        say(out, broken=lines[-1] if lines else type(error).__name__)
        os._exit(1)  # an orderly exit would wait for the thread that reads stdin


if __name__ == "__main__":
    main(Path(sys.argv[1]))
