"""What cannot be said of a unit and those below it, and how many took part: counted, never named one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.analytics.block import scored_blocks, shown
from service.analytics.participation import Participation, participation
from service.pages.dashboard.branches import inside
from service.pages.dashboard.frame import Frame
from service.pages.heat import Cell
from service.release.release import PublicUnit, Release


@dataclass(frozen=True, slots=True)
class Unsaid:
    """`withheld` of the `units` below show nothing and `partly` some blocks only; `blocks` are the unit's own that
    are withheld, `small` those with too few answers; `part` is who took part."""

    units: int
    withheld: int
    partly: int
    blocks: tuple[str, ...]
    small: tuple[str, ...]
    part: Participation

    @property
    def shown(self) -> int:
        return self.units - self.withheld - self.partly


def of(frame: Frame, cells: Sequence[Cell]) -> Unsaid:
    """`cells` are those of the frame's unit."""
    release = frame.release
    below = [release.unit[unit] for unit in inside(release, frame.visible, frame.unit) if unit != frame.unit]
    return Unsaid(
        units=len(below),
        withheld=sum(unit.figures is None for unit in below),
        partly=_partly(release, below),
        blocks=tuple(cell.name for cell in cells if cell.status == "suppressed"),
        small=tuple(cell.name for cell in cells if cell.status == "insufficient"),
        part=next(participation(release, units={frame.unit})),
    )


def _partly(release: Release, units: Sequence[PublicUnit]) -> int:
    blocks = scored_blocks(release).values()
    return sum(
        unit.figures is not None and any(shown(unit.figures, items) is None for items in blocks) for unit in units
    )
