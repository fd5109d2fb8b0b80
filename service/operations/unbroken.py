"""What a key bound to a subtree may read of units whose past lies outside it: of that past, nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.exports.table import Row
from service.exports.trend_columns import TRENDS
from service.release.release import Release

_UNIT, _BLOCK, _PULSE, _STATUS = map(TRENDS.position, ("unit", "block", "pulse", "status"))
_STEP = {"change", "change_low", "change_high", "minimum_detectable_change", "comparable"}
#: What the model says of a point, which it does from all the points there are.
_MODEL = {"smoothed", "smoothed_low", "smoothed_high", "climate", "climate_low", "climate_high", "surprise"}
_MODEL |= {"break", "verdict"}


@dataclass(frozen=True, slots=True)
class Past:
    """`elsewhere`: by unit the place of the last release in which it stood where the key may not see it. `mixed`: units
    of the newest release that hold people of such units, or of units they took over outside."""

    elsewhere: dict[str, int]
    mixed: frozenset[str]


def past_of(releases: Sequence[Release], visible: Mapping[str, set[str]]) -> Past:
    """Of the releases of one series, oldest first; `visible` by pulse."""
    elsewhere: dict[str, int] = {}
    foreign: set[str] = set()
    for place, release in enumerate(releases):
        for unit in release.units:
            if unit.id not in visible[release.pulse]:
                elsewhere[unit.id] = place
                foreign.add(unit.id)
            elif not foreign.isdisjoint(unit.before):
                foreign.add(unit.id)
    mixed: set[str] = set()
    for unit in reversed(releases[-1].units):  # children before their parents
        if unit.id in foreign or unit.id in mixed:
            mixed.add(unit.id)
            mixed.update([unit.parent] if unit.parent is not None else [])
    return Past(elsewhere, frozenset(mixed))


class Unbroken:
    """Points of one series' trend, some rows at a time and in order, cut off from what a key may not see.

    Of a unit that stood elsewhere only the points after are told, as they were measured. The first of these says no
    step, which would lead from a figure the key may not see, and none says what the model makes of all of them.
    """

    def __init__(self, releases: Sequence[Release], visible: Mapping[str, set[str]]) -> None:
        """`releases` of the series, oldest first; `visible` by pulse."""
        self._order = {release.pulse: place for place, release in enumerate(releases)}
        self.elsewhere = past_of(releases, visible).elsewhere
        self._begun: set[tuple[object, object]] = set()

    def told(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            since = self.elsewhere.get(str(row[_UNIT]), -1)
            if since < 0:
                yield row
            elif self._order[str(row[_PULSE])] > since:
                known = (row[_UNIT], row[_BLOCK]) in self._begun
                yield _without(row, _MODEL if known else _MODEL | _STEP)
                if row[_STATUS] == "ok":
                    self._begun.add((row[_UNIT], row[_BLOCK]))


def _without(row: Row, names: set[str]) -> Row:
    return tuple(None if column.name in names else value for column, value in zip(TRENDS.columns, row, strict=True))
