"""Texts to unit vectors: OpenVINO where the model's folder has an encoder for it, else sentence-transformers."""

import hashlib
import importlib.util
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, cast

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from storage.errors import ModelUnavailable
from storage.models import graph
from storage.models.store import ModelStore

Vectors = NDArray[np.float32]

LONGEST = 512  # tokens of one text; the rest is cut off
BATCH = 8  # texts
_TOKENS = 768  # in one batch, padding included: larger ones leave the processor's caches
# The E5 family was trained with these words before each text (Wang et al., 2022); its own folders do not say so.
_E5 = re.compile(r"(^|/)(multilingual-)?e5-(small|base|large)([-@]|$)", re.IGNORECASE)


class Encoder(Protocol):
    """What turns texts into vectors; several threads may call `encode` at once."""

    dimension: int
    backend: str

    def encode(self, texts: list[str]) -> Vectors:
        """One unit vector for each text."""
        ...


class Embedder(Embeddings):
    """An embedder by its model id, loaded at the first use. Safe to share between threads."""

    def __init__(self, model_id: str, folder: Callable[[], Path]) -> None:
        self.id = model_id
        self._folder, self._lock = folder, Lock()
        self._loaded: tuple[Encoder, str, str] | None = None

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._load()[0].dimension

    @property
    def backend(self) -> str:
        """What computes the vectors, and in which precision."""
        return self._load()[0].backend

    def warm(self) -> None:
        """Load the model now. Raises ModelUnavailable."""
        self._load()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A unit vector for each passage, in the order of `texts`. Raises ModelUnavailable."""
        encoder, _, prefix = self._load()
        return cast(list[list[float]], encoder.encode([prefix + text for text in texts]).tolist())

    def embed_query(self, text: str) -> list[float]:
        """A unit vector for a question. Raises ModelUnavailable."""
        encoder, prefix, _ = self._load()
        return cast(list[float], encoder.encode([prefix + text])[0].tolist())

    def _load(self) -> tuple[Encoder, str, str]:
        """The encoder, and what goes before a question and before a passage."""
        with self._lock:
            if self._loaded is None:
                folder = self._folder()
                try:
                    self._loaded = encoder(folder), *_prefixes(self.id, folder)
                except (OSError, RuntimeError, ValueError, KeyError, ImportError) as error:
                    raise ModelUnavailable(
                        f"The embedder {self.id} does not load from {folder}: {' '.join(str(error).split())[:200]}. "
                        "Remove it and pull it again, or choose another one."
                    ) from error
            return self._loaded


def open_embedder(model: str, store: ModelStore) -> Embedder:
    """The embedder of a catalogue id, of a pulled "org/name", or in a folder given by its path. Loads nothing yet.

    A folder's id is "NAME@" and eight characters of its path's SHA-256: two folders of one name are two embedders.
    """
    path = Path(model).expanduser()
    if path.is_absolute() or model.startswith("."):
        path = path.resolve()
        return Embedder(f"{path.name}@{hashlib.sha256(str(path).encode()).hexdigest()[:8]}", lambda: path)
    return Embedder(model, lambda: store.path(model))


def encoder(folder: Path) -> Encoder:
    """The fastest encoder that the folder and this machine allow."""
    if (folder / graph.NAME).exists() and importlib.util.find_spec("openvino"):
        return OpenVinoEncoder(folder)
    return SentenceTransformerEncoder(folder)


def _prefixes(model_id: str, folder: Path) -> tuple[str, str]:
    file = folder / "config_sentence_transformers.json"
    prompts = (json.loads(file.read_text(encoding="utf-8")).get("prompts") or {}) if file.exists() else {}
    if not any(prompts.values()) and _E5.search(model_id):
        return "query: ", "passage: "
    return prompts.get("query") or "", prompts.get("document") or prompts.get("passage") or ""


class OpenVinoEncoder:
    """The graph that the model store built, with its tokenizer; needs no torch."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._padding: int = json.loads((folder / "config.json").read_text(encoding="utf-8"))["pad_token_id"]
        self._tokenizer = Tokenizer.from_buffer((folder / "tokenizer.json").read_bytes())
        self._tokenizer.enable_truncation(LONGEST)
        self._model = graph.compiled_for_many(folder / graph.NAME)
        self._at_once: int = self._model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self.dimension: int = self._model.output(0).get_partial_shape()[1].get_length()
        precision = self._model.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        self.backend = f"openvino {precision}{', weights in int8' if graph.in_eight_bits() else ''}"

    def encode(self, texts: list[str]) -> Vectors:
        """One unit vector for each text; texts of like length go together, and several batches at once."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        running: deque[tuple[Any, list[int]]] = deque()

        def end_first() -> Any:
            request, batch = running.popleft()
            request.wait()
            vectors[batch] = request.get_output_tensor(0).data
            return request

        for batch in _batches([len(each) for each in tokens]):
            # Requests of its own, as one serves one thread at a time.
            request = self._model.create_infer_request() if len(running) < self._at_once else end_first()
            request.start_async(self._inputs([tokens[at] for at in batch]))
            running.append((request, batch))
        while running:
            end_first()
        return _unit(vectors)

    def _inputs(self, tokens: list[list[int]]) -> list[NDArray[np.int64]]:
        longest = max(map(len, tokens))
        ids = np.full((len(tokens), longest), self._padding, np.int64)
        mask = np.zeros_like(ids)
        for row, each in enumerate(tokens):
            ids[row, : len(each)], mask[row, : len(each)] = each, 1
        return [ids, mask]


class SentenceTransformerEncoder:
    """Any sentence-transformers folder, on the GPU where torch finds one."""

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self._model = SentenceTransformer(
            str(folder), local_files_only=True, model_kwargs={"use_safetensors": True}, trust_remote_code=False
        )
        self._model.max_seq_length = min(self._model.max_seq_length or LONGEST, LONGEST)
        self._lock = Lock()  # its tokenizer is not made for two threads
        self.dimension = self._model.get_embedding_dimension() or 0
        self.backend = f"sentence-transformers {self._model.device.type} {self._model.dtype}".replace("torch.", "")

    def encode(self, texts: list[str]) -> Vectors:
        """One unit vector for each text."""
        with self._lock:
            vectors = self._model.encode(texts, prompt="", batch_size=BATCH, show_progress_bar=False)
        return _unit(np.asarray(vectors, np.float32))


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Indexes of texts of like length, so many that a batch is worth its overhead, the longest first."""
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lambda at: -lengths[at]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > _TOKENS:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit
