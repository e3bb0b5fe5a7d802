"""Recall and rank of the gold passage, by vectors alone, by keywords alone and fused, within and across languages.

    FOOTNOTE_MODELS=... python -m tests.quality.retrieval [QUESTIONS PER CASE]

Passages are the paragraphs of SQuAD (English) and of its Chinese translation, from ../shared/data/qa; the same
question exists in both languages, which gives the cross-language cases. "mixed" searches both sets at once.
"""

import gzip
import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from qa.retrieve import retrieve
from storage.database import Database
from storage.embedder import open_embedder
from storage.indexes import Found, Indexes
from storage.library import Entry, Library
from storage.models.catalogue import DEFAULT_EMBEDDER
from storage.models.store import ModelStore
from storage.records import Chunk, Document, Hit
from ui.settings import read_settings

DATA = Path("../shared/data/qa")
SETS = {"en": "squad_dev_half", "zh": "restricted/chinesesquad_dev_half"}
CASES = {"en-en": ("en", "en"), "zh-zh": ("zh", "zh"), "en-zh": ("en", "zh"), "zh-en": ("zh", "en"),
         "en-mixed": ("en", "mixed"), "zh-mixed": ("zh", "mixed")}  # fmt: skip
RANKINGS: dict[str, Callable[[Found], Sequence[Hit]]] = {
    "vectors": lambda found: found.vectors,
    "keywords": lambda found: found.keywords,
    "fused": lambda found: retrieve(found, 30),
}


def rows(language: str) -> list[dict[str, Any]]:
    """The questions of one language; `key` names the same question in both."""
    with gzip.open(DATA / f"{SETS[language]}.jsonl.gz", "rt", encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    return [row | {"key": row["id"].split("-")[-1]} for row in found if row["answerable"]]


def document(text: str, title: str, language: str) -> tuple[Document, tuple[Chunk, ...]]:
    """A paragraph as a document of one chunk."""
    digest = sha256(text.encode()).hexdigest()
    whole = Document(
        digest[:16], f"/{language}/{digest[:16]}", title, digest, text, (), "txt", language, len(text), 0.0
    )
    return whole, (Chunk(int(digest[:15], 16), whole.id, 0, text, 0, len(text), "", None),)


def fill(library: Library, questions: dict[str, list[dict[str, Any]]]) -> None:
    """A collection for each language, and one with both."""
    for language, found in questions.items():
        pairs = [
            document(text, title, language) for text, title in {row["context"]: row["title"] for row in found}.items()
        ]
        for start in range(0, len(pairs), 64):
            some = pairs[start : start + 64]
            vectors = library.embed([chunks[0].text for _, chunks in some])
            for name in (language, "mixed"):
                entries = []
                for (whole, chunks), vector in zip(some, vectors, strict=True):
                    if name == "mixed":
                        whole, chunks = document(whole.text, whole.title, f"{language}/mixed")
                        mark = sha256(f"mixed{whole.id}".encode()).hexdigest()
                        whole = Document(**{f: getattr(whole, f) for f in whole.__slots__} | {"id": mark[:16]})
                        chunks = (Chunk(int(mark[:15], 16), whole.id, 0, whole.text, 0, len(whole.text), "", None),)
                    entries.append(Entry(whole, chunks, vector.reshape(1, -1)))
                library.replace(name, entries)
        print(f"{language}: {len(pairs)} passages", file=sys.stderr)


def main(count: int) -> None:
    """Print a table: recall@1, recall@5 and MRR@30 of each ranking in each case."""
    settings = read_settings()
    embedder = open_embedder(DEFAULT_EMBEDDER, ModelStore(settings.models))
    questions = {language: rows(language) for language in SETS}
    context = {language: {row["key"]: row["context"] for row in found} for language, found in questions.items()}
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/f.sqlite")
        fill(Library(database, embedder), questions)
        indexes = Indexes(database, Path(folder) / "indexes", embedder)
        print(f"{'case':9} {'ranking':9} {'R@1':>6} {'R@5':>6} {'MRR':>6}")
        for case, (asked, searched) in CASES.items():
            other = "zh" if asked == "en" else "en"
            both = [row for row in questions[asked] if row["key"] in context[other]]
            sample = random.Random(7).sample(both, min(count, len(both)))
            ranks: dict[str, list[int]] = {name: [] for name in RANKINGS}
            for row in sample:
                gold = {context[searched][row["key"]]} if searched in SETS else {context[c][row["key"]] for c in SETS}
                found = indexes.search(searched, row["question"], 30)
                for name, ranking in RANKINGS.items():
                    texts = [hit.chunk.text for hit in ranking(found)]
                    ranks[name].append(next((n for n, text in enumerate(texts, 1) if text in gold), 0))
            for name, got in ranks.items():
                r1, r5 = (sum(0 < rank <= k for rank in got) / len(got) for k in (1, 5))
                mrr = sum(1 / rank for rank in got if rank) / len(got)
                print(f"{case:9} {name:9} {r1:6.3f} {r5:6.3f} {mrr:6.3f}")
        indexes.close()
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
