"""How a unit's score lies to what it is part of, the organisation and the unit above: differences, and never a rank."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.analytics.block import Figures, Items, block_range, exact, scored_blocks, topmost
from service.analytics.quantile import TWO_SIDED_95, detectable, student_t
from service.analytics.scatter import Scatter, scatter
from service.analytics.scores import Score
from service.release.release import ItemFigures, Release


@dataclass(frozen=True, slots=True)
class Gap:
    """Points by which a unit lies above what it is part of, with a 95 % interval."""

    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`minimum_detectable_change`: the least true change between two pulses, each with as many respondents as this
    one, that a 95 % interval of the change would miss zero for in four cases of five. None where nothing is to say."""

    organisation: Gap | None = None
    parent: Gap | None = None
    minimum_detectable_change: float | None = None


#: A score, and on how many people it rests.
_Read = tuple[float, int]


@dataclass
class Benchmarks:
    """Of one release, worked out once for each block and item."""

    release: Release
    _scatter: Scatter = field(init=False)
    _whole: dict[tuple[str, ...], _Read | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._scatter = scatter(self.release)

    def of(self, score: Score) -> Benchmark:
        """Of whole units with a score; a slice is held against nothing.

        A part against its whole: with the same scatter s of persons in both, the variance of the difference is
        s^2 (1 / n - 1 / N), since the whole holds the part.
        """
        items = self._items(score)
        own = _read(self.release.unit[score.unit].figures, items)
        if score.status != "ok" or score.by or own is None or not items:
            return Benchmark()
        spread = self._scatter.of(items)
        upper = student_t(TWO_SIDED_95, spread.df)
        above = self.release.unit[score.unit].parent
        return Benchmark(
            self._gap(own, self._organisation(items), spread.variance, upper),
            None if above is None else self._gap(own, self._of_unit(above, items), spread.variance, upper),
            detectable(spread.df, math.sqrt(2 * spread.variance / own[1])),
        )

    def _items(self, score: Score) -> Items:
        if score.item is None:
            return scored_blocks(self.release)[score.block]
        return tuple(item for item in self.release.asked if item.id == score.item and item.scored)

    def _of_unit(self, unit: str, items: Items) -> _Read | None:
        return _read(self.release.unit[unit].figures, items)

    def _organisation(self, items: Items) -> _Read | None:
        ids = tuple(item.id for item in items)
        if ids not in self._whole:
            self._whole[ids] = _together(self.release, items)
        return self._whole[ids]

    def _gap(self, own: _Read, whole: _Read | None, variance: float, upper: float) -> Gap | None:
        if whole is None or whole[1] <= own[1]:
            return None
        difference = own[0] - whole[0]
        half = upper * math.sqrt(variance * (1 / own[1] - 1 / whole[1]))
        return Gap(difference, difference - half, difference + half)


def _read(group: Figures, items: Items) -> _Read | None:
    figures = exact(group, items)
    if not figures or not all(figure.n for figure in figures):
        return None
    return block_range(items, figures)[0], min(figure.n for figure in figures)


def _together(release: Release, items: Items) -> _Read | None:
    """Everybody in the topmost units that show these items exactly."""
    found = topmost(release, lambda unit: exact(unit.figures, items))
    added = [_added(each) for each in zip(*found, strict=True)]
    if not added or not all(figure.n for figure in added):
        return None
    return block_range(items, added)[0], min(figure.n for figure in added)


def _added(figures: Sequence[ItemFigures]) -> ItemFigures:
    total = sum(figure.least for figure in figures)
    return ItemFigures(sum(figure.n for figure in figures), total, total)
