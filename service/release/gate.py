"""The gate: from a folded tally to the one release of a pulse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from service.release.policy import Policy
from service.release.release import ItemFigures, PooledMoments, PublicUnit, Release, UnitFigures
from service.release.shape import counts_shown, favourable_shown
from service.release.tree import Flags, Ints, atoms, publishable, totals
from service.survey.instrument import Instrument, Item
from service.survey.roster import Roster
from service.tally.tally import Tally


@dataclass(frozen=True, slots=True)
class _Column:
    """One item over the published units: where each figure is shown, and everybody's counts at and below each."""

    item: Item
    summed: Flags
    favourable: Flags
    distributed: Flags
    counts: Ints


def plan(roster: Roster, n_own: npt.ArrayLike, policy: Policy) -> Flags:
    """The units that will be published, from counts alone: `n_own` respondents directly in each roster unit."""
    headcounts = [unit.headcount for unit in roster.units]
    return publishable(roster.parents, n_own, headcounts, policy.threshold)


def release(
    *,
    pulse: str,
    label: str,
    series: str,
    instrument: Instrument,
    items: tuple[str, ...],
    policy: Policy,
    policy_hash: str,
    opened_on: date,
    closed_on: date,
    number: int,
    roster: Roster,
    tally: Tally,
) -> Release:
    """What everyone may see of the pulse; the tally's items are those asked, in the instrument's order."""
    wanted = set(items)
    asked = [item for item in instrument.items if item.id in wanted]
    parents = _parents(roster, tally)
    columns = _columns(asked, tally, parents, policy)
    figures = dict(zip(tally.atoms, _figures(parents, tally, columns), strict=True))
    return Release(
        pulse=pulse,
        label=label,
        series=series,
        instrument=instrument,
        items=items,
        threshold=policy.threshold,
        policy_hash=policy_hash,
        opened_on=opened_on,
        closed_on=closed_on,
        number=number,
        units=tuple(PublicUnit(u.id, u.name, u.parent, figures.get(at)) for at, u in enumerate(roster.units)),
        pooled=_pooled(asked, tally, policy),
    )


def _parents(roster: Roster, tally: Tally) -> list[int]:
    """The tree of published units alone: for each atom the place of the next published unit above, or -1."""
    shown = np.zeros(len(roster.units), np.bool_)
    shown[list(tally.atoms)] = True
    nearest = atoms(roster.parents, shown)
    place = {unit: index for index, unit in enumerate(tally.atoms)}
    above = (roster.parents[unit] for unit in tally.atoms)
    return [place.get(int(nearest[parent]), -1) if parent >= 0 else -1 for parent in above]


def _columns(asked: Sequence[Item], tally: Tally, parents: Sequence[int], policy: Policy) -> list[_Column]:
    """Items are optional to answer, so each has its own lawful choice among the published units."""
    choices: dict[bytes, Flags] = {}
    columns = []
    for index, item in enumerate(asked):
        histograms = tally.histograms[:, index, : item.scale.points]
        n = histograms.sum(axis=1)
        key = n.tobytes()
        if key not in choices:
            choices[key] = publishable(parents, n, n, policy.threshold)
        columns.append(_column(item, histograms, parents, choices[key], policy))
    return columns


def _column(item: Item, histograms: Ints, parents: Sequence[int], summed: Flags, policy: Policy) -> _Column:
    if item.scored:
        first = item.scale.favourable - item.scale.low
        favourable = favourable_shown(parents, summed, histograms, first)
        distributed = counts_shown(parents, favourable, histograms, first, policy.distribution)
    else:
        favourable = np.zeros_like(summed)
        distributed = counts_shown(parents, summed, histograms, None, policy.distribution)
    below = np.stack([totals(parents, histograms[:, point]) for point in range(item.scale.points)], axis=1)
    return _Column(item, summed, favourable, distributed, below)


def _figures(parents: Sequence[int], tally: Tally, columns: Sequence[_Column]) -> list[UnitFigures]:
    people: list[int] = totals(parents, tally.n).tolist()
    places: list[int] = totals(parents, tally.headcount).tolist()
    shown: list[dict[str, ItemFigures]] = [{} for _ in people]
    for column in columns:
        for unit, figures in _item_figures(column):
            shown[unit][column.item.id] = figures
    return [UnitFigures(*unit) for unit in zip(people, places, shown, strict=True)]


def _item_figures(column: _Column) -> list[tuple[int, ItemFigures]]:
    """The item's figures with the place of each unit that shows it. An item without a score has total 0."""
    scale = column.item.scale
    units = np.flatnonzero(column.summed)
    counts = column.counts[units]
    points = np.arange(scale.low, scale.high + 1) if column.item.scored else np.zeros(scale.points, np.int64)
    rows = zip(
        units.tolist(),
        counts.sum(axis=1).tolist(),
        (counts @ points).tolist(),
        counts[:, scale.favourable - scale.low :].sum(axis=1).tolist(),
        column.favourable[units].tolist(),
        column.distributed[units].tolist(),
        counts.tolist(),
        strict=True,
    )
    return [
        (unit, ItemFigures(n, total, total, favourable if halves else None, tuple(row) if buckets else None))
        for unit, n, total, favourable, halves, buckets, row in rows
    ]


def _pooled(asked: Sequence[Item], tally: Tally, policy: Policy) -> PooledMoments | None:
    groups = int(np.count_nonzero(tally.n))
    if tally.pooled_n < policy.pool or groups < 2:
        return None
    scored = tuple(item.id for item in asked if item.scored)
    return PooledMoments(scored, tally.pooled_n, groups, tally.within)
