"""Scores laid out as a table: units in the roster's order, indented by depth, by blocks; never ranked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from service.analytics.scores import Score
from service.analytics.status import Status
from service.release.release import Release
from service.survey.instrument import text_in

#: Where one colour ends and the next begins, in points of 100; fixed, so that a colour means the same every time.
EDGES = (35, 45, 55, 65, 75, 85)
#: Deeper units are indented as this depth: a phone has no room for more.
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """A score as it is read: whole points, and how far the 95 % interval reaches to its wider side.

    `step` is the colour, 1 lowest to 7 highest. Every figure is None unless `status` is "ok".
    """

    block: str
    name: str
    status: Status
    score: int | None = None
    reach: int | None = None
    low: int | None = None
    high: int | None = None
    n: int | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    unit: str
    name: str
    depth: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """One colour of the legend and the scores it stands for."""

    step: int
    label: str


LEGEND = tuple(
    Band(step, f"{low} to {high}")
    for step, (low, high) in enumerate(zip((0, *EDGES), (*(edge - 1 for edge in EDGES), 100), strict=True), 1)
)


def rows(release: Release, scores: Iterable[Score]) -> list[Row]:
    """One row a unit that has scores, in the release's order."""
    cells: dict[str, list[Cell]] = {}
    for score in scores:
        cells.setdefault(score.unit, []).append(_cell(release, score))
    deep = depths(release, cells)
    return [Row(unit, release.unit[unit].name, deep[unit], tuple(found)) for unit, found in cells.items()]


def depths(release: Release, units: Iterable[str]) -> dict[str, int]:
    """How far each unit stands below the highest of `units` above it; parents come first in a release."""
    wanted = set(units)
    found: dict[str, int] = {}
    for unit in release.units:
        if unit.id in wanted:
            found[unit.id] = 0 if unit.parent not in found else min(found[unit.parent] + 1, _DEEPEST)
    return found


def block_name(release: Release, block: str) -> str:
    known = release.instrument.block(block)
    return text_in(known.names, "en") if known else block


def _cell(release: Release, score: Score) -> Cell:
    name = block_name(release, score.block)
    if score.score is None or score.low is None or score.high is None:
        return Cell(score.block, name, score.status)
    points = round(score.score)
    return Cell(
        block=score.block,
        name=name,
        status=score.status,
        score=points,
        reach=round(max(score.high - score.score, score.score - score.low)),
        low=round(score.low),
        high=round(score.high),
        n=score.n,
        step=bisect_right(EDGES, points) + 1,
    )
