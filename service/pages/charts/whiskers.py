"""Changes as a picture: for each a dot and its interval about zero, on one axis for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.pages.charts.grid import Grid, Name, indented

#: Points either side of zero that a cell shows; what lies beyond ends at its edge.
REACH = 40
_WIDTH, _HEIGHT, _MARGIN = 150, 34, 8


@dataclass(frozen=True, slots=True)
class Move:
    """One change to draw, in points: figures None where there are none. `kind` is its class, `sign` empty unless it is
    told from chance, `reach` the minimum detectable change."""

    status: str
    kind: str
    sign: str
    change: float | None
    low: float | None
    high: float | None
    reach: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One unit; `moves` a block, None where nothing is told of it."""

    name: str
    depth: int
    moves: Sequence[Move | None]


@dataclass(frozen=True, slots=True)
class Whisker:
    """In hundredths of a cell's width, zero at 50: the dot, its interval, and the range within which a change would
    not be found."""

    dot: float
    low: float
    high: float
    unseen: tuple[float, float] | None


def whisker(it: Move) -> Whisker | None:
    """None where the change has no figures."""
    if it.change is None or it.low is None or it.high is None:
        return None
    unseen = None if it.reach is None else (_at(-it.reach), _at(it.reach))
    return Whisker(_at(it.change), _at(it.low), _at(it.high), unseen)


@dataclass(frozen=True, slots=True)
class Mark:
    """One change of the picture; places across the whole of it, `middle` that of its column."""

    move: Move
    middle: int
    dot: float | None
    low: float = 0
    high: float = 0


@dataclass(frozen=True, slots=True)
class Line:
    middle: int
    name: Name
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    grid: Grid
    lines: tuple[Line, ...]


def picture(rows: Sequence[Row], blocks: Sequence[str]) -> Picture:
    """`blocks` are the names of the moves' columns."""
    grid = Grid(blocks, len(rows), _WIDTH, _HEIGHT)
    lines = (
        Line(
            grid.top(place) + _HEIGHT // 2,
            indented(row.name, row.depth),
            tuple(_mark(move, x) for x, move in zip(grid.columns, row.moves, strict=True) if move),
        )
        for place, row in enumerate(rows)
    )
    return Picture(grid, tuple(lines))


def _mark(it: Move, x: int) -> Mark:
    drawn, middle = whisker(it), x + _WIDTH // 2
    if drawn is None:
        return Mark(it, middle, None)
    room = _WIDTH - 2 * _MARGIN
    scaled = (round(x + _MARGIN + room * at / 100, 1) for at in (drawn.dot, drawn.low, drawn.high))
    return Mark(it, middle, *scaled)


def _at(points: float) -> float:
    return round(50 + 50 * max(-1.0, min(1.0, points / REACH)), 1)
