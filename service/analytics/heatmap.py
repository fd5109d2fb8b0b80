"""The heat map: every unit by every block that may be laid side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from service.analytics.scatter import scatter
from service.analytics.scores import Score, block_measures
from service.release.release import Release


def heatmap(
    release: Release, *, units: Collection[str] | None = None, include: Collection[str] = ()
) -> Iterator[Score]:
    """Block scores, units in the roster's order, then blocks in the instrument's.

    A block that describes one identifiable person is left out unless named in `include`: side by side, it
    would rank people.
    """
    cells = [
        measure
        for measure in block_measures(release, scatter(release))
        if measure.block in include or _cross_team(release, measure.block)
    ]
    for unit in release.units:
        if units is None or unit.id in units:
            for cell in cells:
                yield cell.of(unit)


def _cross_team(release: Release, block: str) -> bool:
    found = release.instrument.block(block)
    return found is not None and found.cross_team
