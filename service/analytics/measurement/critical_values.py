"""How much agreement blind answering would reach: exact critical values, nothing simulated."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from service.analytics.measurement.agreement import uniform_variance

Floats = npt.NDArray[np.float64]

#: With more people than this, or more values of the mean variance, its first cumulants tell the same.
MOST_EXACT_PEOPLE, MOST_EXACT_STEPS = 100, 200_000
#: Sums of probabilities are compared with this much room for rounding.
_ROOM = 1e-12


@lru_cache(maxsize=4096)
def rwg_j_critical(n: int, options: int, items: int = 1, level: float = 0.95) -> float | None:
    """The quantile at `level` of rwg(j) (rwg for one item) of `n` people who answer `items` items at random, each of
    `options` points alike: chance passes it, and does not merely reach it, at most 1 - `level` of the time.

    Exact by dynamic programming over sum and sum of squares of one item's answers, then over items; Cohen, Doveh
    and Nahum-Shani (2009) and multilevel's rwg.j.sim simulate the same. Above `MOST_EXACT_PEOPLE` or `MOST_EXACT_STEPS`
    from the mean variance's first three cumulants (Cornish and Fisher 1938), which is there within .002 for one item
    and .0001 for five. None below two people.
    """
    if n < 2 or options < 2 or items < 1:
        return None
    ratio = min(1.0, _variance_quantile(n, options, items, 1 - level) / uniform_variance(options))
    return items * (1 - ratio) / (items * (1 - ratio) + ratio)


@lru_cache(maxsize=4096)
def ad_critical(n: int, options: int, items: int = 1, level: float = 0.95) -> float | None:
    """The quantile at 1 - `level` of AD about the mean (scale units) under random answers, which stay below it at
    most 1 - `level` of the time (Dunlap, Burke and Smith-Crowe 2003; multilevel's ad.m.sim).

    None below two people and above `MOST_EXACT_PEOPLE`: every distribution is counted, at a cost that grows with
    the cube of n, and nothing rests on it.
    """
    if n < 2 or options < 2 or items < 1 or n > MOST_EXACT_PEOPLE:
        return None
    return 2 * _quantile(_sums(_deviations(n, options), items), 1 - level) / (n * n * items)


def _variance_quantile(n: int, options: int, items: int, chance: float) -> float:
    """Of the mean item variance: little variance is much agreement."""
    if n > MOST_EXACT_PEOPLE or items * n * n * (options - 1) ** 2 // 4 > MOST_EXACT_STEPS:
        return _by_cumulants(n, options, items, chance)
    return _quantile(_sums(_variances(n, options), items), chance) / (n * (n - 1) * items)


def _quantile(chances: Floats, chance: float) -> int:
    """The least value with P(X <= value) > chance, so that P(X < value) <= chance; value i has the i-th chance."""
    return int(np.searchsorted(np.cumsum(chances), chance + _ROOM, side="right"))


def _variances(n: int, options: int) -> Floats:
    """P(n sum of squares - square of sum = i) for one item."""
    return _variances_to(min(MOST_EXACT_PEOPLE, 1 << (n - 1).bit_length()), options)[n - 1]


@lru_cache(maxsize=8)
def _variances_to(most: int, options: int) -> tuple[Floats, ...]:
    """Those of 1 to `most` people, each from the one before; points count from the middle, which makes fewer sums."""
    points = np.arange(options) - options // 2
    reach, squares = options // 2, (options // 2) ** 2
    chances, found = np.ones((1, 1)), []
    for n in range(1, most + 1):
        step = np.zeros((2 * reach * n + 1, squares * n + 1))
        rows, columns = chances.shape
        for point in points:
            step[point + reach : point + reach + rows, point * point : point * point + columns] += chances / options
        chances = step
        sums = np.arange(-reach * n, reach * n + 1)[:, None]
        found.append(_tally(n * np.arange(squares * n + 1)[None, :] - sums**2, chances))
    return tuple(found)


@lru_cache(maxsize=256)
def _deviations(n: int, options: int) -> Floats:
    """P(n T - m S = i) for one item, S the sum of all answers and T that of the m above the mean: half the sum of
    distances from the mean, times n. Split by the points the mean lies between, T and S - T are independent."""
    total = np.zeros(1)
    for above in range(1, options):
        low, high = _sums_of_points(n, 0, above, options), _sums_of_points(n, above, options, options)
        for many in range(n + 1):
            total = _plus(total, _split(n, many, above, options - 1, low[n - many], high[many]))
    return total


def _split(n: int, many: int, above: int, top: int, low: Floats, high: Floats) -> Floats:
    lower, upper = np.arange(len(low))[:, None], np.arange(len(high))[None, :]
    whole = lower + upper
    here = (whole >= n * (above - 1)) & ((whole < n * above) | (above == top))
    chances = math.comb(n, many) * low[:, None] * high[None, :]
    return _tally(np.where(here, n * upper - many * whole, 0), np.where(here, chances, 0.0))


def _sums_of_points(n: int, start: int, stop: int, options: int) -> list[Floats]:
    """For 0 to n people: P(all answer from `start` to below `stop`, and their answers sum to i)."""
    one = np.zeros(stop)
    one[start:] = 1 / options
    chances = [np.ones(1)]
    for _ in range(n):
        chances.append(np.convolve(chances[-1], one))
    return chances


def _tally(value: npt.NDArray[np.int64], chances: Floats) -> Floats:
    return np.asarray(np.bincount(np.where(chances > 0, value, 0).ravel(), chances.ravel()), np.float64)


def _plus(left: Floats, right: Floats) -> Floats:
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    longer = longer.copy()
    longer[: len(shorter)] += shorter
    return longer


def _sums(one: Floats, items: int) -> Floats:
    """The distribution of the sum of `items` independent values distributed as `one`."""
    if items == 1:
        return one
    size = items * (len(one) - 1) + 1
    length = 1 << (size - 1).bit_length()
    return np.maximum(np.fft.irfft(np.fft.rfft(one, length) ** items, length)[:size], 0.0)


def _by_cumulants(n: int, options: int, items: int, chance: float) -> float:
    """Of the mean of `items` sample variances: k2, k4 and k6 of the even distribution give its first three (Fisher
    1929)."""
    from scipy.special import ndtri

    k2, k4, k6 = uniform_variance(options), -(options**4 - 1) / 120, (options**6 - 1) / 252
    second = k4 / n + 2 * k2**2 / (n - 1)
    third = k6 / n**2 + 12 * k4 * k2 / (n * (n - 1)) + 8 * k2**3 / (n - 1) ** 2
    skew = third / second**1.5 / math.sqrt(items)
    z = float(ndtri(chance))
    return max(0.0, float(k2 + math.sqrt(second / items) * (z + (z * z - 1) * skew / 6)))
