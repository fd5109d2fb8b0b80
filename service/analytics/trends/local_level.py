"""One series on its own: a random walk seen with noise, from a start about which nothing is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Ratios of the step variance to the noise that are looked at, eight a decade; beyond them one of the two is nothing.
_RATIOS = np.logspace(-8, 8, 129)


@dataclass(frozen=True, slots=True)
class LocalLevel:
    """Of T pulses, each (T,): `filtered` given the past and present and `smoothed` given everything, with variances;
    `innovation` and its variance, the first ones those of the start; NaN before anything was seen.

    `standard_innovation` is NaN at missing values and at the first seen; `shift` the standardised auxiliary residual of
    the step after each pulse, from its `score` r and that one's variance N; 0 after the last.
    """

    h: float
    q: float
    log_likelihood: float
    filtered: Floats
    filtered_variance: Floats
    smoothed: Floats
    smoothed_variance: Floats
    innovation: Floats
    innovation_variance: Floats
    standard_innovation: Floats
    shift: Floats
    score: Floats
    score_variance: Floats


def local_level(y: npt.ArrayLike, h: float, q: float) -> LocalLevel:
    """The exact diffuse filter and smoother (Durbin & Koopman 2012, ch. 2 and 5; as R's KFAS) with noise variance h > 0
    and step variance q >= 0; NaN in `y` is missing. The log-likelihood is that of all values after the first, given
    it.
    """
    values = np.asarray(y, np.float64).ravel()
    ahead = _filter(values, h, q)
    score, variance = _backward(ahead)
    smoothed, smoothed_variance = _smoothed(ahead, score, variance, q)
    return LocalLevel(
        h,
        q,
        _log_likelihood(ahead),
        ahead[:, 0],
        ahead[:, 1],
        smoothed,
        smoothed_variance,
        ahead[:, 2],
        ahead[:, 3],
        np.where(ahead[:, 5] > 0, ahead[:, 2] / np.sqrt(ahead[:, 3]), np.nan),
        np.divide(score, np.sqrt(variance), out=np.zeros_like(score), where=variance > 0),
        score,
        variance,
    )


def fit_local_level(y: npt.ArrayLike) -> LocalLevel | None:
    """With the variances of greatest likelihood; None where fewer than three values, or values all alike, tell nothing.

    At a given ratio q / h the best h has a closed form (Harvey 1989, ch. 3.4.2), so that one search is left: where the
    score of q, half the sum of r^2 - N (Koopman & Shephard 1992), passes 0. There are at most a few such places: the
    grid finds the right one.
    """
    values = np.asarray(y, np.float64).ravel()
    seen = values[np.isfinite(values)]
    if len(seen) < 3 or np.ptp(seen) == 0:
        return None
    fitted = [_at_ratio(values, 0.0), *(_at_ratio(values, float(ratio)) for ratio in _RATIOS)]
    best = int(np.argmax([level.log_likelihood for level in fitted]))
    if best in (0, len(_RATIOS)):
        return fitted[best]
    low = float(_RATIOS[max(best - 2, 0)])
    return _at_ratio(values, _root(lambda ratio: _slope(_at_ratio(values, ratio)), low, float(_RATIOS[best])))


def _at_ratio(values: Floats, ratio: float) -> LocalLevel:
    ahead = _filter(values, 1.0, ratio)
    told = ahead[:, 5] > 0
    h = float((ahead[told, 2] ** 2 / ahead[told, 3]).mean())
    return local_level(values, h, ratio * h)


def _slope(level: LocalLevel) -> float:
    return float((level.score**2 - level.score_variance).sum())


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where the function passes from above zero to below it, halving until no number lies between."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return middle


def _filter(values: Floats, h: float, q: float) -> Floats:
    """Rows of filtered mean and variance, innovation, its variance, the gain, and how much was learnt: 1, or 0 where
    nothing was seen, or -1 for the first value, which the level starts from."""
    rows = np.full((len(values), 6), np.nan)
    rows[:, 4:] = 0
    mean = variance = math.nan
    for t, value in enumerate(values.tolist()):
        variance += q
        if math.isfinite(value) and math.isnan(mean):
            mean, variance = value, h
            rows[t, 2:] = value, h, 1, -1
        elif math.isfinite(value):
            total, away = variance + h, value - mean
            gain = variance / total
            rows[t, 2:] = away, total, gain, 1
            mean, variance = mean + gain * away, gain * h
        rows[t, :2] = mean, variance
    return rows


def _backward(ahead: Floats) -> tuple[Floats, Floats]:
    """Scores r of the step after each pulse and their variances N; 0 before the first value."""
    score, variance = np.zeros(len(ahead)), np.zeros(len(ahead))
    for t in range(len(ahead) - 1, 0, -1):
        _, _, away, total, gain, kind = ahead[t].tolist()
        kept = 1 - gain if np.isfinite(ahead[t, 0]) else 0.0
        score[t - 1], variance[t - 1] = kept * score[t], kept**2 * variance[t]
        if kind > 0:
            score[t - 1] += away / total
            variance[t - 1] += 1 / total
    return score, variance


def _smoothed(ahead: Floats, score: Floats, score_variance: Floats, q: float) -> tuple[Floats, Floats]:
    mean = ahead[:, 0] + ahead[:, 1] * score
    variance = ahead[:, 1] - ahead[:, 1] ** 2 * score_variance
    for t in range(int(np.isnan(mean).sum()) - 1, -1, -1):
        if t + 1 < len(mean):
            mean[t], variance[t] = mean[t + 1], variance[t + 1] + q
    return mean, variance


def _log_likelihood(ahead: Floats) -> float:
    told = ahead[:, 5] > 0
    each = math.log(2 * math.pi) + np.log(ahead[told, 3]) + ahead[told, 2] ** 2 / ahead[told, 3]
    return -0.5 * float(each.sum())
