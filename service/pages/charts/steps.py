"""A heat map as a picture: units from top to bottom, blocks from left to right, where each cell and word stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.pages.dashboard.heat import Cell, Row

_NAMES, _WIDTH, _HEIGHT, _TOP = 240, 120, 30, 64
#: Letters of a name that fit beside the cells, and of a block's above them.
_NAME, _HEADING = 30, 17


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
    x: int
    name: str
    squares: tuple[Square, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """`headings` are the blocks, each as the lines it is broken into, with the middle of its column."""

    headings: tuple[tuple[int, tuple[str, ...]], ...]
    lines: tuple[Line, ...]
    width: int
    height: int
    cell: tuple[int, int] = (_WIDTH, _HEIGHT)


def picture(rows: Sequence[Row], headings: Sequence[str]) -> Picture:
    places = [_NAMES + _WIDTH * index for index in range(len(headings))]
    lines = tuple(
        Line(
            _TOP + _HEIGHT * index,
            14 + 12 * row.depth,
            cut(row.name, _NAME - 2 * row.depth),
            tuple(Square(x, cell) for x, cell in zip(places, row.cells, strict=True)),
        )
        for index, row in enumerate(rows)
    )
    named = tuple((x + _WIDTH // 2, broken(name)) for x, name in zip(places, headings, strict=True))
    return Picture(named, lines, _NAMES + _WIDTH * len(headings) + 14, _TOP + _HEIGHT * len(rows) + 44)


def cut(name: str, most: int) -> str:
    """The name, or as much of it as `most` letters hold with the sign that there is more."""
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def broken(name: str) -> tuple[str, ...]:
    """Into lines of whole words, three at the most."""
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + len(word) < _HEADING:
            lines[-1] += f" {word}"
        else:
            lines.append(cut(word, _HEADING))
    return tuple(lines[:3])
