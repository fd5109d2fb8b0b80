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
    cells = block_measures(release, scatter(release), [*side_by_side(release), *include])
    for unit in release.units:
        if units is None or unit.id in units:
            for cell in cells:
                yield cell.of(unit.id, unit.figures)


def side_by_side(release: Release) -> list[str]:
    """The blocks that describe a team, and not one person in it."""
    return [block.id for block in release.instrument.blocks if block.cross_team]
