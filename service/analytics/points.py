"""Block scores along a series of pulses, and the change at each: plain figures, without a verdict.

No word such as "improved" stands here. A verdict at every point of every team would be wrong hundreds of
times a pulse in a large organisation unless false alarms are controlled over all of them at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from service.analytics.change import Change, Comparison, compare
from service.analytics.scatter import Scatter, scatter
from service.analytics.scores import BlockMeasure, Score, block_measures
from service.analytics.status import Status
from service.release.release import Release


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A block in one unit and pulse of a series; every figure None unless `status` is "ok".

    With status "bound" the score lies from `at_least` to `at_most`; see Score. `change` in points from the previous
    point of this unit and block that is "ok", over the items both asked in the same words, with its 95 % interval;
    None at the first point. `comparable` tells whether there were such items, None where there is nothing to compare.
    """

    series: str
    unit: str
    block: str
    pulse: str
    label: str
    closed_on: date
    status: Status
    n: int | None = None
    score: float | None = None
    low: float | None = None
    high: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    change: float | None = None
    change_low: float | None = None
    change_high: float | None = None
    minimum_detectable_change: float | None = None
    comparable: bool | None = None


def trend_points(
    releases: Iterable[Release], *, units: Collection[str] | None = None, blocks: Collection[str] | None = None
) -> Iterator[TrendPoint]:
    """Series by name; in each the units and blocks as the newest pulse orders them, those only older pulses
    have after them; in each the pulses by closing day. `units` and `blocks` None mean all.

    A point is suppressed when since the last one shown, or the last one it would be compared with, only a few
    people joined or left the unit: what changed would be those few.
    """
    series: dict[str, list[Release]] = {}
    for release in sorted(releases, key=lambda release: (release.series, release.age)):
        series.setdefault(release.series, []).append(release)
    for ordered in series.values():
        yield from _along([_Stop(release) for release in ordered], units, blocks)


@dataclass(frozen=True)
class _Stop:
    """One pulse of a series with what is worked out once for all its units."""

    release: Release

    @cached_property
    def scatter(self) -> Scatter:
        return scatter(self.release)

    @cached_property
    def measures(self) -> dict[str, BlockMeasure]:
        return {measure.block: measure for measure in block_measures(self.release, self.scatter)}


_Comparisons = dict[tuple[str, str, str], Comparison | None]


def _along(stops: list[_Stop], units: Collection[str] | None, blocks: Collection[str] | None) -> Iterator[TrendPoint]:
    newest_first = stops[::-1]
    all_units = dict.fromkeys(unit.id for stop in newest_first for unit in stop.release.units)
    all_blocks = dict.fromkeys(block for stop in newest_first for block in stop.measures)
    known: _Comparisons = {}
    for unit in all_units:
        for block in all_blocks:
            if (units is None or unit in units) and (blocks is None or block in blocks):
                yield from _points(stops, unit, block, known)


def _points(stops: list[_Stop], unit: str, block: str, known: _Comparisons) -> Iterator[TrendPoint]:
    shown: _Stop | None = None
    previous: _Stop | None = None
    for stop in stops:
        if unit not in stop.release.unit or block not in stop.measures:
            continue
        score = _score(stop, unit, block, [it.release.pulse for it in (shown, previous) if it is not None])
        if score.status != "ok" or previous is None:
            yield _point(stop.release, score, None, None)
        else:
            comparison = _comparison(previous, stop, block, known)
            yield _point(stop.release, score, _change(comparison, previous, stop, unit), comparison is not None)
        if score.status in ("ok", "bound"):
            shown = stop
        if score.status == "ok":
            previous = stop


def _score(stop: _Stop, unit: str, block: str, before: Collection[str]) -> Score:
    """As the release shows it, withheld when only a few people moved since any of the pulses in `before`."""
    figures = stop.release.unit[unit].figures
    if figures is not None and not set(before).isdisjoint(figures.moved):
        figures = None
    return stop.measures[block].of(unit, figures)


def _comparison(earlier: _Stop, later: _Stop, block: str, known: _Comparisons) -> Comparison | None:
    pair = (earlier.release.pulse, later.release.pulse, block)
    if pair not in known:
        known[pair] = compare(earlier.release, later.release, block, earlier.scatter, later.scatter)
    return known[pair]


def _change(comparison: Comparison | None, earlier: _Stop, later: _Stop, unit: str) -> Change | None:
    if comparison is None:
        return None
    return comparison.of(earlier.release.unit[unit], later.release.unit[unit])


def _point(release: Release, score: Score, change: Change | None, comparable: bool | None) -> TrendPoint:
    return TrendPoint(
        release.series,
        score.unit,
        score.block,
        release.pulse,
        release.label,
        release.closed_on,
        score.status,
        score.n,
        score.score,
        score.low,
        score.high,
        score.at_least,
        score.at_most,
        None if change is None else change.change,
        None if change is None else change.low,
        None if change is None else change.high,
        None if change is None else change.minimum_detectable,
        comparable,
    )
