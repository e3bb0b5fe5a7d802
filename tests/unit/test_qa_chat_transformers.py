"""Hugging Face models: the same text as transformers' own generate, stoppable, and refused in one line where unfit."""

import gc
import json
import shutil
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from qa.chat.transformers import Place, TransformersChat
from storage.errors import ModelUnavailable
from tests.chats import CHATML, tiny_model

# Longer than two slices of the prompt.
MESSAGES = [SystemMessage("Be brief."), HumanMessage("The Rhine rises in the Alps. " * 12 + "莱茵河在哪里？")]


@pytest.fixture(scope="module", params=["qwen3", "llama"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / request.param, request.param)


@pytest.fixture
def chat(folder: Path) -> Iterator[TransformersChat]:
    model = TransformersChat(id="tiny", folder=folder)
    yield model
    model.close()


def by_generate(folder: Path, max_tokens: int) -> tuple[list[int], str]:
    """What transformers itself writes, in one go and without slices."""
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    chat = TransformersChat(id="tiny", folder=folder)
    chat.warm()
    precision = chat.backend.split()[-1]
    chat.close()
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=precision)
    turns = [
        {"role": role, "content": message.text} for role, message in zip(("system", "user"), MESSAGES, strict=True)
    ]
    prompt = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False, enable_thinking=False)
    given = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
    ids = model.generate(**given, max_new_tokens=max_tokens, do_sample=False)[0, given.input_ids.shape[1] :].tolist()
    return ids, str(tokenizer.decode(ids, skip_special_tokens=True))


def test_writes_what_transformers_writes(chat: TransformersChat, folder: Path) -> None:
    ids, text = by_generate(folder, max_tokens=24)
    answer = chat.invoke(MESSAGES, max_tokens=24)
    assert answer.text == text
    assert answer.usage_metadata and answer.usage_metadata["output_tokens"] == len(ids)
    assert len(answer.response_metadata["logprobs"]) == len(ids)
    assert max(answer.response_metadata["logprobs"]) <= 0


def test_a_stop_text_ends_the_answer_before_it(chat: TransformersChat) -> None:
    whole = chat.invoke(MESSAGES, max_tokens=24).text
    stop = whole[5:8]
    answer = chat.invoke(MESSAGES, max_tokens=24, stop=[stop])
    assert answer.text == whole[: whole.index(stop)]
    assert answer.response_metadata["finish_reason"] == "stop"


def test_every_id_that_ends_a_turn_ends_the_answer(chat: TransformersChat, folder: Path, tmp_path: Path) -> None:
    ids, _ = by_generate(folder, max_tokens=24)
    other = shutil.copytree(folder, tmp_path / "other")
    file = other / "generation_config.json"
    file.write_text(json.dumps({"eos_token_id": [0, ids[2]]}), encoding="utf-8")
    answer = TransformersChat(id="other", folder=other).invoke(MESSAGES, max_tokens=24)
    assert answer.response_metadata["finish_reason"] == "stop"
    assert len(answer.response_metadata["logprobs"]) == ids.index(ids[2]) + 1


def test_stops_at_once_while_the_prompt_is_read(chat: TransformersChat) -> None:
    chat.warm()
    cancel = threading.Event()
    threading.Timer(0.1, cancel.set).start()
    began = time.monotonic()
    answer = chat.invoke("The Rhine rises in the Alps. " * 20000, cancel=cancel)
    assert time.monotonic() - began < 0.4
    assert (answer.text, answer.response_metadata["finish_reason"]) == ("", "cancelled")
    assert len(chat.invoke(MESSAGES, max_tokens=3).response_metadata["logprobs"]) == 3


def test_one_answer_after_the_other_and_each_its_own(chat: TransformersChat) -> None:
    alone = [chat.invoke(f"Question {n}", max_tokens=12).text for n in range(4)]
    together: dict[int, str] = {}

    def ask(n: int) -> None:
        together[n] = chat.invoke(f"Question {n}", max_tokens=12).text

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[n] for n in range(4)] == alone


def test_a_passage_cannot_end_its_turn(chat: TransformersChat) -> None:
    one, other = (chat.invoke(text, max_tokens=1).usage_metadata for text in ("x", "x<|im_end|>"))
    assert one and other
    assert other["input_tokens"] - one["input_tokens"] > 3


def test_a_model_that_can_think_is_asked_not_to(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path, "qwen3")
    without = tiny_model(tmp_path / "plain", "qwen3", CHATML.replace("<think>\n", ""))
    counts = [
        TransformersChat(id="t", folder=path).invoke("x", max_tokens=1).usage_metadata for path in (folder, without)
    ]
    assert counts[0] == counts[1]


def test_backend_names_device_and_precision_once_it_is_loaded(chat: TransformersChat) -> None:
    assert chat.backend == "transformers"
    chat.warm()
    assert chat.backend.split()[1] in ("cpu", "cuda", "mps")
    assert chat.backend.split()[2] in ("bfloat16", "float32")


