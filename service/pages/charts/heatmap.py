"""A heat map as a picture: units from top to bottom, blocks from left to right, where each cell and word stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.pages.charts.grid import Grid, Name, indented
from service.pages.heat import Cell

_WIDTH, _HEIGHT = 120, 30


@dataclass(frozen=True, slots=True)
class Row:
    """One unit, and a cell of each block."""

    name: str
    depth: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Square:
    x: int
    cell: Cell

    @property
    def kind(self) -> str:
        """The class that gives it its ground."""
        if self.cell.neutral and self.cell.step:
            return "neutral"
        return f"step-{self.cell.step}" if self.cell.step else "withheld"

    @property
    def value(self) -> str:
        if self.cell.bound:
            return self.cell.bound
        return "\N{MIDDLE DOT}" if self.cell.score is None else f"{self.cell.score} ±{self.cell.reach}"


@dataclass(frozen=True, slots=True)
class Line:
    """One unit; `y` is the top of its cells."""

    y: int
    name: Name
    squares: tuple[Square, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    grid: Grid
    lines: tuple[Line, ...]


def picture(rows: Sequence[Row], blocks: Sequence[str]) -> Picture:
    """`blocks` are the names of the cells' columns."""
    grid = Grid(blocks, len(rows), _WIDTH, _HEIGHT)
    lines = (
        Line(
            grid.top(place),
            indented(row.name, row.depth),
            tuple(Square(x, cell) for x, cell in zip(grid.columns, row.cells, strict=True)),
        )
        for place, row in enumerate(rows)
    )
    return Picture(grid, tuple(lines))
