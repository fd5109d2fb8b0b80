"""A unit's blocks beneath each other on one scale from 0 to 100: each score, its interval, what it is part of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
_LEFT, _RIGHT = 290.0, 640.0
_TOP, _ROW, _FOOT = 44.0, 44.0, 34.0


@dataclass(frozen=True, slots=True)
class Gauge:
    """Where a block stands on the scale, in points; `whole` is the score of what the unit is part of.

    `score` is None and `least` to `most` are given where only a bound is shown; all are None where it is withheld.
    """

    name: str
    written: str
    low: float | None = None
    high: float | None = None
    score: float | None = None
    least: float | None = None
    most: float | None = None
    whole: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    gauges: Sequence[Gauge]
    whole: str

    @property
    def rows(self) -> list[tuple[float, Gauge]]:
        return [(_TOP + _ROW * place + _ROW / 2, gauge) for place, gauge in enumerate(self.gauges)]

    @property
    def bottom(self) -> float:
        return _TOP + _ROW * len(self.gauges)

    @property
    def height(self) -> float:
        return self.bottom + _FOOT

    @property
    def grid(self) -> list[tuple[float, int]]:
        return [(self.x(score), score) for score in (0, 25, 50, 75, 100)]

    def x(self, score: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * score / 100, 1)
