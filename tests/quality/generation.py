"""What a chat model's precision costs: the same prompts to several, and how often the gold answer is in what they say.

    python -m tests.quality.generation COUNT MODEL... [> table]      MODEL: whatever `footnote ask --model` takes

COUNT questions a language of the development halves in ../shared/data/qa (SQuAD; CMRC 2018): the gold passage and the
next one of its set, as Footnote prompts them. Each model's answers are compared with those of the first.
"""

import gzip
import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from qa.chat import open_chat
from qa.gate import refuses
from qa.prompt import answer_messages
from storage.models.store import ModelStore
from storage.records import Chunk, Hit
from ui.places import read_places

DATA = Path("../shared/data/qa")
SETS = {"en": "squad_dev_half", "zh": "cmrc2018_dev_half"}
AT_ONCE = 6  # questions in one batch: the same answers, sooner


def questions(language: str, count: int) -> list[dict[str, Any]]:
    """`count` answerable questions, each with the passage that follows its own in the set."""
    with gzip.open(DATA / f"{SETS[language]}.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["answerable"]]
    contexts = list(dict.fromkeys(row["context"] for row in rows))
    after = dict(zip(contexts, contexts[1:] + contexts[:1], strict=True))
    return [row | {"other": after[row["context"]]} for row in random.Random(11).sample(rows, count)]


def passage(text: str, rank: int) -> Hit:
    """A paragraph as retrieval would hand it on."""
    return Hit(Chunk(rank, str(rank), 0, text, 0, len(text), "", None), "", f"/{rank}", rank, 1 / rank, "fused")


def squeeze(text: str) -> str:
    """A text without spaces and case, as answers are compared."""
    return "".join(text.split()).casefold()


def main(count: int, models: list[str]) -> None:
    """Print a row for each model and language."""
    store = ModelStore(read_places().models)
    first: dict[str, list[str]] = {}
    for name in models:
        chat = open_chat(name, store)
        chat.warm()
        for language in SETS:
            rows = questions(language, count)
            begun = time.perf_counter()

            def answer(row: dict[str, Any]) -> str:
                hits = [passage(row["context"], 1), passage(row["other"], 2)]
                return str(chat.invoke(answer_messages(row["question"], hits), max_tokens=64).text)  # noqa: B023

            with ThreadPoolExecutor(AT_ONCE) as pool:
                said = list(pool.map(answer, rows))
            seconds = (time.perf_counter() - begun) / count
            gold = [
                any(squeeze(a) in squeeze(text) for a in row["answers"]) for row, text in zip(rows, said, strict=True)
            ]
            same = sum(a == b for a, b in zip(said, first.setdefault(language, said), strict=True)) / count
            refused = sum(refuses(text) for text in said) / count
            print(
                f"{Path(name).name:32} {language} gold {sum(gold) / count:.3f}  refused {refused:.3f}  "
                f"same text as the first {same:.2f}  {seconds:.2f} s each",
                flush=True,
            )
        chat.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
