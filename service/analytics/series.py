"""A series of releases as arrays: what each unit scored in each block and pulse, made comparable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from service.analytics.block import scored_blocks, shown
from service.analytics.points import TrendPoint, trend_points
from service.analytics.scatter import BOUND, Spread, scatter
from service.analytics.trends.drift import item_drift
from service.analytics.trends.items import BlockItems, block_items
from service.analytics.trends.panel import Panel
from service.release.release import Release

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: The variance of a figure of which only a range is known, as a share of the range squared: that of a uniform one.
_UNIFORM = 1 / 12


@dataclass(frozen=True)
class Series:
    """Releases of one series, oldest first, with everything that is read off them once.

    `points` hold every unit and block in every pulse that has both.
    """

    releases: tuple[Release, ...]
    points: tuple[TrendPoint, ...]

    @classmethod
    def of(cls, releases: Sequence[Release]) -> Series:
        return cls(tuple(releases), tuple(trend_points(releases)))

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Parents first, as the newest release that has them places them."""
        newest_first = self.releases[::-1]
        return tuple(dict.fromkeys(unit.id for release in newest_first for unit in release.units))

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(block for release in self.releases[::-1] for block in scored_blocks(release)))

    @cached_property
    def items(self) -> dict[str, BlockItems]:
        return {block: block_items(self.releases, block) for block in self.blocks}

    @cached_property
    def place(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """Positions of units, pulses and blocks."""
        pulses = [release.pulse for release in self.releases]
        return _positions(self.units), _positions(pulses), _positions(self.blocks)

    def at(self, point: TrendPoint) -> tuple[int, int, int]:
        units, pulses, blocks = self.place
        return units[point.unit], pulses[point.pulse], blocks[point.block]

    @cached_property
    def comparable(self) -> Flags:
        """(T, B): whether a pulse can be compared with the newest that asks the block."""
        found = np.zeros((len(self.releases), len(self.blocks)), np.bool_)
        for at, block in enumerate(self.blocks):
            component = self.items[block].component
            asked = component[component >= 0]
            found[:, at] = (component >= 0) & (component == (asked[-1] if len(asked) else -1))
        return found

    @cached_property
    def shift(self) -> Floats:
        """(T, B): points that the items asked add to a score."""
        shifts = [self.items[block].shift for block in self.blocks]
        return np.array(shifts).reshape(len(self.blocks), len(self.releases)).T

    @cached_property
    def drifting(self) -> dict[str, bool | None]:
        """Whether each item, in its newest wording, goes its own way; None where that cannot be told."""
        found = item_drift([self.items[block].table for block in self.blocks])
        return {it.item.partition(" ")[0]: it.flagged if it.status == "ok" else None for it in found}

    @cached_property
    def panel(self) -> Panel:
        """Of pulses that can be compared with the newest; where only a range is known, its middle."""
        shape = (len(self.units), len(self.releases), len(self.blocks))
        score, n, extra = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape)
        for point in self.points:
            at = self.at(point)
            if point.status not in ("ok", "bound") or not self.comparable[at[1:]]:
                continue
            least, most = (point.score, point.score) if point.at_least is None else (point.at_least, point.at_most)
            if least is not None and most is not None:
                score[at] = (least + most) / 2 - self.shift[at[1:]]
                extra[at] = _UNIFORM * (most - least) ** 2
                n[at] = self._behind(point)
        return Panel(
            parent=self._parents(),
            n=n,
            score=score,
            within=self._within(),
            headcount=self._headcounts(),
            step=self._step(),
            extra=extra,
        )

    def _behind(self, point: TrendPoint) -> int:
        """The least number who answered an item of the block."""
        release = self.releases[self.place[1][point.pulse]]
        figures = shown(release.unit[point.unit].figures, scored_blocks(release)[point.block])
        return min(figure.n for figure in figures or ())

    def _parents(self) -> npt.NDArray[np.int64]:
        """Of units that are gone, none: what they had below them must not make a team of today a department."""
        above = {unit.id: unit.parent for unit in self.releases[-1].units}
        parents = (above.get(unit) for unit in self.units)
        return np.array([-1 if parent is None else self.place[0][parent] for parent in parents], np.int64)

    def _within(self) -> Floats:
        """(T, B) variance of a person's score within teams; a pulse that releases none takes that of the others."""
        spreads = [_spreads(release, self.blocks) for release in self.releases]
        found = np.array([[_pooled(it) for it in row] for row in spreads]).reshape(len(spreads), len(self.blocks))
        known = np.isfinite(found)
        sums = np.where(known, found, 0.0).sum(axis=0)
        usual = np.where(known.any(axis=0), sums / np.maximum(known.sum(axis=0), 1), BOUND.variance)
        return np.where(known, found, usual)

    def _headcounts(self) -> Floats:
        found = np.full((len(self.units), len(self.releases)), np.nan)
        for at, release in enumerate(self.releases):
            for unit in release.units:
                if unit.figures is not None:
                    found[self.place[0][unit.id], at] = unit.figures.headcount
        return found

    def _step(self) -> float:
        """Points in one step of the scale, of the newest release's first scored item."""
        steps = [100 / (it.scale.points - 1) for release in self.releases[::-1] for it in release.asked if it.scored]
        return steps[0] if steps else 25.0


def _spreads(release: Release, blocks: Iterable[str]) -> list[Spread | None]:
    within, items = scatter(release), scored_blocks(release)
    return [within.of(items[block]) if block in items else None for block in blocks]


def _pooled(spread: Spread | None) -> float:
    return spread.variance if spread is not None and spread.basis == "pooled" else np.nan


def _positions(ids: Iterable[str]) -> dict[str, int]:
    return {id: place for place, id in enumerate(ids)}
