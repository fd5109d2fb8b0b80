"""A unit's blocks side by side: each score, how it lies to what the unit is part of, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from service.pages import heat
from service.pages.bounds import bound
from service.pages.charts.standing import Gauge
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.verdicts import WORDS, Word, findable
from service.pages.records import Record, number, scored, text

if TYPE_CHECKING:
    from service.analytics.trends.alerts import Verdict

Side = Literal["above", "below", "alike"]


@dataclass(frozen=True, slots=True)
class Against:
    """Points by which the unit lies above `whole`, which it is part of, with the 95 % interval."""

    whole: str
    difference: float
    low: float
    high: float

    @property
    def side(self) -> Side:
        if self.low <= 0 <= self.high:
            return "alike"
        return "above" if self.difference > 0 else "below"


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict on a block, `neutral` where more of it is not better. The figures are points and None where nothing can
    be told; `since` names a pulse."""

    word: Word
    neutral: bool
    change: float | None
    low: float | None
    high: float | None
    since: str
    detectable: float | None

    @property
    def told(self) -> bool:
        return self.word.told

    @property
    def findable(self) -> int | None:
        return findable(self.detectable)

    @property
    def kind(self) -> str:
        return self.word.coloured(neutral=self.neutral)


@dataclass(frozen=True, slots=True)
class Standing:
    """A block in the unit. `lens` where it is none of the building blocks, `here` where it is the one chosen.

    Every figure is None that the release does not give.
    """

    block: str
    name: str
    lens: bool
    here: bool
    status: str
    n: int | None
    score: float | None
    low: float | None
    high: float | None
    at_least: float | None
    at_most: float | None
    against: tuple[Against, ...]
    change: Change | None

    @property
    def written(self) -> str:
        """The figure as it is read: a score in whole points, a bound, or a word for what is not there."""
        if self.at_least is not None and self.at_most is not None:
            return bound(self.at_least, self.at_most)
        if self.score is not None:
            return str(round(self.score))
        return "withheld" if self.status == "suppressed" else "too few answers"

    @property
    def gauge(self) -> Gauge:
        first = self.against[0] if self.against else None
        return Gauge(
            self.name,
            self.written,
            self.low,
            self.high,
            self.score,
            self.at_least,
            self.at_most,
            None if first is None or self.score is None else self.score - first.difference,
        )


def standings(frame: Frame, results: Sequence[Record], changes: Sequence[Record] | None) -> list[Standing]:
    """The rows of whole blocks in `results`, in their order; `changes` None where the key may not read them."""
    changed = None if changes is None else {text(row, "block"): row for row in changes}
    return [_standing(frame, row, changed) for row in results if not text(row, "item") and not text(row, "by")]


def _standing(frame: Frame, row: Record, changed: Mapping[str, Record] | None) -> Standing:
    block = text(row, "block")
    known = frame.release.instrument.block(block)
    told = None if changed is None else changed.get(block)
    lens = known is not None and known.kind != "block"
    return Standing(
        block=block,
        name=heat.block_name(frame.release, block),
        lens=lens,
        here=block == frame.block,
        **scored(row),
        against=_against(frame, row),
        change=None if told is None else _change(frame, told, neutral=lens),
    )


def _against(frame: Frame, row: Record) -> tuple[Against, ...]:
    """The whole and the unit above, once where they are one and the same."""
    above = frame.release.unit[frame.unit].parent
    seen = frame.release.unit[above].name if above is not None and above in frame.visible else ""
    organisation, parent = _gap(row, "organisation", "the organisation"), _gap(row, "parent", seen)
    if organisation is None or parent is None:
        return tuple(found for found in (organisation, parent) if found is not None)
    same = abs(organisation.difference - parent.difference) < 1e-9 and abs(organisation.low - parent.low) < 1e-9
    return (organisation,) if same else (organisation, parent)


def _gap(row: Record, column: str, name: str) -> Against | None:
    difference, low, high = (number(row, f"against_{column}{end}") for end in ("", "_low", "_high"))
    if difference is None or low is None or high is None:
        return None
    return Against(name, difference, low, high)


def _change(frame: Frame, row: Record, *, neutral: bool) -> Change:
    since = text(row, "since")
    return Change(
        WORDS[cast("Verdict", text(row, "verdict"))],
        neutral,
        number(row, "change"),
        number(row, "low"),
        number(row, "high"),
        next((it.label for it in frame.releases if it.pulse == since), ""),
        number(row, "minimum_detectable_change"),
    )
