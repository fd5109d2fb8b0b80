"""The trend of every unit and block: what was measured, what the model makes of it, and what stands between points."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from service.analytics.points import TrendPoint
from service.analytics.series import Series
from service.analytics.trends.fit import Trends

METHOD = "trend-1"
#: Half the width of an interval, in standard errors.
REACH = 1.6448536269514722  # the normal's .95


@dataclass(frozen=True, slots=True)
class Estimate:
    """Points, with a 90 % interval; within 0 to 100 where a score is meant."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Trend:
    """One point of a trend, in points of 0 to 100.

    `smoothed` is this team now, its present members; `climate` apart from who happens to be in it; both None where
    the model has nothing to go by. `adjusted` is the score free of which items were asked. `surprise` in standard
    errors. `comparison_group` numbers the pulses that items tie together. `breaks`: "shift", "reorganised",
    "reworded", "incomparable". `verdict` at the newest pulse only.
    """

    point: TrendPoint
    comparison_group: int | None
    adjusted: float | None
    smoothed: Estimate | None
    climate: Estimate | None
    surprise: float | None
    breaks: tuple[str, ...]
    verdict: str | None


def trends(
    series: Series,
    fitted: Trends,
    verdicts: Mapping[tuple[str, str], str],
    reorganised: Collection[tuple[str, str]],
) -> Iterator[Trend]:
    """In the order of the series' points. `verdicts` by unit and block; `reorganised` names a unit and the pulse in
    which it first was made of other units than before."""
    newest = len(series.releases) - 1
    for point in series.points:
        at = series.at(point)
        _, pulse, block = at
        group = int(series.items[point.block].component[pulse])
        # Where nothing is shown nothing is told either, though the model could fill the gap from what lies around it.
        inside = bool(series.comparable[pulse, block]) and point.status in ("ok", "bound")
        yield Trend(
            point,
            None if group < 0 else group,
            _number(series.panel.score[at]),
            _estimate(fitted.present[at], fitted.present_sd[at]) if inside else None,
            _estimate(fitted.climate[at], fitted.climate_sd[at]) if inside else None,
            _number(fitted.surprise[at]),
            tuple(_breaks(series, fitted, at, inside, (point.unit, point.pulse) in reorganised)),
            verdicts.get((point.unit, point.block)) if pulse == newest else None,
        )


def _breaks(series: Series, fitted: Trends, at: tuple[int, int, int], inside: bool, reorganised: bool) -> Iterator[str]:
    _, pulse, block = at
    items = series.items[series.blocks[block]]
    if reorganised:
        yield "reorganised"
    elif inside and fitted.breaks[at]:
        yield "shift"
    if items.reworded[pulse]:
        yield "reworded"
    asked = np.flatnonzero(items.component[:pulse] >= 0)
    if len(asked) and items.component[pulse] not in (-1, items.component[asked[-1]]):
        yield "incomparable"


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _estimate(value: float, sd: float) -> Estimate | None:
    if not (np.isfinite(value) and np.isfinite(sd)):
        return None
    half = REACH * float(sd)
    inside = min(max(float(value), 0.0), 100.0)
    return Estimate(inside, max(0.0, float(value) - half), min(100.0, float(value) + half))
