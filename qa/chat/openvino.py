"""A chat model that OpenVINO runs on the processor: the default, and the quickest there.

It runs in a process of its own (engine.py). A step of the pipeline holds Python's lock for as long as it takes, a
quarter of a second and more: in this process the page would freeze and nothing could be stopped meanwhile. What is left
here is the other end of the pipe. A process also ends with its memory, and cannot take the program down with it.
"""

import json
import math
import subprocess
import threading
from dataclasses import asdict
from typing import Any

from qa.chat.model import Reply, Request
from qa.chat.worker import GET_ANEW, LocalChat, Worker
from storage import process
from storage.errors import ModelUnavailable


class OpenVinoChat(LocalChat):
    """An OpenVINO folder: openvino_model, openvino_tokenizer and openvino_detokenizer, each .xml and .bin."""

    def hire(self) -> Worker:
        """See LocalChat."""
        return EngineProcess(self.id, process.command("qa.chat.engine", str(self.folder)), self.idle)

    @property
    def backend(self) -> str:
        """See ChatModel."""
        return "openvino cpu"


class EngineProcess(Worker):
    """Starts the engine and speaks with it, one JSON object a line; the messages are described in engine.py."""

    def __init__(self, name: str, command: list[str], idle: float = math.inf) -> None:
        super().__init__(name, idle)
        self._writing = threading.Lock()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=process.environment(),
            encoding="utf-8",
        )

    def work(self) -> None:
        """See Worker."""
        assert self._process.stdout and self._process.stdin
        with self._process:
            for line in self._process.stdout:
                self._hear(json.loads(line))
        raise ModelUnavailable(
            f"The process of the chat model {self.name} ended (exit code {self._process.returncode}), "
            "often for want of memory. Ask again to start it anew, or choose a smaller model: footnote models recommend"
        )

    def send(self, number: int, request: Request) -> None:
        """See Worker."""
        self._say({"ask": number, **asdict(request)})

    def drop(self, number: int) -> None:
        """See Worker."""
        self._say({"drop": number})

    def stop(self) -> None:
        """See Worker. The process has nothing to lose."""
        self._process.kill()

    def _say(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        try:
            with self._writing:
                self._process.stdin.write(json.dumps(message) + "\n")
                self._process.stdin.flush()
        except (OSError, ValueError):  # it has just ended: `work` sees that and fails all open requests
            return

    def _hear(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self.loaded.set()
        elif "broken" in message:
            raise ModelUnavailable(f"The chat model {self.name} does not run: {message['broken']}. {GET_ANEW}")
        elif reply := self.reply(message["to"]):
            self._pass_on(message, reply)
        elif "end" not in message:
            self.drop(message["to"])

    def _pass_on(self, message: dict[str, Any], reply: Reply) -> None:
        if "prompt" in message:
            reply.input_tokens, reply.logprobs, reply.probed = message["prompt"], [], message.get("probed", False)
        if "text" in message:
            reply.count(message["logprobs"])
            reply.write(message["text"])
        if message.get("end") == "too long":
            reply.fail(ModelUnavailable(f"The prompt is too long for {self.name}. Ask with fewer or shorter passages."))
        elif message.get("end") == "refused":
            reply.fail(
                ModelUnavailable(
                    f"The chat template of {self.name} refuses these messages ({message['why']}). "
                    "Choose another model: footnote models recommend"
                )
            )
        elif "end" in message:
            reply.end(message["end"])
