"""What a leader expected and what the team answered, block by block on one scale from 0 to 100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 480
_LEFT, _RIGHT = 16.0, 464.0
_HEAD, _ROW, _FOOT = 30.0, 58.0, 26.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Points of 100; score and interval None where the release does not give them."""

    name: str
    forecast: float
    score: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    y: float
    forecast: float
    score: float | None
    low: float
    width: float


@dataclass(frozen=True, slots=True)
class Expected:
    height: int
    bottom: float
    left: float
    right: float
    rows: tuple[Row, ...]
    grid: tuple[tuple[float, int], ...]


def expected(pairs: Sequence[Pair]) -> Expected:
    bottom = _HEAD + _ROW * len(pairs)
    rows = tuple(_row(pair, _HEAD + _ROW * place) for place, pair in enumerate(pairs))
    grid = tuple((_x(score), score) for score in (0, 25, 50, 75, 100))
    return Expected(round(bottom + _FOOT), bottom, _LEFT, _RIGHT, rows, grid)


def _row(pair: Pair, y: float) -> Row:
    if pair.score is None or pair.low is None or pair.high is None:
        return Row(pair.name, y, _x(pair.forecast), None, 0.0, 0.0)
    low, high = _x(pair.low), _x(pair.high)
    return Row(pair.name, y, _x(pair.forecast), _x(pair.score), low, round(high - low, 1))


def _x(points: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * points / 100, 1)
