"""Scores of items and blocks in units, each with its interval: the findings every table and page begins with."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from service.analytics.block import Items, block_score, favourability, item_score, scored_blocks, shown, status_of
from service.analytics.scatter import Basis, Scatter, Spread, scatter
from service.analytics.status import Status
from service.release.release import ItemFigures, PublicUnit, Release
from service.survey.instrument import Item

Level = Literal["block", "item"]


@dataclass(frozen=True, slots=True)
class Score:
    """One block (`item` None) or one item in one unit and pulse; every figure None unless `status` is "ok".

    `n` respondents: for an item those who answered it. `score` 0 to 100 with its 95 % interval `low` to `high`;
    `mean` in scale units, None for a block whose items differ in scale. `favourability` percent of answers.
    `counts` answers at each point from the lowest up, items only. An item that is a choice between kinds has
    `n` and `counts` but no score.
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
    mean: float | None = None
    favourability: float | None = None
    counts: tuple[int, ...] | None = None
    interval_basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class BlockMeasure:
    """A block in one pulse, ready to be read off any unit."""

    pulse: str
    block: str
    items: Items
    spread: Spread

    def of(self, unit: PublicUnit) -> Score:
        """The interval rests on the least number who answered an item: the widest it could rightly be."""
        figures = shown(unit, self.items)
        status = status_of(figures)
        if figures is None or unit.figures is None or status != "ok":
            return Score(self.pulse, unit.id, self.block, None, status)
        score = block_score(self.items, figures)
        low, high = self.spread.interval(score, min(figure.n for figure in figures))
        return Score(
            self.pulse,
            unit.id,
            self.block,
            None,
            "ok",
            unit.figures.n,
            score,
            low,
            high,
            self._mean(score),
            favourability(figures),
            None,
            self.spread.basis,
        )

    def _mean(self, score: float) -> float | None:
        scale = self.items[0].scale
        if any((item.scale.low, item.scale.high) != (scale.low, scale.high) for item in self.items):
            return None
        return scale.low + score * (scale.points - 1) / 100


@dataclass(frozen=True, slots=True)
class ItemMeasure:
    """An item in one pulse, ready to be read off any unit."""

    pulse: str
    item: Item
    spread: Spread

    def of(self, unit: PublicUnit) -> Score:
        figure = None if unit.figures is None else unit.figures.items.get(self.item.id)
        if figure is None:
            return Score(self.pulse, unit.id, self.item.block, self.item.id, "suppressed")
        if not figure.n:
            return Score(self.pulse, unit.id, self.item.block, self.item.id, "insufficient")
        if not self.item.scored:
            return Score(self.pulse, unit.id, self.item.block, self.item.id, "ok", n=figure.n, counts=figure.counts)
        return self._scored(unit.id, figure)

    def _scored(self, unit: str, figure: ItemFigures) -> Score:
        score = item_score(self.item, figure)
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
            figure.total / figure.n,
            None if figure.favourable is None else 100 * figure.favourable / figure.n,
            figure.counts,
            self.spread.basis,
        )


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
    within = scatter(release)
    measures: list[BlockMeasure | ItemMeasure] = []
    if items is None and level != "item":
        measures += block_measures(release, within, blocks)
    if level != "block":
        measures += _item_measures(release, within, blocks, items)
    for unit in release.units:
        if units is None or unit.id in units:
            for measure in measures:
                yield measure.of(unit)


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
