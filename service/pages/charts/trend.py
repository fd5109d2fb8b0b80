"""A unit's scores along a series as an SVG: where each point, interval and label stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.analytics.points import TrendPoint
from service.pages.bounds import bound

WIDTH, HEIGHT = 600, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 576.0, 18.0, 252.0
_MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """One pulse on the chart, in the SVG's units; `y`, `top` and `bottom` are None where the point has no score.

    Where only a bound is shown it is written in `bound`, `top` and `bottom` are its ends, and no line comes to it.
    """

    x: float
    day: str
    score: int | None
    y: float | None
    top: float | None
    bottom: float | None
    labelled: bool
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid and the score it stands for."""

    y: float
    score: int


@dataclass(frozen=True, slots=True)
class Chart:
    """`paths` join neighbouring points that both have a score: a gap is a gap."""

    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    paths: tuple[str, ...]

    @property
    def bounded(self) -> bool:
        return any(mark.bound for mark in self.marks)

    @property
    def gaps(self) -> bool:
        return any(mark.top is None for mark in self.marks)


def chart(points: Sequence[TrendPoint]) -> Chart:
    """Pulses stand apart as their closing days do; the scale is always 0 to 100, so that a change looks its size."""
    places = _across([point.closed_on for point in points])
    every = -(-len(points) // _MOST_LABELS)
    marks = tuple(
        _mark(point, x, labelled=(len(points) - 1 - index) % every == 0)
        for index, (point, x) in enumerate(zip(points, places, strict=True))
    )
    lines = tuple(Line(_y(score), score) for score in (0, 25, 50, 75, 100))
    return Chart(marks, lines, tuple(_paths(marks)))


def short(day: date) -> str:
    return f"{day:%b %Y}"


def _mark(point: TrendPoint, x: float, *, labelled: bool) -> Mark:
    if point.at_least is not None and point.at_most is not None:
        top, bottom = _y(point.at_most), _y(point.at_least)
        label = bound(point.at_least, point.at_most)
        return Mark(x, short(point.closed_on), None, None, top, bottom, labelled, label)
    if point.score is None or point.low is None or point.high is None:
        return Mark(x, short(point.closed_on), None, None, None, None, labelled)
    return Mark(x, short(point.closed_on), round(point.score), _y(point.score), _y(point.high), _y(point.low), labelled)


def _paths(marks: Sequence[Mark]) -> list[str]:
    runs: list[list[str]] = [[]]
    for mark in marks:
        if mark.y is None:
            runs.append([])
        else:
            runs[-1].append(f"{mark.x},{mark.y}")
    return [" ".join(run) for run in runs if len(run) > 1]


def _y(score: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * score / 100, 1)


def _across(days: Sequence[date]) -> list[float]:
    inner, outer = _LEFT + 24, _RIGHT - 24
    span = (days[-1] - days[0]).days if days else 0
    if not span:
        return [round((inner + outer) / 2, 1) for _ in days]
    return [round(inner + (outer - inner) * (day - days[0]).days / span, 1) for day in days]
