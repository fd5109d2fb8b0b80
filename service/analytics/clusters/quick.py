"""Tied mixtures fitted some hundred times over, where one likelihood is only compared with another."""

from __future__ import annotations

import math

import numpy as np

from service.analytics.clusters.mixture import RIDGE, Floats, Mixture, parameters, ridge

_LLOYD, _ITERATIONS, _TOLERANCE = 10, 200, 1e-4


def quick_mixture(data: Floats, k: int, rng: np.random.Generator) -> Mixture:
    """n x r points by expectation and maximisation (Dempster, Laird & Rubin 1977) from one k-means start.

    With one covariance the quadratic term of a point is the same in every component, so that the shares are a
    softmax of something linear, and the covariance is the total less that of the means: one pass over the data
    costs two thin matrix products. Stops when the mean log-likelihood gains less than 1e-4.
    """
    centre = data.mean(axis=0)
    points = np.ascontiguousarray((data - centre).T)
    total = points @ points.T / len(data)
    total += ridge(data) * np.eye(len(points))
    shares, before = _hard(points, k, rng), -math.inf
    for _ in range(_ITERATIONS):
        weights, means, covariance = _maximised(points, shares, total)
        shares, now = _expected(points, total, weights, means, covariance)
        if now - before < _TOLERANCE:
            break
        before = now
    bic = 2 * len(data) * now - parameters(k, len(points)) * math.log(len(data))
    return Mixture(weights, means + centre, covariance, bic)


def _maximised(points: Floats, shares: Floats, total: Floats) -> tuple[Floats, Floats, Floats]:
    """Weights, means and covariance, from r x n points and k x n shares."""
    size = np.maximum(shares.sum(axis=1), RIDGE)
    means = (shares @ points.T) / size[:, None]
    weights = size / size.sum()
    return weights, means, total - (means.T * weights) @ means


def _expected(
    points: Floats, total: Floats, weights: Floats, means: Floats, covariance: Floats
) -> tuple[Floats, float]:
    """Shares k x n and the mean log-likelihood of a point."""
    precision = np.linalg.inv(covariance)
    slopes = precision @ means.T
    heights = np.log(weights) - 0.5 * (means.T * slopes).sum(axis=0)
    logits = slopes.T @ points + heights[:, None]
    top = logits.max(axis=0)
    shares = np.exp(logits - top)
    sums = shares.sum(axis=0)
    shares /= sums
    common = np.linalg.slogdet(2 * math.pi * covariance)[1] + (precision * total).sum()
    return shares, float((top + np.log(sums)).mean() - 0.5 * common)


def _hard(points: Floats, k: int, rng: np.random.Generator) -> Floats:
    """Lloyd's algorithm (1982) from k-means++ seeds (Arthur & Vassilvitskii 2007), as k x n shares of 0 and 1."""
    centres, parts = _seeds(points, k, rng), np.eye(k)
    for _ in range(_LLOYD):
        shares: Floats = parts[(centres @ points - 0.5 * (centres**2).sum(axis=1)[:, None]).argmax(axis=0)].T
        size = shares.sum(axis=1)
        centres = np.where(size[:, None] > 0, (shares @ points.T) / np.maximum(size, 1)[:, None], centres)
    return shares


def _seeds(points: Floats, k: int, rng: np.random.Generator) -> Floats:
    n = points.shape[1]
    chosen, distance = [int(rng.integers(n))], np.full(n, np.inf)
    while len(chosen) < k:
        distance = np.minimum(distance, ((points - points[:, chosen[-1:]]) ** 2).sum(axis=0))
        reach = distance.cumsum()
        chosen.append(min(int(np.searchsorted(reach, rng.random() * reach[-1], side="right")), n - 1))
    seeds: Floats = points[:, chosen].T
    return seeds
