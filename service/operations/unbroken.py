"""Trends for keys bound to a subtree: of a unit that stood elsewhere, only what came after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from service.exports.table import Row
from service.exports.trend_columns import TRENDS
from service.release.release import Release

_UNIT, _BLOCK, _PULSE, _STATUS = map(TRENDS.position, ("unit", "block", "pulse", "status"))
_STEPS = ("change", "change_low", "change_high", "minimum_detectable_change", "comparable")
_STEP = set(map(TRENDS.position, _STEPS))


def unbroken(rows: Iterable[Row], releases: Sequence[Release], visible: Mapping[str, set[str]]) -> Iterator[Row]:
    """Without the pulses up to the last one in which the unit stood where the key may not see it.

    `releases` oldest first, `visible` by pulse. The first point after says no step: it would lead from a figure
    the key may not see.
    """
    order = {release.pulse: place for place, release in enumerate(releases)}
    elsewhere = {
        unit.id: order[release.pulse]
        for release in releases
        for unit in release.units
        if unit.id not in visible[release.pulse]
    }
    begun: set[tuple[object, object]] = set()
    for row in rows:
        since = elsewhere.get(str(row[_UNIT]), -1)
        if since < 0:
            yield row
        elif order[str(row[_PULSE])] > since:
            yield row if (row[_UNIT], row[_BLOCK]) in begun else _without_step(row)
            if row[_STATUS] == "ok":
                begun.add((row[_UNIT], row[_BLOCK]))


def _without_step(row: Row) -> Row:
    return tuple(None if place in _STEP else value for place, value in enumerate(row))
