"""What is asked for of releases, and which part of it the asking key may see."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from service.analytics.scores import Score, scores
from service.analytics.slices import family_of, slices
from service.errors import Fault, InvalidQuery, NotFound
from service.operations.access import Principal
from service.release.release import Release

Lineage = Literal["then", "now"]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; None means everything the key may see. `since` and `until` bound the closing day.

    `by` names one band, or two with a comma between, and asks for their values instead of whole units. `lineage` "now"
    follows units that were renamed or merged back through what they were made of.
    """

    pulse: str | None = None
    unit: str | None = None
    block: str | None = None
    item: str | None = None
    by: str | None = None
    since: date | None = None
    until: date | None = None
    lineage: Lineage = "then"


def visible_units(principal: Principal, release: Release) -> set[str]:
    """The ids a key may see in a release: all, or the subtree it is bound to, which may be empty."""
    if principal.unit is None:
        return set(release.unit)
    inside: set[str] = set()
    for unit in release.units:
        if unit.id == principal.unit or unit.parent in inside:
            inside.add(unit.id)
    return inside


def units_asked(principal: Principal, release: Release, query: Query) -> set[str]:
    visible = visible_units(principal, release)
    return visible if query.unit is None else visible & {query.unit}


def scores_asked(release: Release, units: Collection[str], query: Query) -> Iterator[Score]:
    blocks, items = only(query.block), only(query.item)
    if query.by is None:
        return scores(release, units=units, blocks=blocks, items=items)
    family = family_of(release, query.by.split(","))
    return iter(()) if family is None else slices(release, family, units=units, blocks=blocks, items=items)


def visible_to(principal: Principal, releases: Sequence[Release]) -> dict[str, set[str]] | None:
    """By pulse the units a key bound to a subtree may see; None for keys that see all."""
    return None if principal.unit is None else all_visible(principal, releases)


def all_visible(principal: Principal, releases: Sequence[Release]) -> dict[str, set[str]]:
    return {it.pulse: visible_units(principal, it) for it in releases}


def only(id: str | None) -> Collection[str] | None:
    return None if id is None else [id]


def require_known(principal: Principal, releases: list[Release], query: Query) -> None:
    """A misspelt block, item or unit is told, rather than answered with an empty table that reads like silence.

    A unit the key may not see is as unknown as one that does not exist.
    """
    if not releases:
        return
    faults = []
    if query.block is not None and not any(release.instrument.block(query.block) for release in releases):
        faults.append(Fault("block", "is asked in none of these pulses"))
    if query.item is not None and not any(query.item in release.items for release in releases):
        faults.append(Fault("item", "is asked in none of these pulses"))
    if query.by is not None and not any(family_of(release, query.by.split(",")) for release in releases):
        faults.append(Fault("by", "is asked by in none of these pulses"))
    if faults:
        raise InvalidQuery(faults)
    if query.unit is not None and not any(units_asked(principal, release, query) for release in releases):
        raise NotFound("unit")
