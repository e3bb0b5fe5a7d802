"""The vector index of one collection: FAISS, derived from SQL, saved in its native format."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import faiss

Vectors = NDArray[np.float32]


class Among:
    """The chunks that a search may find, as FAISS wants them: made once, of use for any number of searches."""

    def __init__(self, ids: Iterable[int] | NDArray[np.int64]) -> None:
        import faiss

        self._ids = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids), np.int64)
        self.parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(self._ids))  # type: ignore[call-arg]  # the stub knows no keywords

    def __len__(self) -> int:
        return len(self._ids)


class VectorIndex:
    """Chunk ids and their unit vectors; inner product is cosine similarity.

    The file's name carries the generation of SQL that it holds, so index and stamp appear in one rename.
    A missing or damaged file reads as an empty index of generation -1, which the library fills again from SQL.
    """

    def __init__(self, folder: Path, name: str, dimension: int) -> None:
        self._folder, self._name, self.dimension = folder, name, dimension
        self._lock = Lock()
        self.generation = -1
        self._index: faiss.IndexIDMap2 = self._load()

    def ids(self) -> set[int]:
        """The chunks this index holds."""
        import faiss

        return set(faiss.vector_to_array(self._index.id_map).tolist())

    def update(self, added: Iterable[tuple[Sequence[int], Vectors]], removed: Sequence[int], generation: int) -> None:
        """Take chunks out and in (ids with their vectors, some at a time), then save as `generation`."""
        import faiss

        with self._lock:
            if removed:
                self._index.remove_ids(faiss.IDSelectorBatch(np.array(removed, dtype=np.int64)))
            for ids, vectors in added:
                self._index.add_with_ids(vectors, np.array(ids, dtype=np.int64))
            self.generation = generation
            self._save()

    def nearest(self, vector: Vectors, k: int, among: Among) -> list[tuple[int, float]]:
        """The `k` of these chunks that are most similar to `vector`, best first: id and cosine similarity."""
        if not among:
            return []
        with self._lock:
            scores, ids = self._index.search(vector.reshape(1, -1), min(k, len(among)), params=among.parameters)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i != -1]

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._name}-*.faiss"), key=_generation, reverse=True)

    def _load(self) -> "faiss.IndexIDMap2":
        import faiss

        faiss.omp_set_num_threads(1)  # faster for single queries, and no second OpenMP pool beside the encoder's
        for file in self._files():
            try:
                index = faiss.read_index(str(file))
            except RuntimeError:  # damaged: SQL has all of it
                file.unlink(missing_ok=True)
                continue
            if isinstance(index, faiss.IndexIDMap2) and index.d == self.dimension:
                self.generation = _generation(file)
                return index
        return faiss.IndexIDMap2(faiss.IndexFlatIP(self.dimension))

    def _save(self) -> None:
        import faiss

        self._folder.mkdir(parents=True, exist_ok=True)
        older = self._files()
        target = self._folder / f"{self._name}-{self.generation}.faiss"
        temporary = target.with_suffix(f".{os.getpid()}.tmp")
        faiss.write_index(self._index, str(temporary))
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
        for file in older:
            if _generation(file) < self.generation:
                with suppress(OSError):  # another process has it open; the next save takes it away
                    file.unlink()


def _generation(file: Path) -> int:
    stamp = file.stem.rpartition("-")[2]
    return int(stamp) if stamp.isdigit() else -1
