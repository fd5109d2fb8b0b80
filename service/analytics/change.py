"""How far a block moved between two pulses, over the items that can be compared, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from service.analytics.block import Items, block_range, exact
from service.analytics.quantile import TWO_SIDED_95, detectable, student_t
from service.analytics.scatter import Scatter, Spread
from service.release.release import PublicUnit, Release
from service.survey.instrument import Item


@dataclass(frozen=True, slots=True)
class Change:
    """Points from the earlier to the later pulse, a 95 % interval, and the least true change that such an
    interval would miss zero for in four cases of five."""

    change: float
    low: float
    high: float
    minimum_detectable: float


@dataclass(frozen=True, slots=True)
class Side:
    """One pulse's version of the compared items, and how far people scatter on them there."""

    items: Items
    spread: Spread

    def read(self, unit: PublicUnit) -> tuple[float, float] | None:
        """The unit's score over these items and the variance of its error; None where it is not shown exactly."""
        figures = exact(unit.figures, self.items)
        if figures is None or not all(figure.n for figure in figures):
            return None
        return block_range(self.items, figures)[0], self.spread.variance / min(figure.n for figure in figures)


@dataclass(frozen=True, slots=True)
class Comparison:
    earlier: Side
    later: Side

    def of(self, earlier: PublicUnit, later: PublicUnit) -> Change | None:
        """The two errors are taken as independent: part of both teams is the same people, whose steady leanings
        cancel in the difference, so that the interval is if anything too wide."""
        before, after = self.earlier.read(earlier), self.later.read(later)
        if before is None or after is None:
            return None
        error = math.sqrt(before[1] + after[1])
        df = self._df(before[1], after[1])
        moved, reach = after[0] - before[0], student_t(TWO_SIDED_95, df) * error
        return Change(moved, max(-100.0, moved - reach), min(100.0, moved + reach), detectable(df, error))

    def _df(self, earlier: float, later: float) -> float:
        """Welch (1947) and Satterthwaite (1946); infinite where neither variance is an estimate."""
        doubt = earlier**2 / self.earlier.spread.df + later**2 / self.later.spread.df
        return (earlier + later) ** 2 / doubt if doubt else math.inf


def compare(
    earlier: Release, later: Release, block: str, earlier_scatter: Scatter, later_scatter: Scatter
) -> Comparison | None:
    """On the items of the block both pulses asked in the same words; None when there is none.

    A wording changed is another item: the two answers do not measure the same thing.
    """
    if earlier.instrument.id != later.instrument.id:
        return None
    pairs = _shared(_scored(earlier, block), _scored(later, block))
    if not pairs:
        return None
    before, after = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    return Comparison(Side(before, earlier_scatter.of(before)), Side(after, later_scatter.of(after)))


def _scored(release: Release, block: str) -> Items:
    return tuple(item for item in release.asked if item.block == block and item.scored)


def _shared(earlier: Sequence[Item], later: Sequence[Item]) -> list[tuple[Item, Item]]:
    before = {item.id: item for item in earlier}
    return [(before[item.id], item) for item in later if item.id in before and same_wording(before[item.id], item)]


def same_wording(earlier: Item, later: Item) -> bool:
    """Same points, same key, and the same text in every language both have: a translation may be added."""
    languages = earlier.texts.keys() & later.texts.keys()
    return (
        bool(languages)
        and all(earlier.texts[language] == later.texts[language] for language in languages)
        and (earlier.scale.low, earlier.scale.high, earlier.reverse)
        == (later.scale.low, later.scale.high, later.reverse)
    )
