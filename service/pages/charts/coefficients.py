"""Coefficients from 0 to 1 with their intervals, a row a block and a panel a kind: where all of it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 830
_LEFT, _PANEL, _GAP, _TOP, _STEP, _FOOT = 278.0, 160.0, 24.0, 62.0, 38.0, 30.0


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A value with its 95 % interval; each None where it could not be computed."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Panel:
    """One kind: what it is called, what it is, where convention draws its lines, and one coefficient a row."""

    name: str
    meaning: str
    customary: tuple[float, ...]
    rows: Sequence[Coefficient]


@dataclass(frozen=True, slots=True)
class Mark:
    """`x` None where there is nothing to draw; `label` is written beside it; `below` says that the interval goes on
    to the left of zero."""

    y: float
    x: float | None
    low: float | None
    high: float | None
    label: str
    below: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    name: str
    meaning: str
    left: float
    right: float
    lines: tuple[tuple[float, str], ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """`names` with the height of their row, `foot` the height of the labels below."""

    names: tuple[tuple[float, str], ...]
    panels: tuple[Drawn, ...]
    top: float
    foot: float
    height: float


def picture(names: Sequence[str], panels: Sequence[Panel]) -> Picture:
    rows = [_TOP + _STEP * (row + 0.5) for row in range(len(names))]
    bottom = _TOP + _STEP * len(names)
    drawn = tuple(_drawn(panel, _LEFT + at * (_PANEL + _GAP), rows) for at, panel in enumerate(panels))
    return Picture(tuple(zip(rows, names, strict=True)), drawn, _TOP, bottom + 18, bottom + _FOOT)


def written(value: float | None) -> str:
    """Two places and no leading zero, as coefficients are printed: .85, −.02, 1.00; "" for none."""
    if value is None:
        return ""
    figure = f"{abs(value):.2f}".removeprefix("0")
    return f"−{figure}" if value < 0 and figure != ".00" else figure


def _drawn(panel: Panel, left: float, rows: Sequence[float]) -> Drawn:
    marks = tuple(_mark(it, left, y) for it, y in zip(panel.rows, rows, strict=True))
    lines = tuple((_x(left, at), written(at)) for at in panel.customary)
    return Drawn(panel.name, panel.meaning, left, left + _PANEL, lines, marks)


def _mark(it: Coefficient, left: float, y: float) -> Mark:
    x, low, high = (None if value is None else _x(left, value) for value in (it.value, it.low, it.high))
    return Mark(y, x, low, high, written(it.value), it.low is not None and it.low < 0)


def _x(left: float, value: float) -> float:
    return round(left + _PANEL * min(1.0, max(0.0, value)), 1)
