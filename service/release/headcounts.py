"""Which numbers of invited people may be told before anybody answers: of units, and of the classes in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.release.bands import Invited, invited
from service.release.layout import Layout
from service.release.slices import chosen
from service.release.tree import Flags, Ints, publishable
from service.survey.pulse import Classes, Pulse
from service.survey.roster import Roster


def stated(roster: Roster, threshold: int) -> Flags:
    """The units whose headcounts, with everything below them, tell of no group below the threshold."""
    own = np.array([unit.headcount for unit in roster.units], np.int64)
    return publishable(roster.parents, own, own, threshold)


@dataclass(frozen=True)
class Told:
    """What is told of one family's classes (units x V): `open` where a class may be shown in a unit whose headcount
    is stated, the most that can have been `invited` into it as far as told figures go, `exact` where so many were."""

    by: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    open: Flags
    invited: Ints
    exact: Flags


def told(pulse: Pulse, roster: Roster, shown: Flags) -> tuple[Told, ...]:
    """One for each of the pulse's families; `shown` flags the units whose headcounts are stated.

    Within a family no combination of told numbers counts one to threshold - 1 people: the choice is the one that
    slices of a release are made by. Families are weighed one by one, since nobody stated how they overlap.
    """
    every = invited(pulse, roster)
    alone = {it.by[0]: _alone(it, pulse, roster, shown) for it in every if len(it.by) == 1}
    return tuple(
        alone[it.by[0]] if len(it.by) == 1 else _crossed(it, [alone[band] for band in it.by], pulse, shown)
        for it in every
    )


def _alone(it: Invited, pulse: Pulse, roster: Roster, shown: Flags) -> Told:
    """Where a class's number would tell too much, what the unit's other told classes leave is all that is told."""
    open = it.open(pulse.threshold) & shown[:, np.newaxis]
    said = open & it.exact
    if said.any():
        (said,) = chosen(_layout(it, pulse.classes, roster, shown), [said], pulse.threshold)
    headcounts = np.array(roster.totals, np.int64)
    left = headcounts - np.where(said, it.most, 0).sum(axis=1)
    people = np.where(said, it.most, left[:, np.newaxis])
    return Told(it.by, it.values, open, people, np.asarray(it.exact & (people == it.most), np.bool_))


def _crossed(it: Invited, alone: Sequence[Told], pulse: Pulse, shown: Flags) -> Told:
    first, second = ({value: at for at, (value,) in enumerate(one.values)} for one in alone)
    people = np.stack(
        [np.minimum(alone[0].invited[:, first[a]], alone[1].invited[:, second[b]]) for a, b in it.values], axis=1
    )
    open = it.open(pulse.threshold) & shown[:, np.newaxis]
    return Told(it.by, it.values, open, people, np.zeros_like(open))


def _layout(it: Invited, classes: Classes, roster: Roster, shown: Flags) -> Layout:
    """Everybody invited, by unit and value; those of whom no value was stated are of none."""
    cells: list[tuple[int, int, int]] = []
    for place, unit in enumerate(roster.units):
        counts = classes.get(unit.id, {}).get(it.by[0], {})
        cells += [(place, counts.get(value, 0), at) for at, (value,) in enumerate(it.values)]
        cells.append((place, unit.headcount - sum(counts.values()), -1))
    units, people, values = np.array(cells, np.int64).T
    return Layout.of(roster.parents, shown, units, people, [values])
