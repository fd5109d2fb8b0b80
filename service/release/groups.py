"""What an attacker reads off a release: published groups of people, how they nest, and what subtraction leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.release.release import ItemFigures, PublicUnit
from service.survey.instrument import Item

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of people, and figures of theirs: `figures` (groups x F) of the published `units` (positions).

    `above` is the place in `units` of the next one above in the tree, or -1.
    """

    units: list[int]
    above: list[int]
    figures: Ints

    def remainders(self) -> Ints:
        """Each unit's figures minus those of the greatest published units below it."""
        left = self.figures.copy()
        above = np.array(self.above, np.int64)
        np.subtract.at(left, above[above >= 0], self.figures[above >= 0])
        return left


@dataclass(frozen=True, slots=True)
class Shown:
    """One item: the groups whose sum (n, total), favourable count (n, total, favourable) and distribution
    (n, total, favourable, count at each point) are known, and each sum's place among the favourable, or -1."""

    item: Item
    sums: Groups
    favourable: Groups
    counts: Groups
    within: list[int]


def tree_of(units: Sequence[PublicUnit]) -> list[int]:
    position = {unit.id: place for place, unit in enumerate(units)}
    return [-1 if unit.parent is None else position[unit.parent] for unit in units]


def groups_of(
    tree: list[int], units: Sequence[PublicUnit], read: Callable[[PublicUnit], tuple[int, ...] | None], width: int = 2
) -> Groups:
    nearest = [-1] * len(tree)
    chosen: list[int] = []
    above: list[int] = []
    rows: list[tuple[int, ...]] = []
    for place, unit in enumerate(units):
        up = nearest[tree[place]] if tree[place] >= 0 else -1
        row = read(unit)
        nearest[place] = up
        if row is not None:
            nearest[place] = len(chosen)
            chosen.append(place)
            above.append(up)
            rows.append(row)
    return Groups(chosen, above, np.array(rows, np.int64).reshape(len(rows), width))


def shown_of(item: Item, tree: list[int], units: Sequence[PublicUnit]) -> Shown:
    first = item.scale.favourable - item.scale.low

    def figures(unit: PublicUnit) -> ItemFigures | None:
        return None if unit.figures is None else unit.figures.items.get(item.id)

    def sum_known(unit: PublicUnit) -> tuple[int, ...] | None:
        it = figures(unit)
        return None if it is None or it.total is None else (it.n, it.total)

    def favourable_known(unit: PublicUnit) -> tuple[int, ...] | None:
        it = figures(unit)
        if it is None or it.total is None or (it.favourable is None and it.counts is None):
            return None
        return (it.n, it.total, (it.favourable or 0) if it.counts is None else sum(it.counts[first:]))

    def counts_known(unit: PublicUnit) -> tuple[int, ...] | None:
        it = figures(unit)
        return (
            None
            if it is None or it.total is None or it.counts is None
            else (it.n, it.total, sum(it.counts[first:]), *it.counts)
        )

    summed, halved = groups_of(tree, units, sum_known), groups_of(tree, units, favourable_known, 3)
    spread = groups_of(tree, units, counts_known, 3 + item.scale.points)
    return Shown(item, summed, halved, spread, _within(tree, summed.units, halved.units))


def _within(tree: list[int], units: list[int], wider: list[int]) -> list[int]:
    """For each of `units` the place in `wider` of the nearest at or above it, or -1."""
    place = {unit: index for index, unit in enumerate(wider)}
    nearest = [-1] * len(tree)
    for unit, up in enumerate(tree):
        nearest[unit] = place.get(unit, nearest[up] if up >= 0 else -1)
    return [nearest[unit] for unit in units]
