"""How far the people of each unit agree on each block, and which teams are divided."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.block import Items, lowest, scored_blocks, shown, status_of
from service.analytics.measurement.agreement import Agreements, agreements
from service.analytics.measurement.critical_values import rwg_j_critical
from service.analytics.measurement.dispersion import Dispersion, dispersion
from service.analytics.scatter import Scatter, scatter
from service.analytics.status import Status
from service.release.release import ItemFigures, PublicUnit, Release

Floats = npt.NDArray[np.float64]

#: Fits of what is usual, each without the teams the one before found divided.
_ROUNDS = 3
#: An index is past its critical value only by more than rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class TeamAgreement:
    """One block in one unit and pulse; every figure None unless `status` is "ok".

    `n` the least number who answered an item. `rwg_j`, `r_star`, `ad` (mean deviation from the mean, in points of
    0 to 100) and `a_wg` as in `measurement.agreement`, `a_wg` None where every item's answers lie too near an end.
    `critical` is what `rwg_j` of n people answering blindly passes once in twenty times, `beyond_chance` whether
    it is passed. rwg(j) of .70 is no threshold: it is common where teams hardly differ.

    `sd`: the items' standard deviation in points, leant towards what is usual, and `divided`, whether it is greater
    than that beyond chance; both only for units with no other counted below them, so that nobody is in two.
    """

    pulse: str
    unit: str
    block: str
    status: Status
    n: int | None = None
    rwg_j: float | None = None
    r_star: float | None = None
    ad: float | None = None
    a_wg: float | None = None
    critical: float | None = None
    beyond_chance: bool | None = None
    sd: float | None = None
    divided: bool | None = None


def team_agreement(release: Release) -> Iterator[TeamAgreement]:
    """Blocks in the instrument's order, in each the units in the roster's.

    From the released distributions alone: "suppressed" where one of the block's items does not show its own,
    "insufficient" where an item has fewer than two answers or the block's items differ in scale.

    A team is `divided` when the F-test of its mean item variance against the usual one survives Benjamini and
    Hochberg at 5 % over the block's teams (Smyth 2004), three times, what is usual being fitted without those found
    so far. J items of n people count for (n - 1) (tr V)^2 / tr(V V)
    degrees of freedom, V their covariance within teams (Satterthwaite 1946): alike items add little.
    """
    within = scatter(release)
    for block, items in scored_blocks(release).items():
        shared = distributions(release, items)
        tested = _tested(items, shared, within)
        for unit in release.units:
            yield _of(release.pulse, block, unit, items, shared, tested)


@dataclass(frozen=True)
class Distributions:
    """Of the units that show how the answers to every item of a block are distributed: which row each has, the
    indices, the points of the scale, and which `leaves` have no other such unit below them."""

    row: dict[str, int]
    found: Agreements
    points: int
    leaves: tuple[str, ...]


def distributions(release: Release, items: Items) -> Distributions | None:
    """None where the items differ in scale."""
    points = items[0].scale.points
    if any(item.scale.points != points for item in items):
        return None
    tables = {unit.id: counts for unit in release.units if (counts := _counts(unit, items)) is not None}
    shape = (len(tables), len(items), points)
    found = agreements(np.array(list(tables.values()), np.float64).reshape(shape))
    return Distributions({unit: i for i, unit in enumerate(tables)}, found, points, tuple(lowest(release, tables)))


def _counts(unit: PublicUnit, items: Items) -> list[tuple[int, ...]] | None:
    figures = shown(unit.figures, items)
    counts = [figure.counts for figure in figures or () if figure.counts is not None]
    return counts if len(counts) == len(items) else None


@dataclass(frozen=True)
class _Tested:
    row: dict[str, int]
    result: Dispersion | None


def _tested(items: Items, shared: Distributions | None, within: Scatter) -> _Tested:
    if shared is None:
        return _Tested({}, None)
    leaves = [unit for unit in shared.leaves if shared.found.n[shared.row[unit]] >= 2]
    at = [shared.row[unit] for unit in leaves]
    df = (shared.found.n[at] - 1) * _worth(items, within)
    return _Tested(
        {unit: i for i, unit in enumerate(leaves)}, dispersion(shared.found.variance[at], df, rounds=_ROUNDS)
    )


def _worth(items: Items, within: Scatter) -> float:
    """How many unrelated items these are worth; one where the release does not tell how they are related."""
    if any(item.id not in within.position for item in items):
        return 1.0
    at = [within.position[item.id] for item in items]
    covariance = within.covariance[np.ix_(at, at)]
    squares = float((covariance**2).sum())
    return float(np.trace(covariance)) ** 2 / squares if squares > 0 else 1.0


def _of(
    pulse: str, block: str, unit: PublicUnit, items: Items, shared: Distributions | None, tested: _Tested
) -> TeamAgreement:
    status = _status(shown(unit.figures, items), unit.id, shared)
    if status != "ok" or shared is None:
        return TeamAgreement(pulse, unit.id, block, status)
    at, found, step = shared.row[unit.id], shared.found, 100 / (shared.points - 1)
    n, rwg = int(found.n[at]), float(found.rwg_j[at])
    critical = rwg_j_critical(n, shared.points, len(items))
    sd, divided = _spread(unit.id, tested, step)
    return TeamAgreement(
        pulse,
        unit.id,
        block,
        "ok",
        n,
        rwg,
        float(found.r_star[at]),
        float(found.ad_mean[at]) * step,
        None if math.isnan(found.a_wg[at]) else float(found.a_wg[at]),
        critical,
        None if critical is None else rwg > critical + _ROUNDING,
        sd,
        divided,
    )


def _status(figures: Sequence[ItemFigures] | None, unit: str, shared: Distributions | None) -> Status:
    if status_of(figures) == "insufficient" or (figures is not None and shared is None):
        return "insufficient"
    if shared is None or unit not in shared.row:
        return "suppressed"
    return "ok" if shared.found.n[shared.row[unit]] >= 2 else "insufficient"


def _spread(unit: str, tested: _Tested, step: float) -> tuple[float | None, bool | None]:
    at = tested.row.get(unit)
    if at is None or tested.result is None:
        return None, None
    return math.sqrt(tested.result.moderated[at]) * step, bool(tested.result.divided[at])


def beyond_chance(shared: Distributions, items: int) -> tuple[list[float], int]:
    """rwg(j) of the leaves with two answers or more to every item, and how many of them pass their critical value."""
    rows = [row for row in map(shared.row.__getitem__, shared.leaves) if shared.found.n[row] >= 2]
    found = [float(shared.found.rwg_j[row]) for row in rows]
    critical = [rwg_j_critical(int(shared.found.n[row]), shared.points, items) for row in rows]
    passed = sum(limit is not None and rwg > limit + _ROUNDING for rwg, limit in zip(found, critical, strict=True))
    return found, passed
