"""How much values differ between groups and how much within them, from each group's count, mean and scatter."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.analytics.status import Status

Floats = npt.NDArray[np.float64]

#: Relative to the squared mean, a variance this small is what rounding leaves of none.
_ROUNDING = 1e-24
#: Between the least and the greatest ratio of variances looked at, sixteen places a decade.
_RATIOS = np.concatenate([[0.0], np.logspace(-6, 6, 193)])


@dataclass(frozen=True, slots=True)
class Groups:
    """Of G groups: `n` values in each (at least 1), their `mean`, and `ssw`, the sum of squares about it."""

    n: Floats
    mean: Floats
    ssw: Floats

    @property
    def comparable(self) -> bool:
        """Whether there are two groups or more, and people who differ within them."""
        people = float(self.n.sum())
        return len(self.n) >= 2 and people > len(self.n) and self._scatters

    @property
    def _scatters(self) -> bool:
        return float(self.ssw.sum()) > _ROUNDING * float(self.n @ self.mean**2)


@dataclass(frozen=True, slots=True)
class OneWay:
    """One-way analysis of variance of `n` values in `groups`; figures are None unless status is "ok".

    `mean_size` is N / G; `n0` the size equal groups would have for the same expected mean square, used in place of
    it by the figures named for it. `low` and `high` are 95 % limits. ICC(2) does not depend on the size.
    """

    status: Status
    n: int
    groups: int
    mean_size: float | None = None
    n0: float | None = None
    ssb: float | None = None
    ssw: float | None = None
    df_between: int | None = None
    df_within: int | None = None
    msb: float | None = None
    msw: float | None = None
    f: float | None = None
    p_value: float | None = None
    eta_squared: float | None = None
    icc1: float | None = None
    icc1_low: float | None = None
    icc1_high: float | None = None
    icc1_n0: float | None = None
    icc1_n0_low: float | None = None
    icc1_n0_high: float | None = None
    icc2: float | None = None
    icc2_low: float | None = None
    icc2_high: float | None = None


@dataclass(frozen=True, slots=True)
class Reml:
    """Variance `tau2` between groups and `sigma2` within, by restricted maximum likelihood; None unless "ok".

    For each group: `blup`, its predicted mean, `blup_deviation`, that less the intercept, `cond_sd`, the standard
    deviation of its error with the intercept and variances taken as known, and `reliability` n tau2 / (n tau2 +
    sigma2). `icc2` is the reliability of a group of mean size.
    """

    status: Status
    intercept: float | None = None
    se_intercept: float | None = None
    tau2: float | None = None
    sigma2: float | None = None
    icc1: float | None = None
    icc2: float | None = None
    log_likelihood: float | None = None
    mean_group_reliability: float | None = None
    blup: Floats | None = None
    blup_deviation: Floats | None = None
    cond_sd: Floats | None = None
    reliability: Floats | None = None


def grouped(values: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[list[Any], Groups]:
    """The labels in sorted order and their groups, from a value and a label each; NaN values are left out."""
    value, label = np.asarray(values, np.float64), np.asarray(labels)
    given = np.isfinite(value)
    names, place = np.unique(label[given], return_inverse=True)
    value, n = value[given], np.bincount(place, minlength=len(names)).astype(np.float64)
    mean = np.bincount(place, value, len(names)) / n
    ssw = np.bincount(place, (value - mean[place]) ** 2, len(names)).astype(np.float64)
    return names.tolist(), Groups(n, mean, ssw)


def one_way(groups: Groups) -> OneWay:
    """ICC(1) and ICC(2) of the analysis of variance, and what leads to them.

    With k the size, ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW) and ICC(2) = (MSB - MSW) / MSB (Bartko 1976; Bliese
    2000; ICC1 and ICC2 of R's multilevel, k = N / G). n0 = (N - sum n^2 / N) / (G - 1) (Snedecor & Cochran 1980).
    The limits put F / F(.975; df) and F F(.975; df exchanged) in place of F (Shrout & Fleiss 1979), which is exact
    for equal sizes. "insufficient" with one group, or where nobody differs from the rest of the group.
    """
    n, people, size = groups.n, float(groups.n.sum()), len(groups.n)
    if not groups.comparable:
        return OneWay("insufficient", int(people), size)
    ssb, ssw = float(n @ (groups.mean - n @ groups.mean / people) ** 2), float(groups.ssw.sum())
    df = size - 1, int(people) - size
    f = (ssb / df[0]) / (ssw / df[1])
    p_value, low, high = _f_test(f, *df)
    k, n0 = people / size, (people - float(n @ n) / people) / (size - 1)
    figures = (k, n0, ssb, ssw, *df, ssb / df[0], ssw / df[1], f, p_value, ssb / (ssb + ssw))
    first = (_icc1(ratio, count) for count in (k, n0) for ratio in (f, low, high))
    return OneWay("ok", int(people), size, *figures, *first, *map(_icc2, (f, low, high)))


def _f_test(f: float, between: int, within: int) -> tuple[float, float, float]:
    """The p value, and the ratios at which F would be just too great and just too small at 2.5 % each."""
    from scipy.special import fdtrc, fdtri

    p_value = float(fdtrc(between, within, f))
    return p_value, f / float(fdtri(between, within, 0.975)), f * float(fdtri(within, between, 0.975))


def _icc1(f: float, size: float) -> float:
    return (f - 1) / (f + size - 1)


def _icc2(f: float) -> float | None:
    """None where the groups' means are all the same: the reliability then has no lower end."""
    return 1 - 1 / f if f > 0 else None


def reml(groups: Groups) -> Reml:
    """The random-intercept model value ~ 1 + (1 | group), as lme4's lmer fits it.

    For the ratio r = tau2 / sigma2 the rest has a closed form (Bates et al. 2015, J. Stat. Soft. 67(1)); with weights
    w = n / (1 + n r) the criterion is (N - 1)(1 + log 2 pi sigma2) + sum log(1 + n r) + log sum w. Its least value
    is sought over a grid of r and then to the last digit as the root of its slope, so that r = 0 is exact.
    "insufficient" with one group, or where nobody differs from the rest of the group.
    """
    if not groups.comparable:
        return Reml("insufficient")
    ratio = _best_ratio(groups)
    weight = groups.n / (1 + groups.n * ratio)
    intercept, sigma2 = _profiled(groups, weight)
    reliability = weight * ratio
    deviation = reliability * (groups.mean - intercept)
    mean_size = float(groups.n.mean())
    return Reml(
        "ok",
        intercept,
        math.sqrt(sigma2 / float(weight.sum())),
        ratio * sigma2,
        sigma2,
        ratio / (1 + ratio),
        mean_size * ratio / (1 + mean_size * ratio),
        -_criterion(groups, ratio) / 2,
        float(reliability.mean()),
        intercept + deviation,
        deviation,
        np.sqrt(sigma2 * ratio / (1 + groups.n * ratio)),
        reliability,
    )


def _best_ratio(groups: Groups) -> float:
    """The r of the least criterion: the grid finds the right valley, for there may be two, the slope its bottom.

    Where the criterion rises from zero on, zero it is, without halving down to the smallest number there is.
    """
    at = int(np.argmin([_criterion(groups, float(ratio)) for ratio in _RATIOS]))
    low, high = float(_RATIOS[max(at - 1, 0)]), float(_RATIOS[min(at + 1, len(_RATIOS) - 1)])
    if at == 0 and _slope(groups, 0.0) >= 0:
        return 0.0
    return _root(lambda ratio: _slope(groups, ratio), low, high)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where the function passes from below zero to above it, halving until no number lies between."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return middle


def _profiled(groups: Groups, weight: Floats) -> tuple[float, float]:
    """The intercept and sigma2 that are best for these weights."""
    intercept = float(weight @ groups.mean / weight.sum())
    rest = float(groups.ssw.sum() + weight @ (groups.mean - intercept) ** 2)
    return intercept, rest / (float(groups.n.sum()) - 1)


def _criterion(groups: Groups, ratio: float) -> float:
    growth = 1 + groups.n * ratio
    weight = groups.n / growth
    _, sigma2 = _profiled(groups, weight)
    free = float(groups.n.sum()) - 1
    return free * (1 + math.log(2 * math.pi * sigma2)) + float(np.log(growth).sum()) + math.log(weight.sum())


def _slope(groups: Groups, ratio: float) -> float:
    """The criterion's derivative by r."""
    weight = groups.n / (1 + groups.n * ratio)
    intercept, sigma2 = _profiled(groups, weight)
    total = float(weight.sum())
    return total - float(weight @ weight) / total - float(weight**2 @ (groups.mean - intercept) ** 2) / sigma2