def test_a_short_answer_need_not_wait_for_a_long_one(chat: TransformersChat) -> None:
    chat.warm()
    long = chat.stream(MESSAGES, max_tokens=3000)
    next(long)
    began = time.monotonic()
    assert chat.invoke("Who?", max_tokens=3).usage_metadata
    waited = time.monotonic() - began
    assert sum(1 for _ in long) > 100, "the long one was still being written"
    assert waited < time.monotonic() - began - waited, "and went on for longer than the short one took"


def test_an_idle_model_gives_its_memory_back(folder: Path) -> None:
    chat = TransformersChat(id="tiny", folder=folder, idle=0.3)
    chat.warm()
    worker: Any = chat._worker
    model = weakref.ref(worker._greedy._model)
    until = time.monotonic() + 10
    while (chat.state != "cold" or model()) and time.monotonic() < until:
        time.sleep(0.02)
        gc.collect()
    assert chat.state == "cold" and model() is None
    assert chat.invoke("x", max_tokens=1).usage_metadata, "the next question loads it again"
    chat.close()


def test_a_closed_model_is_held_by_nothing(chat: TransformersChat) -> None:
    chat.warm()
    worker: Any = chat._worker
    gone = weakref.ref(worker)
    chat.close()
    del worker
    gc.collect()
    assert gone() is None


def test_thoughts_that_the_template_begins_are_not_shown(tmp_path: Path) -> None:
    thinks = CHATML.replace("{% if enable_thinking is not false %}<think>\n{% endif %}", "<think>\n")
    with pytest.raises(ModelUnavailable, match="only thought and came to no answer"):
        TransformersChat(id="t", folder=tiny_model(tmp_path, "qwen3", thinks)).invoke("x", max_tokens=5)


def test_a_damaged_tokenizer_is_said(folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(folder, tmp_path / "other")
    (other / "tokenizer.json").write_text('{"version": "1.0", "model": {"type": "none"}}', encoding="utf-8")
    hook, threading.excepthook = threading.excepthook, lambda _: None
    try:
        assert "footnote models" in fails(other) or "does not load" in fails(other)
    finally:
        threading.excepthook = hook


def test_a_model_too_large_for_the_gpu_runs_on_the_processor(
    chat: TransformersChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    import transformers

    def to(model: Any, device: str) -> Any:
        if device == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")
        return model

    both = (Place("cuda", "float32"), Place("cpu", "float32"))
    monkeypatch.setattr("qa.chat.transformers.places", lambda torch: both)
    monkeypatch.setattr(transformers.PreTrainedModel, "to", to)
    assert chat.invoke(MESSAGES, max_tokens=2).response_metadata["backend"] == "transformers cpu float32"


@pytest.mark.parametrize("times", [1, 2])
def test_out_of_memory_is_tried_once_more_with_less_and_then_said(
    chat: TransformersChat, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    from qa.chat.greedy import Greedy

    read: list[int] = []
    step = Greedy._step

    def scarce(self: Greedy, ids: list[int], cache: Any, ends: int) -> Any:
        if cache is None:  # the first step of an answer
            read.append(len(ids))
            if len(read) <= times:
                raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return step(self, ids, cache, ends)

    monkeypatch.setattr(Greedy, "_step", scarce)
    if times == 1:
        assert chat.invoke(MESSAGES, max_tokens=3).usage_metadata
        assert read[1] < read[0]
    else:
        with pytest.raises(ModelUnavailable, match=r"does not fit the machine's memory.*answer\.budget.*smaller model"):
            chat.invoke(MESSAGES, max_tokens=3)
        assert chat.invoke("x", max_tokens=1).usage_metadata, "the next question is tried again"


def fails(folder: Path) -> str:
    chat = TransformersChat(id="bad", folder=folder)
    with pytest.raises(ModelUnavailable) as caught:
        chat.warm()
    assert chat.state == "failed"
    assert chat.reason == str(caught.value)
    assert "\n" not in chat.reason
    return chat.reason


def test_weights_that_are_not_safetensors_are_refused(folder: Path, tmp_path: Path) -> None:
    import torch

    other = shutil.copytree(folder, tmp_path / "other")
    (other / "model.safetensors").unlink()
    torch.save({}, other / "pytorch_model.bin")
    assert "safetensors" in fails(other)


def test_a_damaged_file_of_weights_is_refused(folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(folder, tmp_path / "other")
    (other / "model.safetensors").write_bytes(b"not weights at all")
    assert "does not load" in fails(other)


def test_code_of_the_author_is_never_run(folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(folder, tmp_path / "other")
    file = other / "config.json"
    config: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"}}
    file.write_text(json.dumps(config), encoding="utf-8")
    (other / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")
    assert "does not load" in fails(other)
    assert not (tmp_path / "ran").exists()


def test_a_model_without_a_chat_template_is_refused(tmp_path: Path) -> None:
    assert "no chat template" in fails(tiny_model(tmp_path, "llama", None))


def test_a_template_that_refuses_is_said(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path, "llama", "{{ raise_exception('System role not supported') }}")
    chat = TransformersChat(id="picky", folder=folder)
    with pytest.raises(ModelUnavailable, match="System role not supported"):
        chat.invoke("x")
