"""How far people scatter about their team's score: what every interval is made from.

Never the team's own scatter. Five people who happen to agree would get an interval of no width, just where
there is least to go by, and the scatter of a small team is itself mostly chance. The scatter pooled over all
teams of the pulse is known well and is the same in kind for each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from service.analytics.block import Items, topmost
from service.analytics.quantile import TWO_SIDED_95, student_t
from service.release.release import Release

Basis = Literal["pooled", "bound"]

#: Popoviciu: no numbers within a range have a standard deviation above half of it, here of 0 to 100.
_GREATEST_VARIANCE = 50.0**2
#: Below this (squared points) a variance is rounding about none, which is no estimate of anything.
LEAST_VARIANCE = 1e-9


@dataclass(frozen=True)
class Spread:
    """Variance of one person's score about the team's, in squared points, and its degrees of freedom.

    `basis` is "pooled" from the release's moments, "bound" for the greatest variance the scale allows, which is
    then no estimate and has infinitely many degrees of freedom.
    """

    variance: float
    df: float
    basis: Basis

    @cached_property
    def _reach(self) -> float:
        return student_t(TWO_SIDED_95, self.df) * math.sqrt(self.variance)

    def interval(self, score: float, n: int) -> tuple[float, float]:
        """95 % for the score of `n` people, within 0 to 100: score -+ t s / sqrt(n)."""
        half = self._reach / math.sqrt(n)
        return max(0.0, score - half), min(100.0, score + half)


BOUND = Spread(_GREATEST_VARIANCE, math.inf, "bound")


@dataclass(frozen=True)
class Scatter:
    """`covariance` between the items at `position`, within teams, in squared points; empty when not released."""

    position: dict[str, int]
    covariance: npt.NDArray[np.float64]
    df: float

    def of(self, items: Items) -> Spread:
        """The spread of the mean of these items' scores: 1'V1 / J^2."""
        if any(item.id not in self.position for item in items):
            return BOUND
        at = [self.position[item.id] for item in items]
        variance = float(self.covariance[np.ix_(at, at)].sum()) / len(at) ** 2
        return Spread(variance, self.df, "pooled") if variance > LEAST_VARIANCE else BOUND


def scatter(release: Release) -> Scatter:
    """From the release's pooled moments, with n - atoms degrees of freedom; none where they are not released.

    A missing answer adds nothing to the moments though its person is counted in n. Each item's deviations are
    therefore raised by 1 / sqrt(share who answered), which sets right the variances exactly and the
    covariances where the same people skip both items.
    """
    pooled = release.pooled
    df = 0 if pooled is None else pooled.n - pooled.atoms
    if pooled is None or df < 1:
        return Scatter({}, np.zeros((0, 0)), math.inf)
    shares = _answered(release)
    points = {item.id: 100 / ((item.scale.points - 1) * math.sqrt(shares[item.id])) for item in release.asked}
    unit = np.array([points[item] for item in pooled.items])
    return Scatter({item: i for i, item in enumerate(pooled.items)}, pooled.within * np.outer(unit, unit) / df, df)


def _answered(release: Release) -> dict[str, float]:
    """The share of respondents who answered each asked item, over the topmost units that show it; 1 if none does."""
    shown = list(topmost(release, lambda unit: unit.figures))
    shares = {}
    for item in release.asked:
        pairs = [(figures.items[item.id].n, figures.n) for figures in shown if item.id in figures.items]
        answered, people = sum(n for n, _ in pairs), sum(n for _, n in pairs)
        shares[item.id] = answered / people if answered else 1.0
    return shares
