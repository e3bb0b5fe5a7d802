"""Reranking: a cross-encoder from a folder scores pairs, and any LangChain compressor can order the hits."""

import json
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor
from langchain_core.documents import Document as Passage

from qa.chat.transformers import Place
from qa.rerank import CrossEncoderReranker, open_reranker, reranked
from storage.errors import ModelUnavailable, NotFound
from storage.models.store import ModelStore
from tests import tiny_ranker
from tests.unit.passages import hit

QUESTION = "how long is the leave"
HITS = tuple(
    hit(text, rank) for rank, text in enumerate(("days", "年 假", "the leave is days", "staff " * 200, "how"), 1)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_ranker.write(tmp_path_factory.mktemp("ranker"))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def reranker(folder: Path, store: ModelStore) -> CrossEncoderReranker:
    reranker = open_reranker(str(folder), store)
    assert reranker
    return reranker


def by_transformers(folder: Path, texts: Sequence[str]) -> list[float]:
    """What transformers itself makes of each pair, one at a time."""
    import torch
    import transformers as untyped

    transformers: Any = untyped  # parts of it have no types
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    with torch.inference_mode():
        logits = [model(**tokenizer(QUESTION, text, truncation=True, return_tensors="pt")).logits[0] for text in texts]
    chances = [logit.sigmoid()[0] if len(logit) == 1 else logit.softmax(0)[1] for logit in logits]
    return [float(chance) for chance in chances]


@pytest.mark.parametrize("labels", [1, 2])
def test_the_scores_are_those_of_transformers_and_the_best_comes_first(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, labels: int
) -> None:
    monkeypatch.setattr("qa.rerank.places", lambda torch: (Place("cpu", "float32"),))
    folder = tiny_ranker.write(tmp_path / "ranker", labels)
    reranker = open_reranker(str(folder), store) or pytest.fail()
    found = reranked(reranker, QUESTION, HITS)
    expected = by_transformers(folder, [each.chunk.text for each in HITS])
    assert [each.rank for each in found] == [1, 2, 3, 4, 5] and {each.via for each in found} == {"reranked"}
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    scores = {each.chunk.id: each.score for each in found}
    assert [scores[each.chunk.id] for each in HITS] == pytest.approx(expected, abs=1e-5)


def test_it_is_a_langchain_compressor(reranker: CrossEncoderReranker) -> None:
    given = [Passage(page_content=text, metadata={"mine": text}) for text in ("days", "年 假", "how")]
    got = reranker.compress_documents(given, QUESTION)
    assert {passage.metadata["mine"] for passage in got} == {"days", "年 假", "how"}
    scores = [passage.metadata["relevance_score"] for passage in got]
    assert all(type(score) is float and 0 < score < 1 for score in scores) and len(set(scores)) == 3
    assert scores == sorted(scores, reverse=True)
    assert given[0].metadata == {"mine": "days"}, "the caller's documents stay as they are"
    assert reranker.compress_documents([], QUESTION) == []


def test_many_threads_get_the_same_scores(reranker: CrossEncoderReranker) -> None:
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(lambda _: reranked(reranker, QUESTION, HITS), range(8))
    assert all(other == first for other in others)


def test_an_installed_model_is_opened_by_its_id(folder: Path, store: ModelStore) -> None:
    shutil.copytree(folder, store.folder / "org--ranker")
    manifest = json.dumps({"id": "org/ranker", "role": "reranker"})
    (store.folder / "org--ranker" / "manifest.json").write_text(manifest, encoding="utf-8")
    found = open_reranker("org/ranker", store)
    assert found and found.id == "org/ranker" and found.backend.startswith("sentence-transformers ")
    assert len(reranked(found, QUESTION, HITS)) == len(HITS)


@pytest.mark.parametrize("name", ["", "none"])
def test_there_may_be_none(store: ModelStore, name: str) -> None:
    assert open_reranker(name, store) is None


def cut_off(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def settings(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "config.json"
        file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | changes), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (cut_off, "does not load"),
        (pickled, "does not load: .* It must be a cross-encoder with safetensors weights"),
        (lambda folder: (folder / "tokenizer.json").write_text("{", encoding="utf-8"), "does not load"),
        (lambda folder: (folder / "config.json").unlink(), r"no config\.json"),
        (settings(hidden_size="wide"), "does not load"),
        (settings(model_type="nonsense"), "does not load"),
        (settings(auto_map={"AutoModelForSequenceClassification": "code.Mine"}, model_type="mine"), "does not load"),
        (settings(architectures=["BertModel"]), "There is no reranker in"),
        (shutil.rmtree, "is not there"),
    ],
)
def test_a_broken_folder_is_one_line(
    folder: Path, store: ModelStore, tmp_path: Path, harm: Callable[[Path], object], says: str
) -> None:
    broken = shutil.copytree(folder, tmp_path / "broken")
    harm(broken)
    reranker = open_reranker(str(broken), store) or pytest.fail()
    with pytest.raises(ModelUnavailable, match=says) as raised:
        reranked(reranker, QUESTION, HITS)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 500


