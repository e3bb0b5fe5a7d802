"""What the chat models are tried on: tiny Hugging Face models made on the spot, and a chat server on loopback."""

import json
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from langchain_core.language_models import LanguageModelInput

from qa.chat import ChatModel

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    "{% if enable_thinking is not false %}<think>\n{% endif %}"
)
TEXT = ["The Rhine rises in the Alps and flows to the North Sea.", "莱茵河发源于阿尔卑斯山，流入北海。"]


def stopped(chat: ChatModel, asked: LanguageModelInput, max_tokens: int) -> tuple[float, str]:
    """Stop an answer at its first piece: the seconds until its stream ended as cancelled, and the text that came."""
    cancel, pieces, began = threading.Event(), [], 0.0
    for piece in chat.stream(asked, cancel=cancel, max_tokens=max_tokens):
        pieces.append(piece)
        if not cancel.is_set():
            cancel.set()
            began = time.monotonic()
    seconds = time.monotonic() - began
    assert pieces[-1].response_metadata["finish_reason"] == "cancelled"
    return seconds, "".join(piece.text for piece in pieces)


def tiny_model(folder: Path, kind: str, template: str | None = CHATML, width: int = 32, layers: int = 2) -> Path:
    """Save a chat model with random weights: "qwen2", "qwen3" or "llama", 300 pieces, `width` wide."""
    import torch
    import transformers as untyped
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    transformers: Any = untyped  # parts of it have no types
    special = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    pieces.train_from_iterator(TEXT, trainer)
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=pieces, eos_token="<|endoftext|>")
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    config_class = {"qwen2": "Qwen2Config", "qwen3": "Qwen3Config", "llama": "LlamaConfig"}[kind]
    config = getattr(transformers, config_class)(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=width // 4,
        max_position_embeddings=4096,
        eos_token_id=tokenizer.convert_tokens_to_ids("<|im_end|>"),
        pad_token_id=None,
        bos_token_id=None,
    )
    torch.manual_seed(7)
    model = transformers.AutoModelForCausalLM.from_config(config)
    for vector in (each for each in model.parameters() if each.ndim == 1):  # biases and norms that do something
        vector.data += 0.1 * torch.randn(len(vector))
    model.save_pretrained(folder)
    return folder


@dataclass
class ChatServer:
    """What the loopback server says, and what it was asked; a test changes it while it runs."""

    url: str = ""
    models: list[str] = field(default_factory=lambda: ["first-model", "second-model"])
    words: list[str] = field(default_factory=lambda: ["The ", "Rhine ", "is ", "莱茵河", "."])
    key: str = ""  # what it asks for; empty: any
    reason: str = "stop"
    silent: float = 0.0  # seconds before the first word
    between: float = 0.0  # seconds before each further word
    breaks_after: int | None = None  # words, then the connection is gone ...
    complains: str = ""  # ... or this is said first
    status: int = 200
    page: str = ""  # answered in place of the protocol, as a server of another kind would
    moved_to: str = ""  # where it sends everybody
    owner: str = "test"  # of its models
    refuses: tuple[str, ...] = ()  # fields of a request that it does not know ...
    refusal: str = "unknown field: {}"  # ... and what it says then, with status 400
    tells_logprobs: bool = True
    tells_usage: bool = True
    thinks: list[str] = field(default_factory=list)  # sent apart from the answer, before it
    asked: list[dict[str, Any]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: ChatServer

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self._refused():
            return
        owner = self.script.owner
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": owner} for name in self.script.models]
        self._answer(200, json.dumps({"object": "list", "data": listed}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._refused():
            return
        self.script.asked.append(body)
        if unknown := [name for name in self.script.refuses if name in body]:
            self._answer(400, json.dumps({"error": {"message": self.script.refusal.format(unknown[0])}}))
            return
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._speak(body)
        except OSError:
            self.script.hung_up.set()

    def _refused(self) -> bool:
        script = self.script
        if script.key and self.headers["Authorization"] != f"Bearer {script.key}":
            self._answer(401, json.dumps({"error": {"message": "bad key"}}))
        elif script.status != 200:
            self._answer(script.status, json.dumps({"error": {"message": "the model 'gone' is not here"}}))
        elif script.page:
            self._answer(200, script.page)
        elif script.moved_to:
            self.send_response(307)
            self.send_header("Location", script.moved_to)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            return False
        return True

    def _answer(self, status: int, body: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if body.startswith("{") else "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _speak(self, body: dict[str, Any]) -> None:
        script = self.script
        self._wait(script.silent)
        for thought in script.thinks:
            self._event({"choices": [{"index": 0, "delta": {"reasoning_content": thought}}]})
        said = ""
        words = script.words[: body["max_tokens"]]
        reason = script.reason if len(words) == len(script.words) else "length"
        for number, word in enumerate(words):
            if number == script.breaks_after:
                if script.complains:
                    self._event({"error": {"message": script.complains}})
                return
            self._event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": word}} | self._sure(body)]})
            said += word
            if any(stop in said for stop in body.get("stop", ())):  # sends it along, as `transformers serve` does
                words, reason = words[: number + 1], "stop"
                break
            self._wait(script.between)
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if script.tells_usage:
            usage = {"prompt_tokens": 9, "completion_tokens": len(words), "total_tokens": 9 + len(words)}
            self._event({"choices": [], "usage": usage})
        self._send(b"data: [DONE]\n\n")
        self._send(b"")

    def _sure(self, body: dict[str, Any]) -> dict[str, Any]:
        if not (self.script.tells_logprobs and body.get("logprobs")):
            return {}
        return {"logprobs": {"content": [{"token": "?", "logprob": -0.25, "bytes": None, "top_logprobs": []}]}}

    def _wait(self, seconds: float) -> None:
        """Wait, and notice at once when the other side hangs up."""
        if select.select([self.connection], [], [], seconds)[0]:
            raise ConnectionResetError

    def _event(self, event: dict[str, Any]) -> None:
        whole = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "first-model", **event}
        self._send(f"data: {json.dumps(whole)}\n\n".encode())

    def _send(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """Run a server that speaks the chat-completions protocol on a free port of this machine."""
    script = ChatServer()
    handler = type("Handler", (_Handler,), {"script": script})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        script.url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield script
        server.shutdown()
        thread.join()
