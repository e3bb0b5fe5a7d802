"""Figures with their 95 % intervals: how far another set of such questions might have given another figure (pure)."""

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

_Z = 1.959964  # standard deviations to either side that hold 95 % of a normal distribution
_RESAMPLES = 1000
_SEED = 20


class Figure(NamedTuple):
    """A figure and the ends of its interval; all None where there was nothing to count."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


NONE = Figure()


def share(hits: Iterable[bool]) -> Figure:
    """The share of what is true, with Wilson's score interval (1927): honest for few questions, and at 0 and 1."""
    counted = list(hits)
    n = len(counted)
    if not n:
        return NONE
    p = sum(counted) / n
    middle, spread = p + _Z**2 / (2 * n), _Z * sqrt(p * (1 - p) / n + (_Z / (2 * n)) ** 2)
    low, high = ((middle + sign * spread) / (1 + _Z**2 / n) for sign in (-1, 1))
    return _rounded(p, max(0.0, min(low, p)), min(1.0, max(high, p)))


def mean(values: Iterable[float]) -> Figure:
    """The mean, with the percentile interval of the bootstrap (Efron 1979)."""
    counted = list(values)
    return ratio(counted, [1.0] * len(counted))


def ratio(parts: Sequence[float], wholes: Sequence[float]) -> Figure:
    """The sum of `parts` by the sum of `wholes`, of each question one, with the bootstrap's percentile interval.

    The questions drawn are always the same, so a figure has the same interval every time.
    """
    both = np.array([parts, wholes], np.float64)
    part, whole = both.sum(axis=1)
    if not whole:
        return NONE
    size = len(wholes)
    drawn = np.random.default_rng(_SEED).multinomial(size, np.full(size, 1 / size), _RESAMPLES)  # how often each
    sums = both @ drawn.T
    some = sums[:, sums[1] > 0]
    low, high = np.quantile(some[0] / some[1], (0.025, 0.975))
    return _rounded(part / whole, low, high)


def _rounded(*numbers: float) -> Figure:
    return Figure(*(round(float(number), 4) for number in numbers))
