"""Which units of a pulse are whole in units of today, so that published figures may stand for them."""

from __future__ import annotations

from collections.abc import Iterator

from service.release.release import PublicUnit, Release
from service.survey.roster import Roster

#: By id of a unit the places, in today's tree, of the units that hold its people; -1 for nobody's.
Heirs = dict[str, frozenset[int]]
#: Of units with people in or below them: the least and the greatest place of those who hold these people today, and
#: in how many units they were.
_Reach = dict[str, tuple[int, int, int]]


def whole_units(release: Release, heirs: Heirs, tree: Roster) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Today's units that hold whole units of the release and nobody else of it, each with the topmost of these.

    A unit of the release is whole in one of today's when all its people, with everybody below, are in there; all such
    stand in a line, upward from the lowest that has them all. Where people of a unit are inside one of today's and the
    unit is neither whole there nor below one that is, nothing published says how much they make.
    """
    empty = _without_own(release)
    own = {unit.id: heirs[unit.id] for unit in release.units if unit.id not in empty}
    reach = _reach(release, {unit: (min(places), max(places), 1) for unit, places in own.items()})
    lowest = {unit: _lowest(tree, low, high) for unit, (low, high, _) in reach.items()}
    found: dict[int, list[str]] = {}
    unknown: set[int] = set()
    for unit in release.units:
        if unit.id in lowest:
            for at in _upward(tree, lowest[unit.id], -1 if unit.parent is None else lowest[unit.parent]):
                found.setdefault(at, []).append(unit.id)
    for id, places in own.items():
        for at in places:
            unknown.update(_upward(tree, at, lowest[id]))
    for at, units in found.items():
        if at not in unknown:
            yield tree.units[at].id, _by_its_own_name(release, tree.units[at].id, tuple(units), reach)


def _reach(release: Release, own: _Reach) -> _Reach:
    found = dict(own)
    for unit in reversed(release.units):
        if unit.id in found and unit.parent is not None:
            low, high, units = found[unit.id]
            there = found.get(unit.parent, (low, high, 0))
            found[unit.parent] = (min(low, there[0]), max(high, there[1]), units + there[2])
    return found


def _by_its_own_name(release: Release, unit: str, units: tuple[str, ...], reach: _Reach) -> tuple[str, ...]:
    """The unit alone where it has been all the people of the one above it that is found."""
    if len(units) == 1 and unit in reach and reach[unit][2] == reach[units[0]][2]:
        return (unit,) if units[0] in above(release, unit) else units
    return units


def _without_own(release: Release) -> set[str]:
    """Units that have nobody directly, as headcounts tell: all of theirs are those of the units right below."""
    below: dict[str, list[PublicUnit]] = {}
    for unit in release.units:
        if unit.parent is not None:
            below.setdefault(unit.parent, []).append(unit)
    return {
        unit.id
        for unit in release.units
        if unit.figures is not None
        and unit.figures.headcount
        == sum(0 if it.figures is None else it.figures.headcount for it in below.get(unit.id, ()))
    }


def _lowest(tree: Roster, low: int, high: int) -> int:
    """The lowest unit that has all of these places in or below it, -1 if none; those below one stand right after."""
    at = low
    while at >= 0 and at + tree.totals[at] <= high:
        at = tree.parents[at]
    return at


def _upward(tree: Roster, at: int, end: int) -> Iterator[int]:
    """From the place `at` up to, and without, `end`, which is above it or -1."""
    while at not in (end, -1):
        yield at
        at = tree.parents[at]


def above(release: Release, unit: str) -> Iterator[str]:
    """The ids of the units it stands below, the nearest first."""
    parent = release.unit[unit].parent
    while parent is not None:
        yield parent
        parent = release.unit[parent].parent
