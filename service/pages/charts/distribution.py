"""How the answers to each item lie along its scale: shares side by side in one bar an item, lowest point first."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
_LEFT, _RIGHT = 16.0, 704.0
_WRAP = 96
_LINE, _BAR, _GAP, _TOP = 17.0, 26.0, 20.0, 52.0
#: A share narrower than this, in percent, has no room for its figure.
_ROOM = 7.0


@dataclass(frozen=True, slots=True)
class Share:
    """Answers at one point of the scale: `start` and `width` in percent of the bar, `step` its colour, 1 to 7."""

    label: str
    count: int
    start: float
    width: float
    step: int

    @property
    def middle(self) -> float:
        return round(self.start + self.width / 2, 2)

    @property
    def percent(self) -> int:
        return round(self.width)

    @property
    def written(self) -> bool:
        return self.width >= _ROOM


@dataclass(frozen=True, slots=True)
class Bar:
    """One item in the picture to take away: its words and shares, in the SVG's units."""

    lines: tuple[tuple[float, str], ...]
    y: float
    shares: tuple[Share, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Picture:
    bars: tuple[Bar, ...]
    legend: tuple[Share, ...]
    height: float

    def x(self, percent: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * percent / 100, 1)


def shares(counts: Sequence[int], labels: Sequence[str]) -> tuple[Share, ...]:
    """Colours go evenly from the lowest point to the highest. Nothing where nobody answered."""
    total = sum(counts)
    if not total:
        return ()
    found, before = [], 0
    for place, (count, label) in enumerate(zip(counts, labels, strict=True)):
        start, width = 100 * before / total, 100 * count / total
        found.append(Share(label, count, round(start, 2), round(width, 2), _step(place, len(counts))))
        before += count
    return tuple(found)


def picture(items: Sequence[tuple[str, tuple[Share, ...], str]], labels: Sequence[str]) -> Picture:
    """`items` are each its words, its shares (none where they are withheld) and a note that stands instead."""
    bars, y = [], _TOP
    for words, bar, note in items:
        lines = [(round(y + _LINE * index, 1), line) for index, line in enumerate(textwrap.wrap(words, _WRAP))]
        y += _LINE * len(lines) - 8
        bars.append(Bar(tuple(lines), round(y, 1), bar, note))
        y += _BAR + _GAP + 8
    return Picture(tuple(bars), shares([1] * len(labels), labels), round(y, 1))


def _step(place: int, points: int) -> int:
    return 1 + round(6 * place / max(points - 1, 1))