def test_a_classifier_is_not_taken_for_a_reranker(store: ModelStore, tmp_path: Path) -> None:
    classifier = open_reranker(str(tiny_ranker.write(tmp_path / "classifier", labels=3)), store) or pytest.fail()
    with pytest.raises(ModelUnavailable, match="tells 3 classes apart"):
        classifier.warm()


def test_scores_that_are_no_numbers_order_nothing(folder: Path, store: ModelStore, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    harmed = shutil.copytree(folder, tmp_path / "harmed")
    tensors = load_file(harmed / "model.safetensors")
    tensors["classifier.bias"] = tensors["classifier.bias"] * float("nan")
    save_file(tensors, harmed / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelUnavailable, match="gives no numbers"):
        (open_reranker(str(harmed), store) or pytest.fail()).compress_documents([Passage(page_content="days")], "how")


def test_what_is_not_here_is_said_at_the_first_use(store: ModelStore) -> None:
    absent = open_reranker("org/name", store) or pytest.fail()
    with pytest.raises(ModelUnavailable, match="footnote models pull org/name"):
        absent.warm()
    with pytest.raises(NotFound):
        (open_reranker("no id", store) or pytest.fail()).warm()


class Stranger(BaseDocumentCompressor):
    """Another's compressor: keeps, scores, cuts and orders as it is told."""

    does: Callable[[Sequence[Passage]], Sequence[Passage]]

    def compress_documents(
        self, documents: Sequence[Passage], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[Passage]:
        return self.does(documents)


def scored(passage: Passage, score: object) -> Passage:
    return Passage(page_content="cut", metadata={**passage.metadata, "relevance_score": score})


def order(does: Callable[[Sequence[Passage]], Sequence[Passage]]) -> list[str]:
    """The texts of the hits after a stranger had them; ranks and scores must agree with the order."""
    found = reranked(Stranger(does=does), QUESTION, HITS)
    assert [each.rank for each in found] == [1, 2, 3, 4, 5]
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert all(each.chunk == next(hit.chunk for hit in HITS if hit.chunk.id == each.chunk.id) for each in found)
    return [each.chunk.text[:5] for each in found]


def test_a_strangers_scores_decide() -> None:
    assert order(lambda all_: [scored(p, -i) for i, p in enumerate(reversed(all_))]) == [
        "how", "staff", "the l", "年 假", "days",
    ]  # fmt: skip
    assert order(lambda all_: [scored(p, i) for i, p in enumerate(all_)])[0] == "how"


def test_without_scores_the_positions_decide() -> None:
    assert order(lambda all_: [all_[2], all_[0], all_[1], all_[4], all_[3]]) == [
        "the l", "days", "年 假", "how", "staff",
    ]  # fmt: skip
    assert order(lambda all_: [scored(all_[2], 0.1), scored(all_[0], None), *all_[3:]])[:2] == ["the l", "days"]
    assert order(lambda all_: [scored(all_[2], float("nan")), scored(all_[0], 0.9)])[:2] == ["the l", "days"]


def test_what_a_stranger_drops_comes_last_in_its_old_order() -> None:
    assert order(lambda all_: [scored(all_[3], -2.5)]) == ["staff", "days", "年 假", "the l", "how"]
    assert order(lambda all_: []) == ["days", "年 假", "the l", "staff", "how"]


def test_what_a_stranger_adds_or_cuts_into_pieces_counts_once() -> None:
    def pieces(all_: Sequence[Passage]) -> Sequence[Passage]:
        return [scored(all_[1], 0.2), scored(all_[0], 0.5), scored(all_[1], 0.9), Passage(page_content="x")]

    assert order(pieces)[:2] == ["年 假", "days"]


def test_no_hits_are_not_asked_about() -> None:
    assert reranked(Stranger(does=lambda all_: pytest.fail("it asks")), QUESTION, ()) == ()
