"""Where the level of a series steps, how often, and between which observations each step lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.status import Status

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: No stretch between steps is shorter than this share of the series.
LEAST_SHARE = 0.15
#: Of either end of a 95 % interval.
_TAIL = 0.025
#: Relative to all scatter, and to the squared mean, this much is what rounding leaves of none.
_ROUNDING, _OF_MEAN = 1e-12, 1e-24


@dataclass(frozen=True, slots=True)
class Step:
    """After the first `after` observations, with 95 % between `low` and `high`; both None where there is no scatter
    on a side to measure the step by. The limits are not held within the series."""

    after: int
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Steps:
    """The best partition of `n` observations into stretches of constant level; None unless status is "ok".

    `rss` and `bic` have the least residual sum of squares for 0, 1, 2... steps and its criterion; `partitions` where
    those steps are. `steps` are those of the least criterion.
    """

    status: Status
    n: int
    rss: tuple[float, ...] | None = None
    bic: tuple[float, ...] | None = None
    partitions: tuple[tuple[int, ...], ...] | None = None
    steps: tuple[Step, ...] | None = None


def breakpoints(series: npt.ArrayLike) -> Steps:
    """As breakpoints and confint of R's strucchange for a level alone, y ~ 1, least stretch 15 % of the series.

    Bai & Perron's (2003) dynamic programme; BIC = n (log(RSS / n) + log 2 pi + 1) + 2 (m + 1) log n for m steps;
    intervals by Bai (1997) with a variance of its own on either side. "insufficient" with fewer than 14
    observations, with anything not finite, or where some partition leaves no scatter at all.
    """
    y = np.asarray(series, np.float64)
    n = len(y)
    least = math.floor(n * LEAST_SHARE)
    if least < 2 or not np.isfinite(y).all():
        return Steps("insufficient", n)
    partitions = _partitions(_Stretches(y), least, math.ceil(n / least) - 2)
    rss = tuple(float(_Stretches(y).rss_of(steps).sum()) for steps in partitions)
    if min(rss) <= _ROUNDING * rss[0] + _OF_MEAN * n * float(y.mean()) ** 2:
        return Steps("insufficient", n)
    bic = tuple(_bic(value, n, count) for count, value in enumerate(rss))
    best = partitions[int(np.argmin(bic))]
    return Steps("ok", n, rss, bic, tuple(partitions), _located(_Stretches(y), best))


class _Stretches:
    """Sums over any stretch from place `start` up to, not including, `end`."""

    def __init__(self, y: Floats) -> None:
        apart = y - y.mean()
        self.n = len(y)
        self.sums = np.concatenate([[0.0], np.cumsum(apart)])
        self.squares = np.concatenate([[0.0], np.cumsum(apart**2)])

    def mean(self, start: Ints, end: Ints) -> Floats:
        found: Floats = (self.sums[end] - self.sums[start]) / (end - start)
        return found

    def rss(self, start: Ints, end: Ints) -> Floats:
        total = self.sums[end] - self.sums[start]
        found: Floats = np.maximum(self.squares[end] - self.squares[start] - total**2 / (end - start), 0.0)
        return found

    def bounds(self, steps: Sequence[int]) -> tuple[Ints, Ints]:
        edges = np.array([0, *steps, self.n])
        return edges[:-1], edges[1:]

    def rss_of(self, steps: Sequence[int]) -> Floats:
        return self.rss(*self.bounds(steps))


def _partitions(stretches: _Stretches, least: int, most: int) -> list[tuple[int, ...]]:
    """The steps of the least RSS, for 0, 1... `most` of them."""
    n = stretches.n
    ends = np.arange(n + 1)
    cost = np.where(ends >= least, stretches.rss(np.zeros_like(ends), np.maximum(ends, 1)), np.inf)
    back: list[Ints] = []
    found: list[tuple[int, ...]] = [()]
    for _ in range(most):
        cost, last = _one_more(stretches, cost, least)
        back.append(last)
        found.append(_traced(back, n))
    return found


def _one_more(stretches: _Stretches, cost: Floats, least: int) -> tuple[Floats, Ints]:
    """The least cost up to each place with one stretch more than `cost` has, and where that stretch begins."""
    more, last = np.full_like(cost, np.inf), np.zeros(len(cost), np.int64)
    for end in range(2 * least, len(cost)):
        starts = np.arange(least, end - least + 1)
        whole = cost[starts] + stretches.rss(starts, np.full_like(starts, end))
        at = int(np.argmin(whole))
        more[end], last[end] = whole[at], starts[at]
    return more, last


def _traced(back: Sequence[Ints], end: int) -> tuple[int, ...]:
    steps: list[int] = []
    for last in reversed(back):
        end = int(last[end])
        steps.append(end)
    return tuple(reversed(steps))


def _bic(rss: float, n: int, steps: int) -> float:
    return n * (math.log(rss) + 1 - math.log(n) + math.log(2 * math.pi)) + 2 * (steps + 1) * math.log(n)


def _located(stretches: _Stretches, steps: Sequence[int]) -> tuple[Step, ...]:
    start, end = stretches.bounds(steps)
    mean, variance = stretches.mean(start, end), stretches.rss(start, end) / (end - start)
    jump = np.diff(mean) ** 2
    return tuple(
        _step(after, float(jump[i]), float(variance[i]), float(variance[i + 1]), stretches.n)
        for i, after in enumerate(steps)
    )


def _step(after: int, jump: float, before: float, since: float, n: int) -> Step:
    """Bai's limit V is that of the estimated place less the true one, in units of variance before / jump^2.

    The true place then lies as far before the estimate as V may be above zero, and the other way about.
    """
    if min(before, since) <= _ROUNDING * jump or jump == 0:
        return Step(after, None, None)
    unit, ratio = before / jump, since / before
    short, beyond = _quantile(ratio, n), ratio * _quantile(1 / ratio, n / ratio)
    return Step(after, after - math.ceil(beyond * unit), after + math.ceil(short * unit))


def _quantile(ratio: float, most: float) -> float:
    """How far V falls below zero in one case of forty, at most `most`."""
    low, high = 0.0, most
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _tail(middle, ratio) > _TAIL else (low, middle)
    return high


def _tail(distance: float, ratio: float) -> float:
    """P(V < -distance), where V is the place of the greatest value of a Brownian motion that sinks to both sides,
    on the right with `ratio` times the variance (Bai 1997, appendix B). The tail on the right is the same function
    of distance / ratio and 1 / ratio."""
    from scipy.special import erfcx

    slow = (distance / 2 - 2 + (ratio + 2) ** 2 / (ratio + 1)) * float(erfcx(math.sqrt(distance / 8)))
    steep = ratio * (ratio + 2) / (ratio + 1) * float(erfcx((0.5 + 1 / ratio) * math.sqrt(distance / 2)))
    return math.exp(-distance / 8) * ((slow - steep) / 2 - math.sqrt(distance / (2 * math.pi)))
