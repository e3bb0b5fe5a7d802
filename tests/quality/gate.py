"""Fit the gate: what the signals of an answer say of whether it is right.

    python -m tests.quality.gate answer FOLDER [QUESTIONS]   asks, into FOLDER/answers.jsonl; goes on where it was
    python -m tests.quality.gate fit FOLDER [QUESTIONS=ANSWERS ...]   writes qa/gate.toml from them

Asked are the development questions of the evidence model: SQuAD 2.0 on articles it has not seen, unanswerable ones
included, and CMRC 2018, of which every third passage is left out of the collection, so that its questions have no
answer there. The documents are ingested as files, both languages in one collection. An answer is right if it holds a
gold answer.

An encyclopaedia is not what people keep: the thresholds must also hold for question sets on other documents, given as
their questions and what `footnote eval --out` wrote of them.
"""

import gzip
import json
import sys
from collections import defaultdict
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from qa.answer import Answer, Evidence
from qa.evaluation.gold import right
from qa.evaluation.questions import Question, read_questions
from storage.language import language
from ui.app import App, build
from ui.settings import read_settings

DATA = Path("../shared/data/qa")
GATE = Path("qa/gate.toml")
# The signals of each weighing; the first has to be known for it.
READ = ("answers", "sure", "relevance", "second")
SEARCHED = ("coverage", "similarity")
ALONE = ("confirmed",)
SHARED = ("shared", "lacking", "near")
WEIGHINGS = {
    "retrieved": READ + SEARCHED,
    "retrieved_unread": SEARCHED,
    "confirmed": READ + SEARCHED + ALONE,
    "confirmed_unread": SEARCHED + ALONE,
    "confirmed_alone": ALONE,
    "written": ("cited", "agreed", *SHARED, "logprob", *SEARCHED, *ALONE),
    "written_unread": (*SHARED, "logprob", *SEARCHED, *ALONE),
    "written_alone": (*ALONE, "logprob"),
}
# The share of the right answers that a stage may withdraw in each language. English models refuse some by themselves.
LOST = {
    "retrieved": {"en": 0.0, "zh": 0.01},
    "confirmed": {"en": 0.05, "zh": 0.01},
    "written": {"en": 0.01, "zh": 0.01},
}
RIDGE = 1.0


