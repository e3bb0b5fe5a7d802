"""Speed is foretold by arithmetic from two rates, and the rates are measured in seconds."""

import time

import pytest

from qa.chat.speed import Rates, Weights, measure, seconds, transformers

# The default model, and the rates at which it was measured on two cores with AMX: 640 prompt tokens in 2.0 s, then
# 68 ms a step, 82 with five guesses, of which a step writes two tokens.
DEFAULT = Weights(1.54e9, 1.31e9, 1.1)
MEASURED = Rates(flops=2 * 1.31e9 * 640 / 2.0, bytes=1.31e9 * 1.1 / 0.068)


def test_the_default_model_takes_what_it_was_measured_to_take() -> None:
    found = seconds(DEFAULT, MEASURED, prompt_tokens=640, answer_tokens=40)
    assert found.first_word == pytest.approx(2.0, rel=0.01)
    assert found.whole == pytest.approx(2.0 + 40 / 2 * 0.082, rel=0.02)


def test_transformers_are_slower_at_both() -> None:
    half = Weights(1.54e9, 1.31e9, 2.0)
    found, quicker = seconds(half, transformers(MEASURED)), seconds(half, MEASURED)
    assert found.first_word > quicker.first_word
    assert found.whole - found.first_word > quicker.whole - quicker.first_word


def test_half_the_bits_are_read_in_more_than_half_the_time() -> None:
    eight, four = (seconds(Weights(8e9, 8e9, bytes), MEASURED) for bytes in (1.1, 0.55))
    writing = [found.whole - found.first_word for found in (eight, four)]
    assert writing[0] / 2 < writing[1] < writing[0]


def test_a_mixture_of_experts_reads_all_of_them_with_a_prompt() -> None:
    dense, mixed = Weights(3e9, 3e9, 0.75), Weights(30e9, 3e9, 0.75)
    assert seconds(mixed, MEASURED).first_word > seconds(dense, MEASURED).first_word
    writing = [found.whole - found.first_word for found in (seconds(dense, MEASURED), seconds(mixed, MEASURED))]
    assert writing[0] == pytest.approx(writing[1])


def test_the_processor_is_measured_in_seconds() -> None:
    start = time.monotonic()
    rates = measure()
    assert time.monotonic() - start < 60  # about five where nothing else runs
    assert 1e9 < rates.flops < 1e15
    assert 1e8 < rates.bytes < 1e13
