"""Stand-ins for what is slow or outside: each behaves as the interface promises, and nothing more."""

import zlib

import numpy as np
from langchain_core.embeddings import Embeddings

from storage.keywords import words


class FakeEmbedder(Embeddings):
    """Texts that share words are near each other: every word adds to one of 64 directions."""

    id = "fake-embedder"
    dimension = 64
    backend = "fake"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = np.full(self.dimension, 1e-3)
        for word in words(text):
            vector[zlib.crc32(word.encode()) % self.dimension] += 1
        unit: list[float] = (vector / np.linalg.norm(vector)).tolist()
        return unit

    def warm(self) -> None:
        pass
