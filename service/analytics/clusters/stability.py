"""Whether the same archetypes come out when the organisation has other teams of the same kind."""

from __future__ import annotations

import numpy as np

from service.analytics.clusters.mixture import Floats, Ints, Mixture
from service.analytics.clusters.quick import quick_mixture

_RESAMPLES, _STARTS = 20, 3


def stability(data: Floats, mixture: Mixture, rng: np.random.Generator) -> float:
    """Mean adjusted Rand index between the fit and refits to teams drawn with replacement (Hennig 2007).

    Every refit assigns all the teams, drawn or not.
    """
    found = assigned(data, mixture)
    return float(np.mean([adjusted_rand(found, _refitted(data, mixture.k, rng)) for _ in range(_RESAMPLES)]))


def _refitted(data: Floats, k: int, rng: np.random.Generator) -> Ints:
    drawn = data[rng.integers(len(data), size=len(data))]
    fits = [quick_mixture(drawn, k, rng) for _ in range(_STARTS)]
    return assigned(data, max(fits, key=lambda fit: fit.bic))


def assigned(data: Floats, mixture: Mixture) -> Ints:
    """The most likely component of each row."""
    slopes = np.linalg.solve(mixture.covariance, mixture.means.T)
    logits = data @ slopes + np.log(mixture.weights) - 0.5 * (mixture.means.T * slopes).sum(axis=0)
    likeliest: Ints = logits.argmax(axis=1)
    return likeliest


def adjusted_rand(one: Ints, other: Ints) -> float:
    """1 for the same partition under whatever names, 0 on average for unrelated ones (Hubert & Arabie 1985).

    Two partitions that both put all in one part, or each in its own, are the same: 1.
    """
    _, row = np.unique(one, return_inverse=True)
    columns, column = np.unique(other, return_inverse=True)
    table = np.bincount(row * len(columns) + column)
    pairs, rows, cols = (_pairs(counts) for counts in (table, np.bincount(row), np.bincount(column)))
    every = len(row) * (len(row) - 1) / 2
    chance = rows * cols / every if every else 0.0
    ceiling = (rows + cols) / 2
    return 1.0 if ceiling == chance else (pairs - chance) / (ceiling - chance)


def _pairs(counts: Ints) -> float:
    return float((counts * (counts - 1)).sum()) / 2
