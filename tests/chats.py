"""What the chat models are tried on: tiny Hugging Face models made on the spot, and a chat server on loopback."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    "{% if enable_thinking is not false %}<think>\n{% endif %}"
)
TEXT = ["The Rhine rises in the Alps and flows to the North Sea.", "莱茵河发源于阿尔卑斯山，流入北海。"]


def tiny_model(folder: Path, kind: str, template: str | None = CHATML) -> Path:
    """Save a chat model with random weights: "qwen3" or "llama", 300 pieces, two layers."""
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
    config_class = transformers.Qwen3Config if kind == "qwen3" else transformers.LlamaConfig
    config = config_class(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=4096,
        eos_token_id=tokenizer.convert_tokens_to_ids("<|im_end|>"),
        pad_token_id=None,
        bos_token_id=None,
    )
    torch.manual_seed(7)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
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
    breaks_after: int | None = None  # words, then the connection is gone
    status: int = 200
    page: str = ""  # answered in place of the protocol, as a server of another kind would
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
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "test"} for name in self.script.models]
        self._answer(200, json.dumps({"object": "list", "data": listed}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._refused():
            return
        self.script.asked.append(body)
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._speak(body["max_tokens"])
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

    def _speak(self, limit: int) -> None:
        script = self.script
        time.sleep(script.silent)
        said = script.words[:limit]
        for number, word in enumerate(said):
            if number == script.breaks_after:
                return
            self._event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": word}}]})
            time.sleep(script.between)
        reason = script.reason if len(said) == len(script.words) else "length"
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        usage = {"prompt_tokens": 9, "completion_tokens": len(said), "total_tokens": 9 + len(said)}
        self._event({"choices": [], "usage": usage})
        self._send(b"data: [DONE]\n\n")
        self._send(b"")

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
