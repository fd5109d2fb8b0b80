"""The gate: from a tally to the one release of a pulse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from service.release import codec
from service.release.bands import invited
from service.release.columns import Column, columns
from service.release.headcounts import stated
from service.release.layout import Layout
from service.release.moves import moved
from service.release.policy import Policy
from service.release.release import ItemFigures, PooledMoments, PublicUnit, Release, Slice, UnitFigures
from service.release.slices import chosen
from service.release.tree import Flags, Ints, publishable, totals
from service.survey.pulse import Pulse
from service.survey.roster import Roster
from service.tally.partial import Cells
from service.tally.tally import Tally


@dataclass(frozen=True)
class Counted:
    """A pulse when it closes. `earlier` are the pulses of its series that closed before, with their rosters."""

    pulse: Pulse
    policy_hash: str
    opened_on: date
    closed_on: date
    number: int
    roster: Roster
    earlier: Sequence[tuple[str, Roster]] = ()


@dataclass(frozen=True)
class Gated:
    """A release, and what only those who hold the tally can check it by: each item's layout and its slices."""

    release: Release
    columns: tuple[Column, ...]
    layout: Layout
    slices: tuple[Flags, ...]

    @cached_property
    def content(self) -> bytes:
        """The release's canonical bytes."""
        return codec.encode(self.release)


def plan(roster: Roster, n_own: npt.ArrayLike, policy: Policy) -> Flags:
    """The units that will be published, from counts alone: `n_own` respondents directly in each roster unit.

    Only those whose participation could be read while the pulse was open: another choice, as lawful by itself, would
    give away together with them what both withhold.
    """
    headcounts = [unit.headcount for unit in roster.units]
    return publishable(roster.parents, n_own, headcounts, policy.threshold, stated(roster, policy.threshold))


def gated(it: Counted, shown: Flags, tally: Tally, *, sliced: bool = True) -> Gated:
    """What everyone may see of the pulse, when the units `shown` are planned; the tally's items are those asked.

    Without slices (`sliced` false) what is left is what Theorem 1 of docs/disclosure-control.md proves.
    """
    policy = Policy(it.pulse.threshold)
    families = invited(it.pulse, it.roster)
    values = [_value(it.pulse, family.by, tally.cells) for family in families]
    layout = Layout.of(it.roster.parents, shown, tally.cells.unit, tally.cells.n, values)
    slices = chosen(layout, [family.open(policy.threshold) & sliced for family in families], policy.threshold)
    found = columns(it.pulse.asked, layout, slices, tally.histograms[layout.kept], policy)
    figures = _unit_figures(it, layout, slices, [family.values for family in families], found)
    release = Release(
        pulse=it.pulse.id,
        label=it.pulse.label,
        series=it.pulse.series,
        instrument=it.pulse.instrument,
        items=it.pulse.items,
        threshold=policy.threshold,
        policy_hash=it.policy_hash,
        opened_on=it.opened_on,
        closed_on=it.closed_on,
        number=it.number,
        units=tuple(
            PublicUnit(u.id, u.name, u.parent, figures.get(at), u.before or ()) for at, u in enumerate(it.roster.units)
        ),
        pooled=_pooled(it.pulse, tally, policy),
        bands=it.pulse.bands,
        families=it.pulse.families,
    )
    return Gated(release, found, layout, tuple(slices))


def _value(pulse: Pulse, by: tuple[str, ...], cells: Cells) -> Ints:
    """Each cell's position among the family's combinations of values, -1 where one of them was not stated."""
    position = {band.id: place for place, band in enumerate(pulse.bands)}
    value, stated = np.zeros(len(cells.n), np.int64), np.ones(len(cells.n), np.bool_)
    for band in by:
        column = cells.bands[:, position[band]].astype(np.int64)
        value = value * len(pulse.bands[position[band]].values) + column - 1
        stated &= column > 0
    return np.where(stated, value, -1)


def _unit_figures(
    it: Counted,
    layout: Layout,
    slices: Sequence[Flags],
    values: Sequence[tuple[tuple[str, ...], ...]],
    found: Sequence[Column],
) -> dict[int, UnitFigures]:
    people: list[int] = totals(layout.parents, layout.people()).tolist()
    since = moved(it.roster, it.earlier, it.pulse.threshold)
    inside = _slices(it.pulse, layout, slices, values, found)
    return {
        unit: UnitFigures(
            people[unit],
            it.roster.totals[unit],
            {column.item.id: column.units[unit] for column in found if unit in column.units},
            tuple(inside.get(unit, ())),
            since[unit],
        )
        for unit in np.flatnonzero(layout.shown).tolist()
    }


def _slices(
    pulse: Pulse,
    layout: Layout,
    slices: Sequence[Flags],
    values: Sequence[tuple[tuple[str, ...], ...]],
    found: Sequence[Column],
) -> dict[int, list[Slice]]:
    """The slices of each unit, family by family, values in their declared order."""
    inside: dict[int, list[Slice]] = {}
    for family, flags in enumerate(slices):
        n = layout.sizes(family, flags.shape[1])
        for unit, value in np.argwhere(flags).tolist():
            items: dict[str, ItemFigures] = {
                column.item.id: column.slices[family, unit, value]
                for column in found
                if (family, unit, value) in column.slices
            }
            bands = values[family][value]
            inside.setdefault(unit, []).append(Slice(pulse.families[family], bands, int(n[unit, value]), items))
    return inside


def _pooled(pulse: Pulse, tally: Tally, policy: Policy) -> PooledMoments | None:
    """Of the scored items that scatter enough."""
    if tally.pooled_n < policy.pool or tally.pooled_atoms < 2:
        return None
    scored = [item.id for item in pulse.asked if item.scored]
    kept = np.flatnonzero(np.diag(tally.within) >= policy.scatter * tally.pooled_n)
    items = tuple(scored[at] for at in kept)
    return PooledMoments(items, tally.pooled_n, tally.pooled_atoms, tally.within[np.ix_(kept, kept)]) if items else None
