"""What a leader expected the team to answer against what it did, with the noise that a team's score has."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Literal

from service.analytics.block import exact, scored_blocks
from service.analytics.quantile import TWO_SIDED_95, student_t
from service.analytics.scatter import scatter
from service.analytics.scores import BlockMeasure, block_measures
from service.analytics.status import Status
from service.release.release import PublicUnit, Release

#: A leader's forecast: for each block, the score (0 to 100) they expect.
Forecast = Mapping[str, float]

#: A gap this many standard errors wide is worth a word: with no true gap one in eighty is.
NOTEWORTHY = 2.5


@dataclass(frozen=True, slots=True)
class Gap:
    """One block of a leader's forecast; what follows `status` is None unless that is "ok".

    `gap` is forecast less score in points of 100, above zero where the leader expected more, with the score's 95 %
    interval turned into its own, `low` to `high`. `error` is the standard error of the score, `z` the gap's size in
    it, never below zero. `noteworthy` only where z is above 2.5. Small gaps are everywhere: the score carries chance,
    and a guess has noise of its own which neither interval nor z know of. With no true gap at all, half of all gaps
    exceed half a scale point, 12.5 of 100 where there are five.
    """

    pulse: str
    unit: str
    block: str
    forecast: float
    status: Status | Literal["unreleased"]
    n: int | None = None
    score: float | None = None
    gap: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    z: float | None = None
    noteworthy: bool | None = None


@dataclass(frozen=True, slots=True)
class MeanGap:
    """One block over all leaders who may be counted: their number, the mean of their gaps and its 95 % interval in
    points of 100, all rounded to whole ones; None where `status` is "suppressed"."""

    block: str
    status: Literal["ok", "suppressed"]
    leads: int | None = None
    gap: int | None = None
    low: int | None = None
    high: int | None = None


def gaps(release: Release, unit: str, forecast: Forecast) -> Iterator[Gap]:
    """One for each block forecast that the pulse scores, in the instrument's order; `unit` must be in the release."""
    for measure in block_measures(release, scatter(release), forecast.keys()):
        yield _gap(measure, release.unit[unit], forecast[measure.block])


def mean_gaps(release: Release, forecasts: Mapping[str, Forecast]) -> Iterator[MeanGap]:
    """One for each building block the pulse scores, over `forecasts` by unit.

    The same leaders are counted in every block: those who forecast every one of them, for a team all of whose scores
    are released exactly. Counted block by block, a leader who left one out would be told by what the blocks differ in.
    With fewer leaders than the release's threshold nothing is said, not even how many.

    The interval is Student's t over the leaders' gaps. Their variance is taken as at least that of chance in the
    scores: one of no width would say of every leader what their gap is.
    """
    measures = block_measures(release, scatter(release), forecast_blocks(release))
    rows = [row for row in (_row(release, measures, *given) for given in forecasts.items()) if row is not None]
    for place, measure in enumerate(measures):
        if len(rows) < release.threshold:
            yield MeanGap(measure.block, "suppressed")
        else:
            yield _mean(measure.block, [row[place] for row in rows])


def forecast_blocks(release: Release) -> Collection[str]:
    """The building blocks the pulse scores: what an organisation's mean gaps are given of. Lenses are none."""
    kinds = {block.id: block.kind for block in release.instrument.blocks}
    return [block for block in scored_blocks(release) if kinds[block] == "block"]


def _gap(measure: BlockMeasure, unit: PublicUnit, forecast: float) -> Gap:
    score = measure.of(unit.id, unit.figures)
    error = _error(measure, unit)
    if score.score is None or score.low is None or score.high is None or error is None:
        return Gap(measure.pulse, unit.id, measure.block, forecast, score.status)
    gap = forecast - score.score
    z = abs(gap) / error
    return Gap(
        measure.pulse,
        unit.id,
        measure.block,
        forecast,
        "ok",
        score.n,
        score.score,
        gap,
        forecast - score.high,
        forecast - score.low,
        error,
        z,
        z > NOTEWORTHY,
    )


def _error(measure: BlockMeasure, unit: PublicUnit) -> float | None:
    """As the score's interval has it: persons' scatter over the least number who answered an item."""
    figures = exact(unit.figures, measure.items)
    least = 0 if figures is None else min(figure.n for figure in figures)
    return math.sqrt(measure.spread.variance / least) if least else None


def _row(
    release: Release, measures: Collection[BlockMeasure], unit: str, forecast: Forecast
) -> list[tuple[float, float]] | None:
    """The unit's gap and error in each block; None unless there is one in all of them."""
    if unit not in release.unit or any(measure.block not in forecast for measure in measures):
        return None
    found = [_gap(measure, release.unit[unit], forecast[measure.block]) for measure in measures]
    pairs = [(it.gap, it.error) for it in found if it.gap is not None and it.error is not None]
    return pairs if len(pairs) == len(found) else None


def _mean(block: str, pairs: Collection[tuple[float, float]]) -> MeanGap:
    leads = len(pairs)
    gap = fmean(gap for gap, _ in pairs)
    scatters = max(variance(gap for gap, _ in pairs), fmean(error**2 for _, error in pairs))
    reach = student_t(TWO_SIDED_95, leads - 1) * math.sqrt(scatters / leads)
    return MeanGap(block, "ok", leads, round(gap), round(gap - reach), round(gap + reach))
