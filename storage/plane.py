"""Vectors laid out in the plane so that what is alike lies together (pure)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.vectors import Vectors

Plane = NDArray[np.float64]

_FEWEST = 8  # vectors from which neighbourhoods can be told; below, the two main directions say all
_MOST = 1_500  # vectors that t-SNE arranges in some seconds on two cores; others are put beside those
_BESIDE = 3  # neighbours between which another one is put


def laid_out(vectors: Vectors, seed: int = 0) -> Plane:
    """A place for each vector, both coordinates within -1..1; the same vectors always get the same places.

    From eight vectors on by t-SNE (van der Maaten and Hinton 2008) of cosine distances, of at most 1,500 of them chosen
    by `seed`; the rest lie between their nearest neighbours among those. Fewer by their principal components.
    """
    points = np.asarray(vectors, np.float64)
    if len(points) < _FEWEST or np.ptp(points, axis=0).max() < 1e-6:
        return _scaled(_principal(points))
    if len(points) <= _MOST:
        return _scaled(_neighbourly(points, seed))
    chosen = np.sort(np.random.default_rng(seed).choice(len(points), _MOST, replace=False))
    return _scaled(_among(points, chosen, _neighbourly(points[chosen], seed), seed))


def _principal(points: Plane) -> Plane:
    """The two directions in which the points differ most, each with a sign that does not depend on chance."""
    if len(points) < 2:
        return np.zeros((len(points), 2))
    centred = points - points.mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
    directions *= np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)])[:, None]
    flat = centred @ directions.T
    return np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))


def _neighbourly(points: Plane, seed: int) -> Plane:
    from sklearn.manifold import TSNE

    perplexity = min(30.0, (len(points) - 1) / 3)
    layout: Any = TSNE(perplexity=perplexity, metric="cosine", init="pca", random_state=seed, n_jobs=1)
    places: Plane = layout.fit_transform(points.astype(np.float32)).astype(np.float64)
    return places


def _among(points: Plane, chosen: NDArray[np.int64], places: Plane, seed: int) -> Plane:
    """The chosen points at their places, every other one between its nearest of them, a little aside."""
    whole = np.zeros((len(points), 2))
    whole[chosen] = places
    rest = np.setdiff1d(np.arange(len(points)), chosen)
    aside = np.random.default_rng(seed).normal(scale=0.01 * np.ptp(places), size=(len(rest), 2))
    for start in range(0, len(rest), 1_000):
        some = rest[start : start + 1_000]
        nearness = points[some] @ points[chosen].T
        near = np.argpartition(-nearness, _BESIDE, axis=1)[:, :_BESIDE]
        weights = np.exp(20 * np.take_along_axis(nearness, near, axis=1))
        weights /= weights.sum(axis=1, keepdims=True)
        whole[some] = (places[near] * weights[:, :, None]).sum(axis=1) + aside[start : start + 1_000]
    return whole


def _scaled(places: Plane) -> Plane:
    """Around the origin, each direction stretched to fill the square."""
    if not len(places):
        return places
    low, high = places.min(axis=0), places.max(axis=0)
    reach = np.where(high - low > 1e-9, (high - low) / 2, 1.0)
    scaled: Plane = (places - (low + high) / 2) / reach
    return scaled