def rows(name: str) -> list[dict[str, Any]]:
    """A question set."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def one_in(count: int, text: str) -> bool:
    """Whether a text is among the one in `count` that are taken, always the same."""
    return int(sha256(text.encode()).hexdigest(), 16) % count == 0


def asked(count: int) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The articles by title, and `count` questions: a half in each language, a half of them answerable."""
    english = [row for row in rows("squad_dev_half") if one_in(4, row["title"])]
    chinese = [row | {"answerable": not one_in(3, row["context"])} for row in rows("cmrc2018_dev_half")]
    articles: dict[str, dict[str, None]] = defaultdict(dict)
    for row in english + [row for row in chinese if row["answerable"]]:
        articles[row["title"]][row["context"]] = None
    draw, chosen = Random(3), []
    for found in (english, chinese):
        for answerable in (True, False):
            some = [row for row in found if row["answerable"] is answerable]
            chosen += draw.sample(some, min(count // 4, len(some)))
    return {title: "\n\n".join(texts) for title, texts in articles.items()}, draw.sample(chosen, len(chosen))


def answer(folder: Path, count: int) -> None:
    """Ask what is not answered yet, with no answer withdrawn for its signals."""
    articles, questions = asked(count)
    app = _app(folder, articles)
    file = folder / "answers.jsonl"
    done = {json.loads(line)["id"] for line in file.read_text("utf-8").splitlines()} if file.exists() else set()
    with file.open("a", encoding="utf-8") as out:
        for number, row in enumerate(questions):
            if row["id"] in done:
                continue
            evidence, *_, got = app.answerer.stream(row["question"], "gate")
            assert isinstance(evidence, Evidence) and isinstance(got, Answer) and got.trace
            question = Question(row["id"], row["question"], tuple(row["answers"]), row["answerable"])
            kept = {
                "id": row["id"], "lang": row["lang"][:2], "question": row["question"], "gold": row["answers"][:1],
                "answerable": row["answerable"], "right": row["answerable"] and right(question, got.draft),
                "found": got.found, "reason": got.reason, "draft": got.draft, "signals": dict(got.trace.signals),
                "gold_shown": right(question, "\n".join(hit.chunk.text for hit in got.hits)),
                "seconds": got.timings.total, "quoted": got.text if got.reason == "quoted" else "",
                "marked": evidence.marked.text if evidence.marked else "", "translation": got.trace.translation,
                "cited": [[got.text[c.answer_start : c.answer_end], c.quote] for c in got.citations],
            }  # fmt: skip
            out.write(json.dumps(kept, ensure_ascii=False) + "\n")
            out.flush()
            print(f"{number + 1} of {len(questions)}", file=sys.stderr)
    app.close()


def _app(folder: Path, articles: dict[str, str]) -> App:
    settings = read_settings()
    url = f"sqlite:///{(folder / 'gate.sqlite').as_posix()}"
    options = replace(settings.answer, least=1e-9)
    app = build(replace(settings, home=folder, database_url=url, answer=options))
    texts = folder / "documents"
    if not texts.exists():
        texts.mkdir(parents=True)
        for title, text in articles.items():
            name = "".join(c if c.isalnum() else "_" for c in title)[:60]
            (texts / f"{name}.md").write_text(f"# {title}\n\n{text}\n", encoding="utf-8")
    for _ in app.ingest([texts], "gate"):
        pass
    return app


def evaluated(questions: Path, answers: Path) -> list[dict[str, Any]]:
    """The rows of `answer` from an evaluation. A passage in another language leaves a row without signals."""
    asked = {q.id: q for q in read_questions(questions.read_text("utf-8").splitlines())}
    rows = [json.loads(line) for line in answers.read_text("utf-8").splitlines()]
    return [
        {
            "lang": language(row["question"]), "answerable": asked[row["id"]].answerable,
            "right": asked[row["id"]].answerable and right(asked[row["id"]], row["draft"]),
            "found": row["reason"] in ("", "unlikely"), "signals": row["trace"]["signals"],
        }
        for row in rows if row["trace"]["signals"]
    ]  # fmt: skip


def fit(folder: Path, others: list[dict[str, Any]]) -> None:
    """Fit all weighings, print how well they tell right from wrong, and write them."""
    kept = [json.loads(line) | {"other": False} for line in (folder / "answers.jsonl").read_text("utf-8").splitlines()]
    kept += [row | {"other": True} for row in others]
    tables = [
        "# Fitted by `python -m tests.quality.gate` (tests/quality/LOG.md): of each signal its mean, scale and weight."
    ]
    for name, names in WEIGHINGS.items():
        stage = name.partition("_")[0]
        some = [row for row in kept if names[0] in row["signals"] and (stage != "written" or row["found"])]
        tables.append(_table(name, some, names, LOST[stage]))
    GATE.write_text("\n\n".join(tables) + "\n", encoding="utf-8")


def _table(name: str, kept: list[dict[str, Any]], names: tuple[str, ...], lost: dict[str, float]) -> str:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict

    label = "right" if name.startswith("written") else "answerable"
    y = np.array([row[label] for row in kept], int)
    values = np.array([[row["signals"].get(each, np.nan) for each in names] for row in kept])
    mean, scale = np.nanmean(values, axis=0), np.nanstd(values, axis=0) + 1e-9
    x = np.nan_to_num((values - mean) / scale)
    model = LogisticRegression(C=1 / RIDGE, max_iter=1000)
    out = cross_val_predict(model, x, y, cv=10, method="predict_proba")[:, 1]
    least = {}
    print(f"{name}: {len(kept)} answers, {y.sum()} of them {label}; AUROC {roc_auc_score(y, out):.3f} (ten-fold)")
    for spoken in ("en", "zh"):
        mine = np.array([row["lang"] == spoken for row in kept])
        other = np.array([row["other"] for row in kept])
        good = (out[mine & (y == 1) & some] for some in (other, ~other))
        least[spoken] = limit = min(
            float(np.quantile(some, lost[spoken], method="lower")) for some in good if len(some)
        )
        caught, missed = (out[mine & (y == 0)] < limit).mean(), (out[mine & (y == 1)] < limit).mean()
        print(
            f"  {spoken}: AUROC {roc_auc_score(y[mine], out[mine]):.3f}, "
            f"withdrawn {caught:.3f} of wrong, {missed:.3f} of right"
        )
    for each, vector in zip(names, x.T, strict=True):
        print(f"    {each:10} alone {roc_auc_score(y, vector):.3f}")
    model.fit(x, y)
    lines = [
        f"{each} = [{m:.4f}, {s:.4f}, {w:.4f}]"
        for each, m, s, w in zip(names, mean, scale, model.coef_[0], strict=True)
    ]
    limits = ", ".join(f"{spoken} = {limit:.4f}" for spoken, limit in least.items())
    head = f"[{name}]\nbias = {model.intercept_[0]:.4f}\nleast = {{ {limits} }}\n[{name}.signals]\n"
    return head + "\n".join(lines)


if __name__ == "__main__":
    command, where = sys.argv[1], Path(sys.argv[2])
    where.mkdir(parents=True, exist_ok=True)
    if command == "answer":
        answer(where.resolve(), int(sys.argv[3]) if len(sys.argv) > 3 else 480)
    else:
        pairs = [argument.split("=") for argument in sys.argv[3:]]
        fit(where, [row for questions, answers in pairs for row in evaluated(Path(questions), Path(answers))])
