"""Greedy decoding by transformers: the same tokens as plain decoding, with less to read."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch

from qa.chat.greedy import GUESSED_TOKENS, Greedy, guessed
from tests.chats import tiny_model

PROMPT = [40 + n % 30 for n in range(200)]


class Counted:
    """A model that notes how many tokens each step read."""

    def __init__(self, model: Any) -> None:
        self._model, self.read = model, []  # type: ignore[var-annotated]
        self.forward, self.device = model.forward, model.device

    def __call__(self, *, input_ids: Any, **options: Any) -> Any:
        self.read.append(input_ids.shape[1])
        return self._model(input_ids=input_ids, **options)


@pytest.fixture(params=["qwen3", "llama"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counted]:
    import transformers as untyped

    transformers: Any = untyped
    folder = tiny_model(tmp_path, request.param)
    with torch.inference_mode():
        yield Counted(transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32))


def written(greedy: Greedy, prompt: list[int], count: int) -> list[int]:
    """The first tokens of an answer; then nobody wants more."""
    steps = greedy.write(prompt)
    tokens = list(islice((token for step in steps for token, _ in step), count))
    steps.close()  # type: ignore[attr-defined]  # it is a generator
    return tokens


def plainly(model: Counted, prompt: list[int], count: int) -> list[int]:
    """The same by reading everything anew for each token."""
    ids = list(prompt)
    for _ in range(count):
        ids.append(int(model._model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
    return ids[len(prompt) :]


def test_guessing_changes_nothing_in_the_text_and_saves_steps(model: Counted) -> None:
    tokens = written(Greedy(model), PROMPT, 40)
    assert tokens == plainly(model, PROMPT, 40)
    steps = [read for read in model.read if read <= 1 + GUESSED_TOKENS]
    assert any(read > 1 for read in steps), "a text that repeats itself is guessed"
    assert len(steps) < 40


def test_log_probabilities_are_those_of_the_model(model: Counted) -> None:
    steps = Greedy(model).write(PROMPT)
    token, logprob = next(token for step in steps for token in step)
    expected = model._model(input_ids=torch.tensor([PROMPT])).logits[0, -1].log_softmax(-1)
    assert logprob == pytest.approx(float(expected[token]), abs=1e-4)


def test_what_two_prompts_begin_with_is_read_once(model: Counted) -> None:
    greedy = Greedy(model)
    first = written(greedy, PROMPT, 5)
    model.read.clear()
    second = [*PROMPT, *first[:3], 7, 8, 9]
    tokens = written(greedy, second, 5)
    assert model.read[0] <= 6 + GUESSED_TOKENS
    assert tokens == plainly(model, second, 5)


def test_the_same_prompt_again_is_answered_alike(model: Counted) -> None:
    greedy = Greedy(model)
    assert written(greedy, PROMPT, 12) == written(greedy, PROMPT, 12)


def test_two_answers_under_way_do_not_disturb_each_other(model: Counted) -> None:
    greedy = Greedy(model)
    prompts = [PROMPT, [*PROMPT[:100], *range(20, 60)]]
    written(greedy, PROMPT[:150], 3)  # leaves a cache that both could take up
    got: list[list[int]] = [[], []]
    steps = [greedy.write(prompt) for prompt in prompts]
    while min(map(len, got)) < 10:
        for tokens, step in zip(got, steps, strict=True):
            tokens.extend(token for token, _ in next(step))
    assert [tokens[:10] for tokens in got] == [plainly(model, prompt, 10) for prompt in prompts]


def test_a_step_that_broke_off_half_way_leaves_nothing_behind(model: Counted) -> None:
    greedy, layer = Greedy(model), model._model.model.layers[1]
    whole = layer.forward
    steps = greedy.write(PROMPT)
    next(steps)
    layer.forward = lambda *args, **options: (_ for _ in ()).throw(RuntimeError("CUDA out of memory"))
    with pytest.raises(RuntimeError, match="out of memory"):
        next(steps)
    layer.forward = whole
    assert written(greedy, PROMPT, 5) == plainly(model, PROMPT, 5)


def test_nothing_is_guessed_where_the_last_words_are_new() -> None:
    assert guessed([1, 2, 3, 4, 5]) == []
    assert guessed([1, 2, 3, 9, 9, 1, 2]) == [3, 9, 9, 1, 2]
    assert guessed([5, 6, 7, 8, 1, 6, 7, 9, 5, 6, 7]) == [8, 1, 6, 7, 9, 5], "three in common say more than two"
