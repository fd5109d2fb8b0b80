"""Scores laid out as a table: units in the roster's order, indented by depth, by blocks; never ranked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.analytics.scores import Score
from service.analytics.status import Status
from service.pages.bounds import bound
from service.release.release import Release
from service.survey.instrument import text_in

#: Where one colour ends and the next begins, in points of 100; fixed, so that a colour means the same every time.
EDGES = (35, 45, 55, 65, 75, 85)
#: Deeper units are indented as this depth: a phone has no room for more.
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """A score as it is read: whole points, and how far the 95 % interval reaches to its wider side.

    `step` is the colour, 1 lowest to 7 highest. Every figure is None unless `status` is "ok" or "bound"; then it is
    `bound` instead of score and reach, `least` to `most` in points, and the colour is that of its middle.
    `neutral` where more is not better, as at the poles of a lens: then the colour is not to be shown.
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
    bound: str | None = None
    least: int | None = None
    most: int | None = None
    neutral: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """One colour of the legend and the scores it stands for."""

    step: int
    label: str


LEGEND = tuple(
    Band(step, f"{low} to {high}")
    for step, (low, high) in enumerate(zip((0, *EDGES), (*(edge - 1 for edge in EDGES), 100), strict=True), 1)
)


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


def cell(release: Release, score: Score) -> Cell:
    known = release.instrument.block(score.block)
    neutral = known is not None and known.kind == "lens"
    bare = Cell(score.block, block_name(release, score.block), score.status, n=score.n, neutral=neutral)
    if score.low is None or score.high is None:
        return bare
    low, high = round(score.low), round(score.high)
    if score.at_least is not None and score.at_most is not None:
        return replace(
            bare,
            low=low,
            high=high,
            step=_step((score.at_least + score.at_most) / 2),
            bound=bound(score.at_least, score.at_most),
            least=round(score.at_least),
            most=round(score.at_most),
        )
    if score.score is None:
        return bare
    reach = round(max(score.high - score.score, score.score - score.low))
    return replace(bare, score=round(score.score), reach=reach, low=low, high=high, step=_step(score.score))


def _step(points: float) -> int:
    return bisect_right(EDGES, round(points)) + 1
