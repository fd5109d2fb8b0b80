"""Estimates of differing precision drawn towards their common mean, as far as their true values lie together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from service.analytics.status import Status

Floats = npt.NDArray[np.float64]
Method = Literal["REML", "ML", "DL", "PM", "EB"]

#: How near the root is come with "PM" (R's uniroot in rma), and the gain in log-likelihood rma takes for one.
TOLERANCE = 2.0**-13
_ROUNDS = 2_000
_EPS = float(np.finfo(float).eps)
#: A step of this share of the least total variance is rounding.
_ROUNDING = 64 * _EPS
_NORMAL_95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The model y_i ~ N(t_i, v_i), t_i ~ N(mu, tau2), fitted to k estimates; None unless status is "ok".

    `i2` is the percentage of the estimates' scatter that is not their own error, `q` Cochran's homogeneity
    statistic. For each estimate: `blup` the posterior mean of t_i, `blup_se` its standard error, the uncertainty
    of mu included, and the 95 % limits `low` and `high` about it.
    """

    status: Status
    mu: float | None = None
    se_mu: float | None = None
    tau2: float | None = None
    i2: float | None = None
    q: float | None = None
    blup: Floats | None = None
    blup_se: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None


def shrink(y: npt.ArrayLike, v: npt.ArrayLike, method: Method = "REML", *, tolerance: float = TOLERANCE) -> Shrunk:
    """From k estimates and the known variances of their errors, as rma and blup of R's metafor (Viechtbauer 2010).

    Restricted and plain maximum likelihood by Fisher scoring (Harville 1977), DerSimonian & Laird (1986), Paule &
    Mandel (1982) and Morris's (1983) empirical Bayes, which has the same solution as Paule & Mandel's. Scoring runs
    to the last digit. "PM" by default ends where rma's does, within `tolerance` / 2 of the solution; with 0 it too
    runs to the last digit. "insufficient" with fewer than two estimates, with a variance not above zero or anything
    not finite, or where the search finds no end.
    """
    given = _Estimates(np.asarray(y, np.float64), np.asarray(v, np.float64))
    tau2 = _tau2(given, method, tolerance) if given.usable else None
    return Shrunk("insufficient") if tau2 is None else _shrunk(given, tau2)


@dataclass(frozen=True, slots=True)
class _Estimates:
    y: Floats
    v: Floats

    @property
    def usable(self) -> bool:
        return len(self.y) >= 2 and bool((np.isfinite(self.y) & np.isfinite(self.v) & (self.v > 0)).all())

    def weighted(self, tau2: float) -> tuple[Floats, float, Floats]:
        """Weights 1 / (v + tau2), the mean they give, and the weighted deviations from it."""
        weight = 1 / (self.v + tau2)
        mu = float(weight @ self.y / weight.sum())
        return weight, mu, weight * (self.y - mu)

    def q(self, tau2: float) -> float:
        _, mu, pull = self.weighted(tau2)
        return float(pull @ (self.y - mu))


def _shrunk(given: _Estimates, tau2: float) -> Shrunk:
    weight, mu, _ = given.weighted(tau2)
    variance = 1 / float(weight.sum())
    kept = tau2 * weight
    blup = kept * given.y + (1 - kept) * mu
    se = np.sqrt(kept * given.v + (1 - kept) ** 2 * variance)
    typical = (len(given.y) - 1) / _trace(1 / given.v)
    return Shrunk(
        "ok",
        mu,
        math.sqrt(variance),
        tau2,
        100 * tau2 / (typical + tau2),
        given.q(0.0),
        blup,
        se,
        blup - _NORMAL_95 * se,
        blup + _NORMAL_95 * se,
    )


def _tau2(given: _Estimates, method: Method, tolerance: float) -> float | None:
    if method == "DL":
        return max(0.0, (given.q(0.0) - len(given.y) + 1) / _trace(1 / given.v))
    if method == "PM":
        return _paule_mandel(given, tolerance)
    tau2 = _scored(given, _STEPS[method])
    return tau2 if tau2 is None or method == "EB" else _or_zero(given, method, tau2)


def _trace(weight: Floats) -> float:
    """Of P = W - W 1 1'W / 1'W1, which takes the weighted mean out."""
    return float(weight.sum() - weight @ weight / weight.sum())


def _trace_of_square(weight: Floats) -> float:
    total, square = float(weight.sum()), float(weight @ weight)
    return square - 2 * float(weight**2 @ weight) / total + (square / total) ** 2


