"""The adversary between two readings: of two pulses, of two formats, of two orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.release import codec
from service.release.release import Release, Slice
from service.release.report import Attempt


def time_attempt(release: Release, earlier: Iterable[Release]) -> Attempt:
    """A few people who joined or left are what changed between two pulses of a unit."""
    tried, found = 0, False
    for before in earlier:
        # Of a unit with others below it those who came and those who left may both be many, and their difference few.
        inner = {unit.parent for unit in (*before.units, *release.units)}
        then = {unit.id: unit.figures for unit in before.units if unit.figures is not None}
        for unit in release.units:
            figures = unit.figures
            if figures is None or unit.id not in then or unit.id in inner:
                continue
            tried += 1
            came = abs(figures.headcount - then[unit.id].headcount)
            found = found or (0 < came < release.threshold and before.pulse not in figures.moved)
    return Attempt(
        "time",
        "headcounts of each team were compared with those of earlier pulses of the series",
        tried,
        "a trend that a few people's coming or going would explain"
        if found
        else "no trend over which only a few are known to have come or gone",
        not found,
    )


def format_attempt(content: bytes, release: Release) -> Attempt:
    """Every table, page and file is computed from what was read from the bytes: it must say what they say."""
    same = codec.encode(release) == content
    return Attempt(
        "format",
        "the release was written out, read back and written out again",
        len(content),
        "the same bytes" if same else "other bytes",
        same,
    )


def order_attempt(release: Release) -> Attempt:
    """Units by their place in the tree and their ids, slices as declared: no order in which people answered."""
    ids = [unit.id for unit in release.units]
    told = ids != _arranged(release) or any(
        [it.bands for it in unit.figures.slices] != _declared(release, unit.figures.slices)
        for unit in release.units
        if unit.figures is not None
    )
    return Attempt(
        "order",
        "units and slices were put in the order their names alone give, to see whether theirs says more",
        len(ids),
        "an order that says more" if told else "the same order",
        not told,
    )


def _arranged(release: Release) -> list[str]:
    """Depth first, siblings by id."""
    children: dict[str | None, list[str]] = {}
    for unit in release.units:
        children.setdefault(unit.parent, []).append(unit.id)
    ordered: list[str] = []
    stack = sorted(children.get(None, []), reverse=True)
    while stack:
        id = stack.pop()
        ordered.append(id)
        stack.extend(sorted(children.get(id, []), reverse=True))
    return ordered


def _declared(release: Release, slices: Sequence[Slice]) -> list[tuple[str, ...]]:
    place = {(band.id, value): at for band in release.bands for at, value in enumerate(band.values)}
    family = {by: at for at, by in enumerate(release.families)}

    def key(it: Slice) -> tuple[int, list[int]]:
        return family[it.by], [place[pair] for pair in zip(it.by, it.bands, strict=True)]

    return [it.bands for it in sorted(slices, key=key)]
