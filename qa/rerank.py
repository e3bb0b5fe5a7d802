"""Passages read again, each together with the question, and put in the order of how well they answer it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path
from textwrap import shorten
from threading import Lock
from typing import Any

import numpy as np
from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor
from langchain_core.documents import Document as Passage
from numpy.typing import NDArray
from pydantic import PrivateAttr

from qa.chat.transformers import places
from storage.errors import ModelUnavailable
from storage.models.pull import role
from storage.models.store import ModelStore
from storage.records import Hit

# What may stand in a reranker's place: the evidence model, which is part of Footnote, and none at all.
EVIDENCE, NONE = "evidence", "none"
LONGEST = 512  # tokens of a question and a passage; the rest is cut off
BATCH = 8  # pairs
_SCORE = "relevance_score"  # where LangChain's rerankers put it


class CrossEncoderReranker(BaseDocumentCompressor):
    """A cross-encoder in a folder (Nogueira and Cho, 2019), loaded at the first use. Safe to share between threads.

    It is what sentence-transformers load as one: safetensors, with one logit, or two of which the second is for "yes".
    """

    id: str
    folder: Callable[[], Path]
    _lock: Any = PrivateAttr(default_factory=Lock)
    _model: Any = PrivateAttr(default=None)

    @property
    def backend(self) -> str:
        """What computes the scores, where, and in which precision. Loads the model; raises ModelUnavailable."""
        with self._lock:
            model = self._loaded()
        return f"sentence-transformers {model.device.type} {model.dtype}".replace("torch.", "")

    def warm(self) -> None:
        """Load the model now. Raises ModelUnavailable."""
        with self._lock:
            self._loaded()

    def compress_documents(
        self, documents: Sequence[Passage], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[Passage]:
        """All documents, best first, with `relevance_score` (0..1) in their metadata. Raises ModelUnavailable."""
        if not documents:
            return []
        scores = self._scores(query, [document.page_content for document in documents])
        return [_with_score(documents[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")]

    def _scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        with self._lock:  # its tokenizer is not made for two threads
            model = self._loaded()
            try:
                given = model.predict([(question, text) for text in texts], batch_size=BATCH, show_progress_bar=False)
            except RuntimeError as error:
                raise ModelUnavailable(
                    f"The reranker {self.id} broke off: {_line(error)}. Choose another one: footnote models list"
                ) from error
        logits = np.asarray(given, np.float64).reshape(len(texts), -1)
        logit = logits[:, -1] - (logits[:, 0] if logits.shape[1] == 2 else 0)
        if not np.isfinite(logit).all():
            raise ModelUnavailable(f"The reranker {self.id} gives no numbers. Choose another one: footnote models list")
        scores: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(logit, -500, 500)))
        return scores

    def _loaded(self) -> Any:
        if self._model is None:
            self._model = _cross_encoder(self.id, self.folder())
        return self._model


def open_reranker(name: str, store: ModelStore) -> CrossEncoderReranker | None:
    """The cross-encoder of an installed id, or in a folder given by its path; None for "none" and "".

    Loads nothing yet: whether it is there shows at the first use.
    """
    if name in ("", NONE):
        return None
    folder = Path(name).expanduser()
    if folder.is_absolute() or name.startswith("."):
        return CrossEncoderReranker(id=name, folder=lambda: folder)
    return CrossEncoderReranker(id=name, folder=lambda: store.path(name))


def reranked(reranker: BaseDocumentCompressor, question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits in the order that any LangChain compressor gives them; what it drops comes last, as it was ordered.

    The order is that of the scores, and of the positions where a passage comes back without one. Raises what the
    compressor raises; ours, ModelUnavailable.
    """
    if not hits:
        return ()
    before = {hit.chunk.id: hit for hit in hits}
    returned = reranker.compress_documents(as_passages(hits), question)
    known = [passage for passage in returned if passage.metadata.get("chunk") in before]
    scores: dict[int, float] = {}
    for score, passage in sorted(zip(_relevance(known), known, strict=True), key=lambda pair: -pair[0]):
        scores.setdefault(passage.metadata["chunk"], score)
    least = min([0.0, *scores.values()])
    order = [*scores, *(chunk for chunk in before if chunk not in scores)]
    return tuple(
        replace(before[chunk], rank=rank, score=scores.get(chunk, least), via="reranked")
        for rank, chunk in enumerate(order, 1)
    )


def as_passages(hits: Sequence[Hit]) -> list[Passage]:
    """Hits as LangChain documents."""
    return [
        Passage(
            page_content=hit.chunk.text,
            metadata={
                "chunk": hit.chunk.id, "document": hit.chunk.document_id, "title": hit.title, "path": hit.path,
                "heading": hit.chunk.heading, "page": hit.chunk.page, "start": hit.chunk.start, "end": hit.chunk.end,
                "score": hit.score,
            },
        )
        for hit in hits
    ]  # fmt: skip


def _relevance(passages: Sequence[Passage]) -> list[float]:
    """The scores that a reranker wrote down, or where one is missing, one over each position."""
    told = [passage.metadata.get(_SCORE) for passage in passages]
    scores = [float(score) for score in told if isinstance(score, Real) and math.isfinite(score)]
    return scores if len(scores) == len(told) else [1 / position for position in range(1, len(told) + 1)]


def _with_score(document: Passage, score: float) -> Passage:
    return document.model_copy(update={"metadata": {**document.metadata, _SCORE: score}})


def _cross_encoder(name: str, folder: Path) -> Any:
    """The model in a folder. Raises ModelUnavailable."""
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError

    broken = (OSError, RuntimeError, ValueError, TypeError, LookupError, ImportError)
    if not folder.is_dir():
        raise ModelUnavailable(f"The folder {folder} is not there. Choose another reranker: footnote models list")
    if role(folder) != "reranker":
        raise ModelUnavailable(f"There is no reranker in {folder}. Choose another one: footnote models list")
    try:
        model = _placed(folder)
    except (*broken, SafetensorError, StrictDataclassError) as error:
        raise ModelUnavailable(
            f"The reranker {name} does not load: {_line(error)}. It must be a cross-encoder with safetensors weights "
            "that transformers itself knows."
        ) from error
    if model.num_labels > 2:
        raise ModelUnavailable(
            f"{name} tells {model.num_labels} classes apart and ranks nothing. Choose another one: footnote models list"
        )
    return model


def _placed(folder: Path) -> Any:
    """The model, on the GPU where torch finds one, in 16 bits where they are computed in."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    place = places(torch)[0]
    model = CrossEncoder(
        str(folder), device=place.device, local_files_only=True, trust_remote_code=False,
        model_kwargs={"use_safetensors": True, "dtype": getattr(torch, place.dtype)},
        activation_fn=torch.nn.Identity(),
    )  # fmt: skip
    model.max_seq_length = min(model.max_seq_length or LONGEST, LONGEST)
    return model


def _line(error: Exception) -> str:
    return shorten(str(error), 200, placeholder=" …").rstrip(" .") or type(error).__name__
