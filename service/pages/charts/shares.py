"""How much of one block's differences goes with each other block: bars with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 360
_LEFT, _ACROSS = 2.0, 290.0
_HEAD, _ROW, _FOOT = 6.0, 44.0, 6.0


@dataclass(frozen=True, slots=True)
class Share:
    """Parts of one, with the ends of the 95 % interval."""

    name: str
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    percent: int
    y: float
    width: float
    low: float
    high: float
    label: float


@dataclass(frozen=True, slots=True)
class Shares:
    height: int
    left: float
    right: float
    bars: tuple[Bar, ...]


def shares(parts: Sequence[Share]) -> Shares:
    """In the order given; the whole width is all that the other blocks tell together."""
    bars = tuple(_bar(part, _HEAD + _ROW * row) for row, part in enumerate(parts))
    return Shares(round(_HEAD + _ROW * len(parts) + _FOOT), _LEFT, _LEFT + _ACROSS, bars)


def _bar(part: Share, y: float) -> Bar:
    low, high = _x(part.low), _x(part.high)
    width = round(_x(part.share) - _LEFT, 1)
    return Bar(part.name, round(100 * part.share), y, width, low, high, round(max(high, _LEFT + width) + 8, 1))


def _x(share: float) -> float:
    return round(_LEFT + _ACROSS * min(max(share, 0.0), 1.0), 1)
