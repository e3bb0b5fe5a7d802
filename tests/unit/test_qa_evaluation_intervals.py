"""Intervals against published values and against plain properties."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.evaluation.intervals import Figure, mean, ratio, share


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)  # Newcombe (1998), table I, and its rule at the ends
def test_wilson(hits: int, of: int, low: float, high: float) -> None:
    figure = share([True] * hits + [False] * (of - hits))
    assert figure == pytest.approx((hits / of, low, high), abs=1e-4)


def test_nothing_to_count() -> None:
    assert share([]) == mean([]) == ratio([0.0, 0.0], [0.0, 0.0]) == Figure(None, None, None)


@settings(deadline=None)  # other work on the machine may hold it up
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_bootstrap_holds_the_mean_and_is_the_same_every_time(values: list[float]) -> None:
    figure = mean(values)
    assert figure == mean(values)
    value, low, high = figure
    assert value is not None and low is not None and high is not None
    assert min(values) - 1e-4 <= low <= value + 1e-4 <= high + 2e-4 <= max(values) + 3e-4


def test_the_bootstrap_is_as_wide_as_the_normal_law_says() -> None:
    figure = mean([0.0, 1.0] * 200)  # standard error 0.025
    assert figure == pytest.approx((0.5, 0.451, 0.549), abs=0.01)
