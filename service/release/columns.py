"""One item over all published groups: where its sum, its bound, its favourable count and its distribution are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.release.edge import Edges, edges, lawful, room
from service.release.exchange import telling
from service.release.layout import Layout
from service.release.policy import Policy
from service.release.reach import Group, Knowledge, told_on
from service.release.release import ItemFigures
from service.release.shape import counts_shown, favourable_shown, settled
from service.release.slices import chosen
from service.release.tree import Flags, Ints, publishable, totals
from service.survey.instrument import Item

#: A slice: its family, and the positions of its unit and value.
Place = tuple[int, int, int]


@dataclass(frozen=True)
class Column:
    """One item's figures by unit and by slice; those withheld are left out.

    `answered` holds the layout's cells with how many answered the item, and which units show it; `chosen` (units x
    V for each family) the slices that counts allow.
    """

    item: Item
    answered: Layout
    chosen: tuple[Flags, ...]
    units: dict[int, ItemFigures]
    slices: dict[Place, ItemFigures]

    @property
    def known(self) -> Knowledge:
        """What is known of the item to who knows in which cell everybody is: sums in points from 1 up."""
        return _knowledge(self.item, self.answered, self.units, self.slices)


def columns(
    asked: Sequence[Item],
    layout: Layout,
    slices: Sequence[Flags],
    histograms: npt.NDArray[np.unsignedinteger],
    policy: Policy,
) -> tuple[Column, ...]:
    """Items are optional to answer, so each has its own lawful choice among the published units and slices.

    `histograms` (C x I x P) are those of the layout's cells.
    """
    choices = _Choices(layout, slices, policy.threshold)
    return tuple(
        _column(item, choices, histograms[:, place, : item.scale.points].astype(np.int64), policy)
        for place, item in enumerate(asked)
    )


class _Choices:
    """What may be shown of an item hangs on how many answered it in each cell: worked out once for equal counts."""

    def __init__(self, layout: Layout, slices: Sequence[Flags], threshold: int) -> None:
        self.layout, self._slices, self._threshold = layout, slices, threshold
        self._known: dict[bytes, tuple[Layout, tuple[Flags, ...]]] = {}

    def of(self, n: Ints) -> tuple[Layout, tuple[Flags, ...]]:
        """The layout of those who answered, with the units that show the item, and the slices that do."""
        key = n.tobytes()
        if key not in self._known:
            self._known[key] = self._choice(n)
        return self._known[key]

    def _choice(self, n: Ints) -> tuple[Layout, tuple[Flags, ...]]:
        layout = self.layout
        own = np.bincount(layout.unit, n, len(layout.parents)).astype(np.int64)
        summed = publishable(layout.parents, own, own, self._threshold, layout.shown)
        answered = layout.answered(n, summed)
        if np.array_equal(n, layout.n) and np.array_equal(summed, layout.shown):
            return answered, tuple(self._slices)
        return answered, tuple(chosen(answered, self._slices, self._threshold))


def _column(item: Item, choices: _Choices, histograms: Ints, policy: Policy) -> Column:
    answered, slices = choices.of(histograms.sum(axis=1))
    parents = choices.layout.parents
    own = np.zeros((len(parents), histograms.shape[1]), np.int64)
    np.add.at(own, choices.layout.unit, histograms)
    edge, favourable, counted = _shown(item, parents, answered.shown, own, policy)
    sliced = _slice_figures(item, choices.layout, slices, histograms, edge.exactly) if item.scored else {}
    if sliced:
        # Sums of slices can take up all the room that a favourable count or a distribution leaves, and then each
        # answer is named. An item shows slices, or these.
        favourable = counted = np.zeros_like(counted)
    units = _unit_figures(item, parents, own, edge, favourable, counted)
    return Column(item, answered, slices, units, _out_of_reach(item, answered, units, sliced))


def _shown(item: Item, parents: Sequence[int], summed: Flags, own: Ints, policy: Policy) -> tuple[Edges, Flags, Flags]:
    nothing = np.zeros_like(summed)
    if not item.scored:
        counted = counts_shown(parents, summed, own, None, policy.distribution, nothing)
        return Edges(summed, nothing, nothing, own), nothing, counted
    edge = edges(parents, summed, own)
    first = item.scale.favourable - item.scale.low
    favourable = favourable_shown(parents, edge.exactly, edge.free, first)
    told = telling(parents, edge.exactly, favourable, edge.free)
    return edge, favourable, counts_shown(parents, favourable, edge.free, first, policy.distribution, told)


def _unit_figures(
    item: Item, parents: Sequence[int], own: Ints, edge: Edges, favourable: Flags, counted: Flags
) -> dict[int, ItemFigures]:
    """An item without a score has the sum 0."""
    counts = np.stack([totals(parents, column) for column in own.T], axis=1)
    figures = {}
    for unit in np.flatnonzero(edge.exactly | edge.near_top | edge.near_bottom).tolist():
        row = counts[unit]
        if edge.exactly[unit]:
            total = _sum(item, row)
            good = int(row[item.scale.favourable - item.scale.low :].sum()) if favourable[unit] else None
            figures[unit] = ItemFigures(
                int(row.sum()), total, total, good, tuple(row.tolist()) if counted[unit] else None
            )
        else:
            figures[unit] = _bound(item, int(row.sum()), top=bool(edge.near_top[unit]))
    return figures


def _sum(item: Item, counts: Ints) -> int:
    return int(counts @ np.arange(item.scale.low, item.scale.high + 1)) if item.scored else 0


def _bound(item: Item, n: int, *, top: bool) -> ItemFigures:
    reach = room(item.scale.points)
    least, most = item.scale.low * n, item.scale.high * n
    return ItemFigures(n, most - reach, most) if top else ItemFigures(n, least, least + reach)


def _slice_figures(
    item: Item, layout: Layout, slices: Sequence[Flags], histograms: Ints, exactly: Flags
) -> dict[Place, ItemFigures]:
    """Sums only: with several attributes what a distribution adds can no longer be seen through by subtraction."""
    figures = {}
    n, total = histograms.sum(axis=1), histograms @ np.arange(1, item.scale.points + 1)
    for family, flags in enumerate(slices):
        offered = flags & exactly[:, np.newaxis]
        if not offered.any():
            continue
        people, sums = (layout.sums(family, flags.shape[1], it) for it in (n, total))
        kept = _lawful_slices(layout, family, offered, (n, total), (people, sums), item.scale.points)
        for unit, value in np.argwhere(kept).tolist():
            answered = int(people[unit, value])
            keyed = int(sums[unit, value]) + (item.scale.low - 1) * answered
            figures[family, unit, value] = ItemFigures(answered, keyed, keyed)
    return figures


def _lawful_slices(
    layout: Layout, family: int, offered: Flags, own: tuple[Ints, Ints], below: tuple[Ints, Ints], points: int
) -> Flags:
    """The slices whose sum, residual, and remainder of the unit lie so far inside that nobody is told on.

    `own` are n and sum of each cell, `below` of each slice. A slice near an end is withheld, without a bound: with
    which others its members could swap answers, hangs on the other attributes.
    """

    def inside(n: Any, total: Any) -> Any:
        return lawful(n, total, points)

    kept = np.zeros_like(offered)
    for value in np.flatnonzero(offered.any(axis=0)):
        figures = [layout.own_sums(family, int(value), it) for it in own]
        kept[:, value] = settled(layout.parents, offered[:, value], figures, inside)
    people, sums = below
    whole = [totals(layout.parents, np.bincount(layout.unit, it, len(kept))) for it in own]
    left_n, left_total = whole[0] - (people * kept).sum(1), whole[1] - (sums * kept).sum(1)
    for unit in np.flatnonzero(kept.any(axis=1) & ~np.asarray(inside(left_n, left_total))):
        values = np.flatnonzero(kept[unit])
        kept[unit, values[np.argmin(people[unit, values])]] = False
    return kept


def _out_of_reach(
    item: Item, answered: Layout, units: dict[int, ItemFigures], sliced: dict[Place, ItemFigures]
) -> dict[Place, ItemFigures]:
    """The slices without those of the parts of the tree in which some answer is hemmed in by several sums at once."""
    while sliced:
        inside = set(told_on(_knowledge(item, answered, units, sliced))[1])
        if not inside:
            break
        for unit, parent in enumerate(answered.parents):
            if parent in inside:
                inside.add(unit)
        left = {place: figures for place, figures in sliced.items() if place[1] not in inside}
        # Where no slice is near, units alone do it, which Theorem 2 of docs/disclosure-control.md excludes.
        sliced = left if len(left) < len(sliced) else {}
    return sliced


def _knowledge(
    item: Item, answered: Layout, units: dict[int, ItemFigures], sliced: dict[Place, ItemFigures]
) -> Knowledge:
    low = item.scale.low - 1
    groups = [
        *((unit, -1, -1, it) for unit, it in units.items()),
        *((unit, family, value, it) for (family, unit, value), it in sliced.items()),
    ]
    return Knowledge(
        answered.parents,
        answered.unit,
        answered.values,
        answered.n,
        item.scale.points,
        [Group(unit, family, value, it.least - low * it.n, it.most - low * it.n) for unit, family, value, it in groups],
    )
