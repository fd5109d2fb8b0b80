"""Changes as a picture: for each a dot and its interval about zero, on one axis for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.pages.charts.steps import broken, cut
from service.pages.dashboard.branches import Twig
from service.pages.dashboard.told import Told

#: Points either side of zero that a cell shows; what lies beyond ends at its edge.
REACH = 40
_NAMES, _WIDTH, _HEIGHT, _TOP = 240, 150, 34, 64


@dataclass(frozen=True, slots=True)
class Whisker:
    """In hundredths of a cell's width, zero at 50: the dot, its interval, and the range within which a change would
    not be found."""

    dot: float
    low: float
    high: float
    unseen: tuple[float, float] | None


def whisker(it: Told) -> Whisker | None:
    """None where the change has no figures."""
    if it.change is None or it.low is None or it.high is None:
        return None
    unseen = None if it.reach is None else (_at(-it.reach), _at(it.reach))
    return Whisker(_at(it.change), _at(it.low), _at(it.high), unseen)


@dataclass(frozen=True, slots=True)
class Mark:
    """One change of the picture; places across the whole of it."""

    told: Told
    x: int
    dot: float | None
    low: float = 0
    high: float = 0


@dataclass(frozen=True, slots=True)
class Line:
    middle: int
    x: int
    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    headings: tuple[tuple[int, tuple[str, ...]], ...]
    lines: tuple[Line, ...]
    width: int
    height: int
    column: int = _WIDTH


def picture(twigs: Sequence[Twig], told: Mapping[tuple[str, str], Told], blocks: Mapping[str, str]) -> Picture:
    """`told` by unit and block, `blocks` their names by id."""
    places = {block: _NAMES + _WIDTH * index for index, block in enumerate(blocks)}
    lines = tuple(
        Line(
            _TOP + _HEIGHT * index + _HEIGHT // 2,
            14 + 12 * twig.depth,
            cut(twig.name, 30 - 2 * twig.depth),
            tuple(_mark(told[twig.unit, block], x) for block, x in places.items() if (twig.unit, block) in told),
        )
        for index, twig in enumerate(twigs)
    )
    headings = tuple((x + _WIDTH // 2, broken(blocks[block])) for block, x in places.items())
    return Picture(headings, lines, _NAMES + _WIDTH * len(blocks) + 14, _TOP + _HEIGHT * len(lines) + 44)


def _mark(it: Told, x: int) -> Mark:
    drawn = whisker(it)
    if drawn is None:
        return Mark(it, x, None)
    scaled = (round(x + 8 + (_WIDTH - 16) * at / 100, 1) for at in (drawn.dot, drawn.low, drawn.high))
    return Mark(it, x, *scaled)


def _at(points: float) -> float:
    return round(50 + 50 * max(-1.0, min(1.0, points / REACH)), 1)
