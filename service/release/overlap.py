"""The adversary among slices and bounds: what units, slices and their bands give away when taken from each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from service.release.release import ItemFigures, PublicUnit, Release, Slice, UnitFigures
from service.release.report import Attempt
from service.survey.instrument import Scale

#: (n, sum) of a group, or None where it is not known exactly.
Known = tuple[int, int] | None
Read = Callable[[UnitFigures | Slice], Known]

_POSSIBLE = 3


@dataclass(frozen=True, slots=True)
class _Place:
    """A unit's slices of one family by their values, and for each value those above, the nearest first."""

    unit: UnitFigures
    slices: dict[tuple[str, ...], Slice]
    above: dict[tuple[str, ...], tuple[Slice, ...]]


def overlap_attempt(release: Release) -> Attempt:
    """Differences of units and slices by how many people they leave, for respondents and for each item."""
    places = list(_places(release))
    reads: list[Read] = [lambda group: (group.n, 0), *(_answered(item.id) for item in release.asked)]
    counts = [n for read in reads for n, _ in _differences(places, read)]
    found = any(n and not n >= release.threshold for n in counts)
    return Attempt(
        "overlap",
        "each slice was taken from its unit, those below it from it, and all slices of an attribute from their unit",
        len(counts),
        "a group of people below the threshold" if found else "no group of people below the threshold",
        not found,
    )


def unanimity_attempt(release: Release) -> Attempt:
    """The same differences by how near unanimity they are, and what remains of units' sums with the bounds in them."""
    places = list(_places(release))
    tried, found = 0, False
    for item in release.asked:
        if item.scored:
            for n, total in _differences(places, _exactly(item.id)):
                tried += 1
                found = found or _certain(n, total, item.scale)
            for left, right in _bounded(release, item.id, item.scale):
                tried += 1
                found = found or min(left, right) < min(_POSSIBLE, item.scale.points) - 1
    return Attempt(
        "unanimity",
        "differences of sums, with the bounds inside them, were searched for groups that all answered nearly alike",
        tried,
        "a respondent left fewer than three possible answers" if found else "three possible answers for everybody",
        not found,
    )


def _places(release: Release) -> Iterator[_Place]:
    upward: dict[str, dict[tuple[str, ...], tuple[Slice, ...]]] = {}
    for family in release.families:
        for unit in release.units:
            above = {} if unit.parent is None else upward[unit.parent]
            upward[unit.id] = above
            if unit.figures is not None:
                own = {it.bands: it for it in unit.figures.slices if it.by == family}
                if own:
                    yield _Place(unit.figures, own, above)
                    upward[unit.id] = {**above, **{bands: (it, *above.get(bands, ())) for bands, it in own.items()}}


def _answered(item: str) -> Read:
    def read(group: UnitFigures | Slice) -> Known:
        figures = group.items.get(item)
        return None if figures is None else (figures.n, 0)

    return read


def _exactly(item: str) -> Read:
    def read(group: UnitFigures | Slice) -> Known:
        figures = group.items.get(item)
        return None if figures is None or figures.total is None else (figures.n, figures.total)

    return read


def _differences(places: Sequence[_Place], read: Read) -> Iterator[tuple[int, int]]:
    """(n, sum) of each slice less the greatest below it, its complement in the unit, and what no slice covers."""
    left: dict[int, tuple[int, int]] = {}
    for place in places:
        whole, parts = read(place.unit), {bands: read(it) for bands, it in place.slices.items()}
        known = {bands: part for bands, part in parts.items() if part is not None}
        for bands, part in known.items():
            left[id(place.slices[bands])] = part
            above = next((id(it) for it in place.above.get(bands, ()) if id(it) in left), None)
            if above is not None:
                left[above] = _less(left[above], part)
            if whole is not None:
                yield _less(whole, part)
        if whole is not None and known:
            yield whole[0] - sum(n for n, _ in known.values()), whole[1] - sum(total for _, total in known.values())
    yield from left.values()


def _less(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] - other[0], one[1] - other[1]


def _certain(n: int, total: int, scale: Scale) -> bool:
    """Whether n answers with this sum leave one of them fewer than three possible values; nobody is left none."""
    if n == 0:
        return total != 0
    least = max(scale.low, total - scale.high * (n - 1))
    most = min(scale.high, total - scale.low * (n - 1))
    return most - least + 1 < min(_POSSIBLE, scale.points)


def _bounded(release: Release, item: str, scale: Scale) -> Iterator[tuple[int, int]]:
    """For each exact sum of a unit, how far what remains of it lies from the least and the most that bounds allow.

    Published sums are nested: what remains of one when the exact ones inside are taken away holds the bounded groups
    that are in none of these, and everybody else.
    """
    holder: dict[str, str | None] = {}
    exact: dict[str, list[int]] = {}
    for unit in release.units:
        holder[unit.id] = above = None if unit.parent is None else holder[unit.parent]
        figures = _figures(unit, item)
        if figures is None:
            continue
        if figures.total is not None:
            if above is not None:
                exact[above][0] -= figures.n
                exact[above][1] -= figures.total
            # People, their sum, and what the bounds inside add to the least and take from the most.
            exact[unit.id] = [figures.n, figures.total, 0, 0]
            holder[unit.id] = unit.id
        elif above is not None:
            exact[above][2] += figures.least - scale.low * figures.n
            exact[above][3] += scale.high * figures.n - figures.most
            holder[unit.id] = None  # a bound inside a bound says nothing new
    for n, total, raised, lowered in exact.values():
        if n or total or raised or lowered:
            yield total - scale.low * n - raised, scale.high * n - lowered - total


def _figures(unit: PublicUnit, item: str) -> ItemFigures | None:
    return None if unit.figures is None else unit.figures.items.get(item)
