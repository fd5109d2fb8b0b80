"""Which slices, a published unit's people of one band, may be published beside the units.

A slice is shown only of a published unit, when it has at least the threshold of respondents, its complement in the
unit none or at least as many, and its residual (itself less the greatest published slices of the same value below
it) too. Within one value the slices are nested or apart, so that choice is made exactly, as for units. What
subtraction across values and attributes would give away is mended afterwards (`release/mending.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.release.layout import Layout
from service.release.mending import mended
from service.release.tree import Flags, Ints, atoms, folded, publishable, totals

#: Withheld slices are offered again at most so often; every time fewer of them find room.
_OFFERS = 2
#: Cells and withheld slices up to which every one of these is tried in another's place.
_SMALL_CELLS, _SMALL_SLICES = 50, 24


def chosen(layout: Layout, offered: Sequence[Flags], threshold: int) -> list[Flags]:
    """The slices (units x V for each family) among those `offered` that may be published beside the units.

    No combination of published units and slices then involves one to `threshold` - 1 respondents.
    """
    eligible = [_eligible(layout, family, flags, threshold) for family, flags in enumerate(offered)]
    first = [_first_of_equals(layout, family, flags) for family, flags in enumerate(eligible)]
    different = [
        flags & (top == np.arange(len(top))[:, np.newaxis]) for flags, top in zip(eligible, first, strict=True)
    ]
    kept = [_apart(layout, family, flags, threshold) for family, flags in enumerate(different)]
    kept = _offered_again(layout, different, mended(layout, kept, kept, threshold), threshold)
    equals = [_equals(flags, top) for flags, top in zip(eligible, first, strict=True)]
    kept = _exchanged(layout, different, equals, kept, threshold)
    return [flags & np.take_along_axis(it, top, axis=0) for flags, it, top in zip(eligible, kept, first, strict=True)]


def _offered_again(layout: Layout, different: list[Flags], kept: list[Flags], threshold: int) -> list[Flags]:
    for offer in range(_OFFERS):
        pairs = enumerate(zip(different, kept, strict=True))
        again = [_roomy(layout, family, *pair, threshold) for family, pair in pairs]
        wider = [flags | more for flags, more in zip(kept, again, strict=True)]
        found = mended(layout, wider, again, threshold, large_first=offer % 2 == 0)
        if all(np.array_equal(*pair) for pair in zip(found, kept, strict=True)):
            break
        kept = found
    return kept


def _exchanged(
    layout: Layout, different: list[Flags], equals: list[Ints], kept: list[Flags], threshold: int
) -> list[Flags]:
    """In small organisations each withheld slice is also put before those it had to make room for.

    `equals` says how many slices each of those that differ stands for.
    """

    def worth(flags: list[Flags]) -> int:
        return sum(int(number[it].sum()) for number, it in zip(equals, flags, strict=True))

    withheld = [
        (family, *place)
        for family, pair in enumerate(zip(different, kept, strict=True))
        for place in np.argwhere(pair[0] & ~pair[1]).tolist()
    ]
    if len(layout.n) > _SMALL_CELLS or len(withheld) > _SMALL_SLICES:
        return kept
    for family, unit, value in withheld:
        alone = [np.zeros_like(flags) for flags in kept]
        alone[family][unit, value] = True
        if not mended(layout, alone, alone, threshold)[family][unit, value]:
            continue
        others = [flags & ~it for flags, it in zip(kept, alone, strict=True)]
        with_it = [flags | it for flags, it in zip(others, alone, strict=True)]
        found = _offered_again(layout, different, mended(layout, with_it, others, threshold), threshold)
        if worth(found) > worth(kept):
            kept = found
    return kept


def _equals(eligible: Flags, first: Ints) -> Ints:
    """How many eligible slices have each slice for the first of their equals."""
    number = np.zeros(eligible.shape, np.int64)
    units, values = np.nonzero(eligible)
    np.add.at(number, (first[units, values], values), 1)
    return number


def _first_of_equals(layout: Layout, family: int, eligible: Flags) -> Ints:
    """For each slice the topmost eligible one of just the same people: they are one figure, shown or not together."""
    n = layout.sizes(family, eligible.shape[1])
    first = np.tile(np.arange(len(n))[:, np.newaxis], eligible.shape[1])
    for value in range(eligible.shape[1]):
        column, size, nearest = (
            first[:, value].tolist(),
            n[:, value].tolist(),
            atoms(layout.parents, eligible[:, value]),
        )
        for unit in np.flatnonzero(eligible[:, value]).tolist():
            parent = layout.parents[unit]
            above = int(nearest[parent]) if parent >= 0 else -1
            if above >= 0 and size[above] == size[unit]:
                column[unit] = column[above]
        first[:, value] = column
    return first


def _eligible(layout: Layout, family: int, offered: Flags, threshold: int) -> Flags:
    n = layout.sizes(family, offered.shape[1])
    people = totals(layout.parents, np.bincount(layout.unit, layout.n, len(layout.parents)))
    rest = people[:, np.newaxis] - n
    return np.asarray(offered & layout.shown[:, np.newaxis] & (n >= threshold) & _lawful(rest, threshold), np.bool_)


def _apart(layout: Layout, family: int, eligible: Flags, threshold: int) -> Flags:
    """Of each value the most slices whose residuals are none or large enough."""
    kept = np.zeros_like(eligible)
    for value in np.flatnonzero(eligible.any(axis=0)):
        nodes = np.flatnonzero(eligible[:, value])
        nearest = atoms(layout.parents, eligible[:, value])
        place = np.full(len(layout.parents) + 1, -1, np.int64)
        place[nodes] = np.arange(len(nodes))
        above = np.array(layout.parents, np.int64)[nodes]
        tree: list[int] = np.where(above >= 0, place[nearest[above]], -1).tolist()
        own = folded(nearest, layout.own(family, int(value)))[nodes]
        kept[nodes, value] = publishable(tree, own, own, threshold)
    return kept


def _roomy(layout: Layout, family: int, eligible: Flags, kept: Flags, threshold: int) -> Flags:
    """The withheld slices that by themselves would leave their own residual and that of the slice above lawful."""
    again = eligible & ~kept
    for value in np.flatnonzero(again.any(axis=0)):
        residual = _up_to_kept(layout.parents, layout.own(family, int(value)), kept[:, value])
        above = atoms(layout.parents, kept[:, value])
        left = np.where(above >= 0, residual[above] - residual, 0)
        again[:, value] &= _lawful(residual, threshold) & _lawful(left, threshold)
    return again


def _up_to_kept(parents: Sequence[int], own: Ints, kept: Flags) -> Ints:
    """Of each unit those of its people who are in no kept slice below it."""
    sums: list[int] = own.tolist()
    stops: list[bool] = kept.tolist()
    for unit in range(len(sums) - 1, 0, -1):
        if parents[unit] >= 0 and not stops[unit]:
            sums[parents[unit]] += sums[unit]
    return np.array(sums, np.int64)


def _lawful(counts: Ints, threshold: int) -> Flags:
    return np.asarray((counts == 0) | (counts >= threshold), np.bool_)