def _paule_mandel(given: _Estimates, tolerance: float) -> float:
    """The tau2 under which Q is what it is expected to be, k - 1; sought where rma seeks it, and beyond."""
    aim = len(given.y) - 1
    spread = 1.4826 * float(np.median(np.abs(given.y - np.median(given.y))))
    greatest = max(100.0, 10 * spread**2)
    if given.q(0.0) < aim:
        return 0.0
    while given.q(greatest) > aim:
        greatest *= 10
    return _brent(lambda tau2: given.q(tau2) - aim, 0.0, greatest, tolerance)


def _reml_step(given: _Estimates, tau2: float) -> float:
    weight, _, pull = given.weighted(tau2)
    return (float(pull @ pull) - _trace(weight)) / _trace_of_square(weight)


def _ml_step(given: _Estimates, tau2: float) -> float:
    weight, _, pull = given.weighted(tau2)
    return float(pull @ pull - weight.sum()) / float(weight @ weight)


def _eb_step(given: _Estimates, tau2: float) -> float:
    weight, k = 1 / (given.v + tau2), len(given.y)
    return (given.q(tau2) * k / (k - 1) - k) / float(weight.sum())


_STEPS: dict[str, Callable[[_Estimates, float], float]] = {"REML": _reml_step, "ML": _ml_step, "EB": _eb_step}


def _scored(given: _Estimates, step: Callable[[_Estimates, float], float]) -> float | None:
    """From Hedges's (1983) estimate on; None if it finds no end.

    A step below zero is halved until it stays above, and all steps once they swing to and fro without end.
    """
    k, least = len(given.y), float(given.v.min())
    tau2 = max(0.0, (float(((given.y - given.y.mean()) ** 2).sum()) - float(given.v.sum()) * (1 - 1 / k)) / (k - 1))
    share, before = 1.0, 0.0
    for _ in range(_ROUNDS):
        change = share * step(given, tau2)
        if change * before < 0 and abs(change) > abs(before) / 2:
            share, change = share / 2, change / 2
        while tau2 + change < 0:
            change /= 2
        tau2, before = tau2 + change, change
        if abs(change) <= _ROUNDING * (tau2 + least):
            return tau2 if tau2 > 2 * _ROUNDING * least else 0.0
    return None


def _or_zero(given: _Estimates, method: Method, tau2: float) -> float:
    """Zero where the likelihood is greater there: the scoring may have come to rest at a lesser peak."""
    gain = _log_likelihood(given, method, 0.0) - _log_likelihood(given, method, tau2)
    return 0.0 if gain > TOLERANCE else tau2


def _log_likelihood(given: _Estimates, method: Method, tau2: float) -> float:
    """But for a constant."""
    weight = 1 / (given.v + tau2)
    mean = math.log(weight.sum()) if method == "REML" else 0.0
    return -(float(np.log(given.v + tau2).sum()) + mean + given.q(tau2)) / 2


def _brent(f: Callable[[float], float], low: float, high: float, tolerance: float) -> float:
    """A root between `low` and `high`, where f has opposite signs, to within `tolerance` / 2 (Brent 1973).

    Step for step what R's uniroot does, in Forsythe, Malcolm and Moler's wording: `best` and `other` enclose the
    root, `last` is where the search was before.
    """
    last, best = (low, f(low)), (high, f(high))
    other = last
    while True:
        stride = best[0] - last[0]
        if abs(other[1]) < abs(best[1]):
            last, best, other = best, other, best
        least = 2 * _EPS * abs(best[0]) + tolerance / 2
        step = (other[0] - best[0]) / 2
        if abs(step) <= least or best[1] == 0:
            return best[0]
        if abs(stride) >= least and abs(last[1]) > abs(best[1]):
            step = _interpolated(last, best, other, stride, least) or step
        if abs(step) < least:
            step = math.copysign(least, step)
        at = best[0] + step
        last, best = best, (at, f(at))
        if best[1] * other[1] > 0:
            other = last


_Point = tuple[float, float]


def _interpolated(last: _Point, best: _Point, other: _Point, stride: float, least: float) -> float | None:
    """The step to where the line or the inverse parabola through the points crosses zero; None if it is too bold."""
    reach, s = other[0] - best[0], best[1] / last[1]
    if last[0] == other[0]:
        p, q = reach * s, 1 - s
    else:
        r, t = last[1] / other[1], best[1] / other[1]
        p = s * (reach * r * (r - t) - (best[0] - last[0]) * (t - 1))
        q = (r - 1) * (t - 1) * (s - 1)
    p, q = (p, -q) if p > 0 else (-p, q)
    bold = p >= 0.75 * reach * q - abs(least * q) / 2 or p >= abs(stride * q / 2)
    return None if bold else p / q
