"""The blocks of one unit on one axis from 0 to 100: where dots, intervals, bounds and names stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.pages.heat import Cell

WIDTH = 760
_LEFT, _RIGHT, _TOP, _STEP = 290.0, 690.0, 40.0, 46.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One block; `middle` is its height, `x` the dot, `low` to `high` the interval, `least` to `most` a bound and
    `before` the last pulse's dot: None where there is none. `value` is what is written at the end of the row."""

    name: str
    status: str
    middle: float
    value: str
    x: float | None = None
    low: float | None = None
    high: float | None = None
    least: float | None = None
    most: float | None = None
    before: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, int], ...]
    height: float


def picture(cells: Sequence[Cell], before: Mapping[str, int]) -> Picture:
    """`before` are the scores of the last pulse by block, of those that can be compared."""
    bars = tuple(_bar(cell, _TOP + _STEP * (row + 0.5), before.get(cell.block)) for row, cell in enumerate(cells))
    grid = tuple((_x(score), score) for score in (0, 25, 50, 75, 100))
    return Picture(bars, grid, _TOP + _STEP * len(bars) + 34)


def _bar(cell: Cell, middle: float, before: int | None) -> Bar:
    value = cell.bound or ("" if cell.score is None else str(cell.score))
    places = (cell.score, cell.low, cell.high, cell.least, cell.most, before)
    x, low, high, least, most, was = (None if points is None else _x(points) for points in places)
    return Bar(cell.name, cell.status, middle, value, x, low, high, least, most, was)


def _x(points: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * points / 100, 1)
