"""Scores of items and blocks in units, each with its interval: the findings every table and page begins with."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from service.analytics.block import (
    Figures,
    Items,
    block_range,
    favourability,
    item_range,
    scored_blocks,
    shown,
    status_of,
)
from service.analytics.scatter import Basis, Scatter, Spread, scatter
from service.analytics.status import Status
from service.release.release import ItemFigures, Release
from service.survey.instrument import Item

Level = Literal["block", "item"]


@dataclass(frozen=True, slots=True)
class Score:
    """One block (`item` None) or one item in one unit and pulse; every figure None unless `status` is "ok".

    `n` respondents: for an item those who answered it. `score` 0 to 100 with its 95 % interval `low` to `high`;
    `mean` in scale units, None for a block whose items differ in scale. `favourability` percent of answers.
    `counts` answers at each point from the lowest up, items only. An item that is a choice between kinds has
    `n` and `counts` but no score.

    With status "bound" the score lies from `at_least` to `at_most`, and `low` to `high` reaches from the low end of
    the interval at the one to the high end at the other; beside them only `n` and `interval_basis` are given.

    `bands` are the values of the attributes `by` that the people counted stated; none of them for the whole unit.
    """

    pulse: str
    unit: str
    block: str
    item: str | None
    status: Status
    n: int | None = None
    score: float | None = None
    low: float | None = None
    high: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    mean: float | None = None
    favourability: float | None = None
    counts: tuple[int, ...] | None = None
    interval_basis: Basis | None = None
    by: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockMeasure:
    """A block in one pulse, ready to be read off any group of a unit's people."""

    pulse: str
    block: str
    items: Items
    spread: Spread

    def of(self, unit: str, group: Figures) -> Score:
        """The interval rests on the least number who answered an item: the widest it could rightly be."""
        figures = shown(group, self.items)
        status = status_of(figures)
        if figures is None or group is None or status in ("suppressed", "insufficient"):
            return Score(self.pulse, unit, self.block, None, status)
        least, most = block_range(self.items, figures)
        surest = min(figure.n for figure in figures)
        if status == "bound":
            return _bound(Score(self.pulse, unit, self.block, None, status, group.n), self.spread, least, most, surest)
        low, high = self.spread.interval(least, surest)
        return Score(
            self.pulse,
            unit,
            self.block,
            None,
            "ok",
            group.n,
            least,
            low,
            high,
            mean=self._mean(least),
            favourability=favourability(figures),
            interval_basis=self.spread.basis,
        )

    def _mean(self, score: float) -> float | None:
        scale = self.items[0].scale
        if any((item.scale.low, item.scale.high) != (scale.low, scale.high) for item in self.items):
            return None
        return scale.low + score * (scale.points - 1) / 100


@dataclass(frozen=True, slots=True)
class ItemMeasure:
    """An item in one pulse, ready to be read off any group of a unit's people."""

    pulse: str
    item: Item
    spread: Spread

    def of(self, unit: str, group: Figures) -> Score:
        figure = None if group is None else group.items.get(self.item.id)
        if figure is None:
            return self._without(unit, "suppressed", None)
        if not figure.n:
            return self._without(unit, "insufficient", None)
        if not self.item.scored:
            return Score(self.pulse, unit, self.item.block, self.item.id, "ok", figure.n, counts=figure.counts)
        if figure.total is None:
            least, most = item_range(self.item, figure)
            return _bound(self._without(unit, "bound", figure.n), self.spread, least, most, figure.n)
        return self._scored(unit, figure, figure.total)

    def _without(self, unit: str, status: Status, n: int | None) -> Score:
        return Score(self.pulse, unit, self.item.block, self.item.id, status, n)

    def _scored(self, unit: str, figure: ItemFigures, total: int) -> Score:
        score, _ = item_range(self.item, figure)
        low, high = self.spread.interval(score, figure.n)
        return Score(
            self.pulse,
            unit,
            self.item.block,
            self.item.id,
            "ok",
            figure.n,
            score,
            low,
            high,
            mean=total / figure.n,
            favourability=None if figure.favourable is None else 100 * figure.favourable / figure.n,
            counts=figure.counts,
            interval_basis=self.spread.basis,
        )


Measure = BlockMeasure | ItemMeasure


def scores(
    release: Release,
    *,
    units: Collection[str] | None = None,
    blocks: Collection[str] | None = None,
    items: Collection[str] | None = None,
    level: Level | None = None,
) -> Iterator[Score]:
    """Units in the roster's order; in each its blocks, then its items, in the instrument's order.

    None means all of them. Naming `items` leaves the blocks out: no block is one of the items asked for.
    """
    wanted = measures(release, blocks=blocks, items=items, level=level)
    for unit in release.units:
        if units is None or unit.id in units:
            for measure in wanted:
                yield measure.of(unit.id, unit.figures)


def measures(
    release: Release, *, blocks: Collection[str] | None, items: Collection[str] | None, level: Level | None
) -> list[Measure]:
    """What `scores` reads off each unit."""
    within = scatter(release)
    wanted: list[Measure] = []
    if items is None and level != "item":
        wanted += block_measures(release, within, blocks)
    if level != "block":
        wanted += _item_measures(release, within, blocks, items)
    return wanted


def block_measures(release: Release, within: Scatter, blocks: Collection[str] | None = None) -> list[BlockMeasure]:
    """One for each scored block the pulse asks, of those in `blocks`."""
    return [
        BlockMeasure(release.pulse, block, items, within.of(items))
        for block, items in scored_blocks(release).items()
        if blocks is None or block in blocks
    ]


def _item_measures(
    release: Release, within: Scatter, blocks: Collection[str] | None, items: Collection[str] | None
) -> list[ItemMeasure]:
    return [
        ItemMeasure(release.pulse, item, within.of((item,)))
        for item in release.asked
        if (blocks is None or item.block in blocks) and (items is None or item.id in items)
    ]


def _bound(score: Score, spread: Spread, least: float, most: float, n: int) -> Score:
    low, high = spread.interval(least, n)[0], spread.interval(most, n)[1]
    return replace(score, low=low, high=high, at_least=least, at_most=most, interval_basis=spread.basis)
