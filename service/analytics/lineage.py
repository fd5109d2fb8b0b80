"""As it is now: today's units followed back through reorganisations, as far as published figures add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from service.analytics.whole_units import Heirs, above, whole_units
from service.release.release import ItemFigures, Release, UnitFigures
from service.survey.lineage import predecessors
from service.survey.roster import Roster, Unit, arranged

_NOWHERE = frozenset([-1])


@dataclass(frozen=True)
class Lineage:
    """Units of one pulse, none above another, that together hold whom a unit of a later pulse took over.

    Raises ValueError when there are none, when one is not in the release, or when they overlap.
    """

    release: Release
    units: tuple[str, ...]

    def __post_init__(self) -> None:
        chosen = set(self.units)
        if not chosen or not chosen <= self.release.unit.keys() or len(chosen) < len(self.units):
            raise ValueError("a lineage is made of units of its release, each once")
        if any(higher in chosen for unit in chosen for higher in above(self.release, unit)):
            raise ValueError("units that stand above one another share people and cannot be added up")

    @cached_property
    def figures(self) -> UnitFigures | None:
        """Those of the one unit, else their sums: the items every unit shows exactly, no slices, and the pulses since
        which a few people moved in any of them. None where a unit is withheld.
        """
        parts = [self.release.unit[unit].figures for unit in self.units]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return known[0] if len(known) == 1 else _added(known)


def as_it_is_now(releases: Sequence[Release]) -> dict[str, dict[str, Lineage]]:
    """By unit of the newest release and by pulse, oldest first, the units of that pulse whose people it holds.

    `releases` are of one series, oldest first; else ValueError. A pulse is left out where the unit is new since, or
    where what it holds cannot be put together from whole units: of a unit that was split no part has a past, but a
    unit above all its parts has. A unit that is gone and that none names went into the one above it. The newest pulse
    itself is there, with the unit alone.
    """
    if len({release.series for release in releases}) > 1:
        raise ValueError("lineage is followed along one series")
    if any(former.age > later.age for former, later in pairwise(releases)):
        raise ValueError("lineage is followed from the oldest release to the newest")
    if not releases:
        return {}
    newest = releases[-1]
    tree = arranged(Unit(unit.id, unit.name, unit.parent, 1) for unit in newest.units)
    found: dict[str, dict[str, Lineage]] = {unit.id: {} for unit in newest.units}
    for release, heirs in reversed(list(_followed(releases, tree))):
        for unit, made_of in whole_units(release, heirs, tree):
            found[unit][release.pulse] = Lineage(release, made_of)
    for unit, pulses in found.items():
        pulses[newest.pulse] = Lineage(newest, (unit,))
    return found


def few_moved(since: Lineage, now: Lineage) -> bool:
    """Whether a trend must leave out `now` after showing `since`: a few people joined or left, as the releases tell.

    Every unit tells this of itself; that of other units than then the sum grew or shrank by a few, headcounts tell.
    """
    if since.figures is None or now.figures is None:
        return False
    if since.release.pulse in now.figures.moved:
        return True
    change = abs(now.figures.headcount - since.figures.headcount)
    return now.units != since.units and 0 < change < now.release.threshold


def _followed(releases: Sequence[Release], tree: Roster) -> Iterator[tuple[Release, Heirs]]:
    """The releases before the newest, newest first, each with who holds its units' people today."""
    heirs: Heirs = {id: frozenset([at]) for id, at in tree.position.items()}
    for former, later in zip(releases[-2::-1], releases[:0:-1], strict=True):
        heirs = _handed_back(former, predecessors(_named(later), _named(former)), heirs)
        yield former, heirs


def _named(release: Release) -> dict[str, tuple[str, ...]]:
    return {unit.id: unit.before for unit in release.units}


def _handed_back(former: Release, step: Mapping[str, Sequence[str]], heirs: Heirs) -> Heirs:
    """Who holds the people of the units of `former`, when `heirs` says it of the pulse after, and `step` who is who."""
    found: Heirs = {}
    for unit, held in step.items():
        for id in held:
            found[id] = found[id] | heirs[unit] if id in found else heirs[unit]
    for each in former.units:
        if each.id not in found:
            found[each.id] = _NOWHERE if each.parent is None else found[each.parent]
    return found


def _added(parts: Sequence[UnitFigures]) -> UnitFigures:
    shared = [item for item in parts[0].items if all(item in part.items for part in parts)]
    sums = {item: _sum([part.items[item] for part in parts]) for item in shared}
    return UnitFigures(
        sum(part.n for part in parts),
        sum(part.headcount for part in parts),
        {item: figures for item, figures in sums.items() if figures is not None},
        moved=tuple(dict.fromkeys(pulse for part in parts for pulse in part.moved)),
    )


def _sum(parts: Sequence[ItemFigures]) -> ItemFigures | None:
    """None unless each shows its sum exactly; favourable counts and distributions where each shows them."""
    totals = [part.total for part in parts if part.total is not None]
    if len(totals) < len(parts):
        return None
    favourable = [part.favourable for part in parts if part.favourable is not None]
    counts = [part.counts for part in parts if part.counts is not None]
    return ItemFigures(
        sum(part.n for part in parts),
        sum(totals),
        sum(totals),
        sum(favourable) if len(favourable) == len(parts) else None,
        tuple(map(sum, zip(*counts, strict=True))) if len(counts) == len(parts) else None,
    )
