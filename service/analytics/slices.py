"""Scores of those of a unit who stated one value of an attribute: all declared values, shown or not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from service.analytics.scores import Level, Score, measures
from service.release.release import PublicUnit, Release, Slice
from service.survey.pulse import combinations

_Bands = tuple[str, ...]


def family_of(release: Release, by: Collection[str]) -> tuple[str, ...] | None:
    """The release's family of these attributes, in whichever order they are named; None when it has none."""
    return next((family for family in release.families if sorted(family) == sorted(by)), None)


def slices(
    release: Release,
    family: tuple[str, ...],
    *,
    units: Collection[str] | None = None,
    blocks: Collection[str] | None = None,
    items: Collection[str] | None = None,
    level: Level | None = None,
) -> Iterator[Score]:
    """As `scores`, but in each unit once a value of the family, in the order of declaration.

    Every declared value has its rows in every unit, suppressed where the release does not list it: which values
    are there tells nothing about who is.
    """
    wanted = measures(release, blocks=blocks, items=items, level=level)
    values = combinations(release.bands, family)
    for unit in release.units:
        if units is None or unit.id in units:
            listed = _listed(unit, family)
            for bands in values:
                for measure in wanted:
                    yield replace(measure.of(unit.id, listed.get(bands)), by=family, bands=bands)


def _listed(unit: PublicUnit, family: tuple[str, ...]) -> dict[_Bands, Slice]:
    return {} if unit.figures is None else {it.bands: it for it in unit.figures.slices if it.by == family}
