"""Advice: what fits, what is quick enough, and that nothing is foretold which was not measured."""

from dataclasses import replace

import pytest

from qa.chat.speed import Rates
from storage.models.catalogue import DEFAULT_CHAT, DEFAULT_EMBEDDER, Entry, entries
from ui.advice import HEADROOM, PATIENCE, Advice, advise, half, languages, whole_seconds
from ui.machine import Gpu, Machine

LAPTOP = Machine("a processor", ("avx2",), ("fp32", "bf16", "int8"), 8, 16_000_000_000, 9_000_000_000, 100_000_000_000)
SERVER = replace(LAPTOP, memory=256_000_000_000, free_disk=10**12)
QUICK, SLOW = Rates(2e12, 6e10), Rates(2e11, 6e9)
H100 = Gpu("NVIDIA H100", "cuda", 80_000_000_000, "550")


def by_id(advice: tuple[Advice, ...]) -> dict[str, Advice]:
    return {each.entry.id: each for each in advice}


def best(advice: tuple[Advice, ...], role: str = "chat") -> Advice:
    (found,) = [each for each in advice if each.best and each.entry.role == role]
    return found


def model(model_id: str, parameters: int, **facts: object) -> Entry:
    plain = Entry(
        id=model_id, role="chat", name=model_id, parameters=parameters, context=1, licence="MIT", commercial=True,
        backend="openvino", precision="int4", languages=("en", "zh"),
    )  # fmt: skip
    return replace(plain, **facts)  # type: ignore[arg-type]


def test_the_best_is_the_largest_that_answers_in_time() -> None:
    advice = advise(LAPTOP, QUICK, entries())
    found = best(advice)
    assert advice[0] is found
    assert found.seconds is not None and found.seconds <= PATIENCE
    larger = [each for each in advice if each.entry.parameters > found.entry.parameters and each.entry.role == "chat"]
    assert larger
    for each in larger:
        both = {"en", "zh"} <= set(each.entry.languages)
        assert not each.fits or each.seconds is None or each.seconds > PATIENCE or not both


def test_a_quicker_machine_gets_a_larger_model() -> None:
    sizes = [best(advise(SERVER, rates, entries())).entry.parameters for rates in (SLOW, QUICK)]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("rates", [SLOW, None])
def test_where_nothing_larger_is_quick_or_nothing_is_measured_it_is_the_default(rates: Rates | None) -> None:
    assert best(advise(LAPTOP, rates, entries())).entry.id == DEFAULT_CHAT


def test_the_default_embedder_is_the_best_one() -> None:
    assert best(advise(LAPTOP, None, entries()), "embedder").entry.id == DEFAULT_EMBEDDER


@pytest.mark.parametrize(
    "facts", [{"commercial": False}, {"languages": ("en",)}, {"hybrid": True}, {"backend": "transformers"}]
)
def test_no_model_is_best_that_not_everybody_can_use_or_that_is_slow_or_unmeasured(facts: dict[str, object]) -> None:
    small, large = model(DEFAULT_CHAT, 10**9), model("large", 4 * 10**9)
    assert best(advise(LAPTOP, QUICK, [small, large])).entry.id == "large"
    medium = Rates(1e12, 2e10)
    assert best(advise(LAPTOP, medium, [small, replace(large, **facts)])).entry.id == DEFAULT_CHAT  # type: ignore[arg-type]


def test_what_does_not_fit_says_what_is_too_small() -> None:
    big = model("big", 10**10)
    tight = replace(LAPTOP, memory=big.memory("int4") + HEADROOM - 1)
    (found,) = advise(tight, QUICK, [big])
    assert not found.fits and not found.best
    assert "of memory" in found.reason
    (found,) = advise(replace(tight, memory=big.memory("int4") + HEADROOM), QUICK, [big])
    assert found.fits
    (found,) = advise(replace(SERVER, free_disk=big.room - 1), QUICK, [big])
    assert "of disk" in found.reason
    (found,) = advise(replace(SERVER, free_disk=0), QUICK, [big], installed=["big"])
    assert found.fits


def test_a_reason_tells_memory_time_languages_and_licence() -> None:
    found = by_id(advise(LAPTOP, QUICK, entries()))[DEFAULT_CHAT]
    assert found.reason.startswith("needs 2.1 GB of 16 GB; an answer in about ")
    assert found.reason.endswith("; English, Chinese and 11 others; Apache-2.0, also for commercial use")


def test_on_a_gpu_no_time_is_invented() -> None:
    advice = by_id(advise(replace(SERVER, gpus=(H100,)), QUICK, entries()))
    found = advice["Qwen/Qwen3-8B"]
    assert (found.device, found.precision, found.seconds) == ("cuda", "bf16", None)
    assert "of 80 GB on NVIDIA H100" in found.reason and "not measured on the GPU" in found.reason
    assert advice[DEFAULT_CHAT].device == "cpu"
    small = replace(H100, memory=8_000_000_000)
    assert not by_id(advise(replace(SERVER, gpus=(small,)), QUICK, entries()))["Qwen/Qwen3-8B"].fits


def test_a_gpu_that_torch_does_not_reach_changes_nothing() -> None:
    broken = replace(H100, why="an old driver", mend="update it")
    assert advise(replace(LAPTOP, gpus=(broken,)), QUICK, entries()) == advise(LAPTOP, QUICK, entries())


def test_without_bfloat16_transformers_need_twice_the_memory_and_no_time_is_foretold() -> None:
    old = replace(LAPTOP, computes=("fp32",))
    assert (half(LAPTOP), half(old)) == ("bf16", "f32")
    found = [by_id(advise(each, QUICK, entries()))["Qwen/Qwen2.5-1.5B-Instruct"] for each in (LAPTOP, old)]
    assert found[0].memory < found[1].memory
    assert found[0].seconds and found[1].seconds is None


def test_unknown_memory_refuses_nothing() -> None:
    assert all(each.fits for each in advise(replace(SERVER, memory=None), QUICK, entries()))


@pytest.mark.parametrize(
    ("codes", "count", "text"),
    [
        (("en", "zh"), 0, "English and Chinese"),
        (("en", "zh"), 119, "English, Chinese and 117 others"),
        (("en", "fr"), 0, "English and 1 other"),
        ((), 201, "201 languages"),
    ],
)
def test_languages_are_those_that_the_maker_claims(codes: tuple[str, ...], count: int, text: str) -> None:
    assert languages(model("m", 1, languages=codes, language_count=count)) == text


def test_a_foretold_time_is_no_finer_than_it_can_be() -> None:
    assert [whole_seconds(value) for value in (0.2, 7.6, 59.4, 130)] == ["1 s", "8 s", "59 s", "2 min"]
