"""What of the scatter in repeated pulses is the team's for good, the team's for one pulse, and the people's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.analytics.status import Status

Floats = npt.NDArray[np.float64]

#: Where the search starts: the best of all pairs of these ratios to the residual variance.
_RATIOS = (0.0, 0.01, 0.1, 0.3, 1.0, 10.0)
_ROUNDS = 100
#: A step of this share is rounding; so is a variance of this share of the squared mean.
_ENOUGH, _ROUNDING = 1e-12, 1e-24


@dataclass(frozen=True, slots=True)
class Cells:
    """Of G teams in T pulses: `n` values (0 where there are none), their `mean` and `ssw`, the squares about it."""

    n: Floats
    mean: Floats
    ssw: Floats

    @property
    def separable(self) -> bool:
        """Whether every pulse has values, some team returns, and some differ within a cell."""
        cells = self.n > 0
        shared = len(self.n) >= 2 and bool(cells.any(axis=0).all()) and bool((cells.sum(axis=1) >= 2).any())
        return shared and float(self.ssw.sum()) > _ROUNDING * float((self.n * self.mean**2).sum())


@dataclass(frozen=True, slots=True)
class Nested:
    """Variances of `team`, `team_pulse` and `residual` of `n` values; None unless status is "ok".

    `pulses` has the mean of each pulse and `se_pulses` its standard error.
    """

    status: Status
    n: int
    team: float | None = None
    team_pulse: float | None = None
    residual: float | None = None
    pulses: Floats | None = None
    se_pulses: Floats | None = None
    log_likelihood: float | None = None


def cells(values: npt.ArrayLike, teams: npt.ArrayLike, pulses: npt.ArrayLike) -> tuple[list[Any], list[Any], Cells]:
    """Team and pulse labels in sorted order, and the cells, from a value and two labels each; NaN are left out."""
    value = np.asarray(values, np.float64)
    given = np.isfinite(value)
    value = value[given]
    rows, row = np.unique(np.asarray(teams)[given], return_inverse=True)
    columns, column = np.unique(np.asarray(pulses)[given], return_inverse=True)
    place, shape = row * len(columns) + column, (len(rows), len(columns))
    n = np.bincount(place, minlength=shape[0] * shape[1]).astype(np.float64)
    mean = np.bincount(place, value, len(n)) / np.maximum(n, 1)
    ssw = np.bincount(place, (value - mean[place]) ** 2, len(n)).astype(np.float64)
    return rows.tolist(), columns.tolist(), Cells(n.reshape(shape), mean.reshape(shape), ssw.reshape(shape))


def nested(given: Cells) -> Nested:
    """Restricted maximum likelihood of value ~ pulse + (1 | team) + (1 | team:pulse), as lme4's lmer.

    People may be the same in several pulses; nobody links them, so what they carry from pulse to pulse is counted with
    the team. For given ratios of the two variances to the residual one the rest has a closed form (Bates et al.
    2015); they are found by Newton's method held at or above zero. "insufficient" where the three cannot be told
    apart: fewer than two teams, none in two pulses, nobody who differs from the rest of a cell, an empty pulse.
    """
    people = int(given.n.sum())
    if not given.separable:
        return Nested("insufficient", people)
    ratios = _best(given)
    fit = _Fit(given, *ratios)
    sigma2 = fit.rss / fit.free
    return Nested(
        "ok",
        people,
        float(ratios[0]) * sigma2,
        float(ratios[1]) * sigma2,
        sigma2,
        fit.pulses,
        np.sqrt(sigma2 * np.diag(fit.inverse)),
        -fit.criterion / 2,
    )


class _Fit:
    """The likelihood at `team` and `team_pulse`, both in units of the residual variance.

    `precision` (G x T x T) is Z'V^-1 Z for the cells of each team, zero where there is no cell; all else sums it up.
    """

    def __init__(self, given: Cells, team: float, team_pulse: float) -> None:
        weight = given.n / (1 + given.n * team_pulse)
        whole = 1 + team * weight.sum(axis=1)
        self.precision = np.einsum("gt,tu->gtu", weight, np.eye(weight.shape[1]))
        self.precision -= (team / whole)[:, None, None] * weight[:, :, None] * weight[:, None, :]
        information = self.precision.sum(axis=0)
        self.inverse: Floats = np.linalg.inv(information)
        self.pulses: Floats = self.inverse @ np.einsum("gtu,gu->t", self.precision, given.mean)
        self.pull: Floats = np.einsum("gtu,gu->gt", self.precision, given.mean - self.pulses)
        self.rss = float(given.ssw.sum() + (self.pull * (given.mean - self.pulses)).sum())
        self.free = float(given.n.sum()) - len(information)
        growth = float(np.log1p(given.n * team_pulse).sum() + np.log(whole).sum())
        self.criterion = (
            self.free * (1 + math.log(2 * math.pi * self.rss / self.free))
            + growth
            + float(np.linalg.slogdet(information)[1])
        )

    @property
    def slope(self) -> Floats:
        """The criterion's derivatives by the two ratios."""
        teams = self.precision.sum(axis=2)
        trace = np.array([teams.sum(), np.einsum("gtt->", self.precision)])
        mean = np.array([teams.T @ teams, np.einsum("gtu,guv->tv", self.precision, self.precision)])
        square = np.array([(self.pull.sum(axis=1) ** 2).sum(), (self.pull**2).sum()])
        found: Floats = trace - np.einsum("ktu,ut->k", mean, self.inverse) - self.free * square / self.rss
        return found


def _best(given: Cells) -> Floats:
    """From the best pair of the grid on, by Newton steps that lessen the criterion; a ratio at zero stays there while
    the criterion rises from it."""
    at = np.array(min(((a, b) for a in _RATIOS for b in _RATIOS), key=lambda pair: _Fit(given, *pair).criterion))
    for _ in range(_ROUNDS):
        fit = _Fit(given, *at)
        step = _newton(given, at, fit.slope)
        following = _lessened(given, at, step, fit.criterion)
        if (np.abs(following - at) <= _ENOUGH * (at + following)).all():
            break
        at = following
    return at


def _newton(given: Cells, at: Floats, slope: Floats) -> Floats:
    """The step to where the slope should be zero; where the criterion is not convex, halfway down to zero or up."""
    free = np.flatnonzero((at > 0) | (slope < 0))
    step = np.zeros(2)
    if len(free):
        bend = np.array([_Fit(given, *(at + move)).slope - slope for move in _nudges(at)[free]])[:, free]
        bend /= np.diag(_nudges(at))[free][:, None]
        bend = (bend + bend.T) / 2
        convex = float(np.linalg.eigvalsh(bend)[0]) > 0
        step[free] = -np.linalg.solve(bend, slope[free]) if convex else -np.sign(slope[free]) * (at[free] + 0.01) / 2
    return step


def _nudges(at: Floats) -> Floats:
    moves: Floats = np.diag(1e-6 * at + 1e-9)
    return moves


def _lessened(given: Cells, at: Floats, step: Floats, criterion: float) -> Floats:
    """As much of the step as lessens the criterion, but for rounding; `at` where none of it does."""
    for halving in range(40):
        following: Floats = np.maximum(at + step / 2**halving, 0.0)
        if _Fit(given, *following).criterion <= criterion + 1e-13 * abs(criterion):
            return following
    return at
