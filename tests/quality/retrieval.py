"""Recall and rank of the gold passage within and across languages: by vectors, by keywords, fused, read again, and as
an answer finds it, which is with the question translated where its own language does not answer.

    FOOTNOTE_MODELS=... python -m tests.quality.retrieval [QUESTIONS PER CASE]

Passages are the paragraphs of SQuAD (English) and of its Chinese translation, from ../shared/data/qa; the same
question exists in both languages, which gives the cross-language cases. In "half" one half of the articles is there in
English only and the other in Chinese only, as in a folder with both: half of the answers are in the other language.
A machine made that Chinese, and much of it is garbled; CMRC's was written by people. A translation takes the chat model
a second.
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

from qa.answer import Answerer
from qa.chat import open_chat
from qa.evidence.model import EvidenceModel, open_evidence
from qa.retrieve import rank
from storage.asked import Asked
from storage.database import Database
from storage.embedder import open_embedder
from storage.embedders import Embedders
from storage.entries import Entry
from storage.indexes import Found, Indexes
from storage.library import Library
from storage.models.catalogue import DEFAULT_CHAT, DEFAULT_EMBEDDER
from storage.models.store import ModelStore
from storage.records import Chunk, Document, Hit
from ui.settings import read_settings

DATA = Path("../shared/data/qa")
SETS = {"en": "squad_dev_half", "zh": "restricted/chinesesquad_dev_half", "cmrc": "cmrc2018_dev_half"}
ALIKE = ("en", "zh")  # the sets with the same questions
CASES = [("en", "en"), ("cmrc", "cmrc"), ("zh", "zh"), ("en", "zh"), ("zh", "en"), ("en", "half"), ("zh", "half")]
RANKINGS: dict[str, Callable[[str, Found, EvidenceModel], Sequence[Hit]]] = {
    "vectors": lambda question, found, evidence: found.vectors,
    "keywords": lambda question, found, evidence: found.keywords,
    "fused": lambda question, found, evidence: rank(Asked(question), found, None, None).hits,
    "read": lambda question, found, evidence: rank(Asked(question), found, evidence, evidence).hits,
}


def rows(language: str) -> list[dict[str, Any]]:
    """The questions of one language; `key` names the same question in both."""
    with gzip.open(DATA / f"{SETS[language]}.jsonl.gz", "rt", encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    return [row | {"key": row["id"].split("-")[-1]} for row in found if row["answerable"]]


def document(text: str, collection: str, language: str) -> tuple[Document, tuple[Chunk, ...]]:
    """A paragraph as a document of one chunk, without a title, so that only its text is found."""
    digest = sha256(f"{collection}{text}".encode()).hexdigest()
    whole = Document(digest[:16], f"/{digest}", "", digest, text, (), "txt", language, len(text), 0.0)
    return whole, (Chunk(int(digest[:15], 16), whole.id, 0, text, 0, len(text), "", None),)


def fill(library: Library, questions: dict[str, list[dict[str, Any]]], english: set[str]) -> None:
    """A collection for each language, and "half" with the `english` articles in English and the others in Chinese."""
    for language, found in questions.items():
        texts = {row["context"]: row["key"] in english for row in found}
        halves = {text for text, is_english in texts.items() if is_english == (language == "en") and language in ALIKE}
        for collection, chosen in ((language, list(texts)), ("half", sorted(halves))):
            for start in range(0, len(chosen), 64):
                some = [
                    document(text, collection, "en" if language == "en" else "zh")
                    for text in chosen[start : start + 64]
                ]
                embedder = library.embedder(collection)
                vectors = library.embed([chunks[0].text for _, chunks in some], embedder)
                pairs = zip(some, vectors, strict=True)
                library.replace(
                    collection, [Entry(whole, chunks, row[None], embedder) for (whole, chunks), row in pairs]
                )
        print(f"{language}: {len(texts)} passages", file=sys.stderr)


def main(count: int) -> None:
    """Print a table: recall@1, recall@5 and MRR@30 of each ranking in each case."""
    store = ModelStore(read_settings().models)
    evidence, chat = open_evidence(store), open_chat(DEFAULT_CHAT, store)
    embedders = Embedders(lambda name: open_embedder(name, store), DEFAULT_EMBEDDER)
    questions = {language: rows(language) for language in SETS}
    context = {language: {row["key"]: row["context"] for row in found} for language, found in questions.items()}
    english = {row["key"] for row in questions["en"] if int(sha256(row["title"].encode()).hexdigest(), 16) % 2}
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/f.sqlite")
        fill(Library(database, embedders), questions, english)
        indexes = Indexes(database, Path(folder) / "indexes", embedders)
        answerer = Answerer(indexes, chat, evidence=evidence, reranker=evidence)
        print(
            f"{'asked':5} {'searched':8} {'ranking':9} {'R@1':>6} {'R@5':>6} {'MRR':>6}   R@5 by language of the answer"
        )
        for asked, searched in CASES:
            keys = sorted(context["en"].keys() & context["zh"].keys() if asked in ALIKE else context[asked].keys())
            sample = random.Random(7).sample(keys, min(count, len(keys)))
            text = {row["key"]: row["question"] for row in questions[asked]}
            ranks: dict[str, list[tuple[str, int]]] = {name: [] for name in (*RANKINGS, "whole")}
            for key in sample:
                answered = searched if searched in SETS else ("en" if key in english else "zh")
                found = indexes.search(searched, Asked(text[key]), 30)
                rankings = {name: ranking(text[key], found, evidence) for name, ranking in RANKINGS.items()}
                rankings["whole"] = answerer.retrieve(text[key], searched, 30)
                for name, hits in rankings.items():
                    texts = [hit.chunk.text for hit in hits]
                    gold = context[answered][key]
                    ranks[name].append((answered, texts.index(gold) + 1 if gold in texts else 0))
            for name, got in ranks.items():
                r1, r5 = (sum(0 < rank <= k for _, rank in got) / len(got) for k in (1, 5))
                mrr = sum(1 / rank for _, rank in got if rank) / len(got)
                parts = {
                    language: [0 < rank <= 5 for answered, rank in got if answered == language] for language in SETS
                }
                by = "  ".join(f"{language} {sum(hits) / len(hits):.3f}" for language, hits in parts.items() if hits)
                print(f"{asked:5} {searched:8} {name:9} {r1:6.3f} {r5:6.3f} {mrr:6.3f}   {by}")
        indexes.close()
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
