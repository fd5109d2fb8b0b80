"""Past releases told in today's units: what a reorganisation moved is followed back where published figures add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from service.analytics.lineage import Lineage, as_it_is_now, few_moved
from service.release.release import PublicUnit, Release, UnitFigures


@dataclass(frozen=True, slots=True)
class Restated:
    """`releases` whose units are the newest's, and the ids of those `units` that had other ones before."""

    releases: tuple[Release, ...]
    units: frozenset[str]


def restated(releases: Sequence[Release]) -> Restated | None:
    """Of one series, oldest first; None where no unit of the newest release had other ones before.

    A unit is left out of a pulse of which it holds no whole units. What is told of its people moving is told of all
    it is made of, and of the step from one making to another.
    """
    past = as_it_is_now(releases)
    renewed = frozenset(unit for unit, pulses in past.items() for it in pulses.values() if it.units != (unit,))
    if not renewed:
        return None
    told = [replace(release, units=tuple(_units(release, releases[-1], past))) for release in releases]
    return Restated(tuple(told), renewed)


def as_today(releases: Sequence[Release]) -> Sequence[Release]:
    """The releases told in the newest's units, or as they are where nothing was reorganised."""
    told = restated(releases)
    return releases if told is None else told.releases


def reorganised(releases: Sequence[Release]) -> set[tuple[str, str]]:
    """Each unit with each pulse in which it is made of other units than in the release before, by its own id then."""
    return {
        (unit.id, later.pulse)
        for earlier, later in pairwise(releases)
        for past in [as_it_is_now([earlier, later])]
        for unit in later.units
        if unit.id in earlier.unit and _made_of(past[unit.id], earlier) != (unit.id,)
    }


def _made_of(past: Mapping[str, Lineage], release: Release) -> tuple[str, ...] | None:
    return past[release.pulse].units if release.pulse in past else None


def _units(release: Release, newest: Release, past: Mapping[str, Mapping[str, Lineage]]) -> Iterator[PublicUnit]:
    """Today's units that were there, each under the nearest above it that was."""
    for unit in newest.units:
        if release.pulse in past[unit.id]:
            above = unit.parent
            while above is not None and release.pulse not in past[above]:
                above = newest.unit[above].parent
            yield PublicUnit(unit.id, unit.name, above, _figures(release, past[unit.id]))


def _figures(release: Release, past: Mapping[str, Lineage]) -> UnitFigures | None:
    now = past[release.pulse]
    if now.figures is None:
        return None
    before = [it for it in past.values() if it.release.age < release.age]
    moved = dict.fromkeys([*now.figures.moved, *(it.release.pulse for it in before if few_moved(it, now))])
    return replace(now.figures, slices=(), moved=tuple(moved))
