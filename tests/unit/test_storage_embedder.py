"""The embedder: both encoders agree, vectors are of length one, and loading is lazy."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from storage.embedder import Embedder, OpenVinoEncoder, SentenceTransformerEncoder, open_embedder
from storage.errors import ModelUnavailable
from storage.models import bert, e5, graph
from storage.models.catalogue import DEFAULT_EMBEDDER
from storage.models.store import ModelStore
from tests import tiny_e5

TEXTS = [
    "query: rock layer",
    "passage: the rock",
    "天气很好",
    "  two   spaces\tand\na line  ",
    "passage: " + "a rock layer " * 400,
    "x",
    "",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("tiny-e5")
    model = e5.read(tiny_e5.write(target / "tiny.bin"))
    bert.write(model, target)
    graph.save(model.shape, model.tensors, target)
    return target


@pytest.fixture
def embedder(folder: Path, tmp_path: Path) -> Embedder:
    return open_embedder(str(folder), ModelStore(tmp_path))


def agreement(folder: Path, texts: list[str]) -> float:
    """The lowest cosine between what the two encoders make of the same texts."""
    ours, theirs = OpenVinoEncoder(folder).encode(texts), SentenceTransformerEncoder(folder).encode(texts)
    return float((ours * theirs).sum(axis=1).min())


def test_both_encoders_agree_on_a_model_of_random_weights(folder: Path) -> None:
    assert agreement(folder, TEXTS) >= 0.999


def test_texts_in_a_batch_do_not_change_each_other(folder: Path) -> None:
    encoder = OpenVinoEncoder(folder)
    together = encoder.encode(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert float(encoder.encode([text])[0] @ vector) >= 0.999


def test_vectors_have_length_one_and_keep_their_order(embedder: Embedder) -> None:
    texts = [f"rock layer {'a' * (i * 7 % 13)}" for i in range(20)]
    vectors = np.array(embedder.embed_documents(texts))
    assert vectors.shape == (20, embedder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for i in (0, 7, 19):
        assert float(vectors[i] @ np.array(embedder.embed_documents([texts[i]])[0])) >= 0.999


def test_a_question_and_a_passage_get_their_own_prefix(embedder: Embedder, folder: Path) -> None:
    query, passage = OpenVinoEncoder(folder).encode(["query: rock", "passage: rock"])
    assert float(np.array(embedder.embed_query("rock")) @ query) >= 0.999
    assert float(np.array(embedder.embed_documents(["rock"])[0]) @ passage) >= 0.999


def test_a_long_text_is_cut_at_512_tokens(embedder: Embedder) -> None:
    cut, longer = embedder.embed_documents(["rock layer " * 600, "rock layer " * 600 + "天气很好" * 50])
    assert np.allclose(cut, longer, atol=1e-5)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_documents([]) == []


def test_threads_may_share_an_embedder(embedder: Embedder) -> None:
    texts = [f"rock {chr(97 + i)}" for i in range(26)]
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(embedder.embed_query, texts))
    for text, vector in zip(texts, vectors, strict=True):
        assert np.allclose(vector, embedder.embed_query(text), atol=1e-3)


def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    embedder = open_embedder(DEFAULT_EMBEDDER, ModelStore(tmp_path))
    assert embedder.id == DEFAULT_EMBEDDER
    with pytest.raises(ModelUnavailable, match=f"footnote models pull {DEFAULT_EMBEDDER}"):
        embedder.warm()


def test_two_folders_of_one_name_are_two_embedders(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    first, second = (open_embedder(str(tmp_path / place / "model"), store) for place in ("a", "b"))
    assert first.id.startswith("model@") and second.id.startswith("model@") and first.id != second.id
    assert open_embedder(str(tmp_path / "b" / ".." / "a" / "model"), store).id == first.id


def test_a_folder_of_the_e5_family_keeps_its_prefixes(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "multilingual-e5-small")
    (tmp_path / "multilingual-e5-small" / "config_sentence_transformers.json").unlink()  # as the family's own folders
    query, bare = OpenVinoEncoder(folder).encode(["query: rock"])[0], OpenVinoEncoder(folder).encode(["rock"])[0]
    embedder = open_embedder(str(tmp_path / "multilingual-e5-small"), ModelStore(tmp_path))
    vector = np.array(embedder.embed_query("rock"))
    assert float(vector @ query) > float(vector @ bare)


def test_a_damaged_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    (tmp_path / graph.NAME).write_text("no graph", encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="does not load") as raised:
        open_embedder(str(tmp_path), ModelStore(tmp_path)).warm()
    assert "\n" not in str(raised.value)


def test_a_folder_without_a_graph_is_left_to_sentence_transformers(folder: Path, tmp_path: Path) -> None:
    model = e5.read(folder / "tiny.bin")
    bert.write(model, tmp_path)
    embedder = open_embedder(str(tmp_path), ModelStore(tmp_path))
    assert embedder.backend.startswith("sentence-transformers ")
    beside = open_embedder(str(folder), ModelStore(tmp_path))
    assert beside.backend.startswith("openvino ")
    assert float(np.array(embedder.embed_query("rock")) @ np.array(beside.embed_query("rock"))) >= 0.999


def test_the_fast_path_needs_no_torch(folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from storage.embedder import open_embedder; from storage.models.store import ModelStore\n"
        "open_embedder(sys.argv[1], ModelStore(Path(sys.argv[2]))).embed_query('rock')\n"
        "sys.exit(bool({'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys()))"
    )
    command = [sys.executable, "-c", code, str(folder), str(tmp_path)]
    assert subprocess.run(command, cwd=Path(__file__).parents[2], check=False).returncode == 0


@pytest.mark.models
def test_both_encoders_agree_on_the_real_model(models_folder: Path) -> None:
    texts = [
        "query: who discovered oxygen?",
        "passage: 今天天气很好，我们去公园玩。",
        "passage: " + "oxygen is a gas. " * 300,
    ]
    assert agreement(models_folder / DEFAULT_EMBEDDER, texts) >= 0.999


@pytest.mark.models
def test_a_question_finds_its_answer_in_either_language(models_folder: Path) -> None:
    embedder = open_embedder(DEFAULT_EMBEDDER, ModelStore(models_folder))
    passages = ["Oxygen was discovered in 1774.", "氧气是在1774年被发现的。", "The bakery opens at eight."]
    for question in ("When was oxygen discovered?", "氧气是什么时候被发现的？"):
        first, second, other = np.array(embedder.embed_documents(passages)) @ np.array(embedder.embed_query(question))
        assert min(first, second) > other + 0.05
