"""Vectors in the plane: what is alike lies together, and the same always lies at the same place."""

import numpy as np
import pytest

import storage.plane
from storage.plane import laid_out


def _groups(count: int, of: int, seed: int = 1) -> np.ndarray:  # type: ignore[type-arg]
    """Unit vectors around `count` directions, `of` each."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(count, 32))
    points = np.repeat(centres, of, axis=0) + rng.normal(scale=0.15, size=(count * of, 32))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def _near_their_own(places: np.ndarray, of: int) -> float:  # type: ignore[type-arg]
    """The share of points whose nearest other one is of the same group."""
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return float(np.mean(distances.argmin(axis=1) // of == np.arange(len(places)) // of))


@pytest.mark.parametrize(("count", "of"), [(2, 3), (3, 3), (4, 30)])
def test_what_is_alike_lies_together(count: int, of: int) -> None:
    places = laid_out(_groups(count, of))
    assert places.shape == (count * of, 2) and np.abs(places).max() <= 1.0 + 1e-9
    assert _near_their_own(places, of) > 0.9


def test_points_beyond_those_that_are_arranged_lie_with_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.plane, "_MOST", 60)
    places = laid_out(_groups(4, 50))
    assert places.shape == (200, 2) and _near_their_own(places, 50) > 0.9


def test_the_same_vectors_lie_at_the_same_places() -> None:
    vectors = _groups(3, 10)
    assert np.array_equal(laid_out(vectors), laid_out(vectors))


@pytest.mark.parametrize("count", [0, 1, 2, 8, 30])
def test_few_vectors_and_equal_ones_have_places(count: int) -> None:
    places = laid_out(np.ones((count, 4), np.float32) / 2)
    assert places.shape == (count, 2) and np.isfinite(places).all()
