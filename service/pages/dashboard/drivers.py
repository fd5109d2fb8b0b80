"""What goes with what between teams: for each block how its differences are shared among the others; never causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.analytics.atoms import item_atoms
from service.analytics.block import scored_blocks
from service.analytics.drivers.drivers import LEAST_TEAMS
from service.errors import NotFound
from service.exports.table import Table
from service.pages import heat
from service.pages.charts.shares import WIDTH, Share, shares
from service.pages.dashboard.frame import Frame
from service.pages.records import Record, number, records, text, whole
from service.pages.templating import render
from service.release.release import Release


@dataclass(frozen=True, slots=True)
class Part:
    """One other block: percent of what all others tell together, with its interval, and the correlation of the two."""

    name: str
    percent: int
    low: int
    high: int
    correlation: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One block whose differences between teams are accounted for; `r2` percent that the others tell together."""

    block: str
    name: str
    r2: int
    teams: int
    parts: tuple[Part, ...]
    apart: str
    svg: str


def drivers_page(frame: Frame, drivers: Table) -> str:
    frame = replace(frame, asks=("pulse",))
    found = _outcomes(frame.release, drivers)
    return render(
        "dashboard/drivers.html",
        frame=frame,
        around=frame.around,
        outcomes=found,
        needed=LEAST_TEAMS,
        known=0 if found else _whole_teams(frame.release),
    )


def shares_picture(frame: Frame, drivers: Table, block: str) -> str:
    """The shares of one outcome. Raises NotFound where there are none."""
    for outcome in _outcomes(frame.release, drivers):
        if outcome.block == block:
            return outcome.svg
    raise NotFound("picture")


def _outcomes(release: Release, drivers: Table) -> list[Outcome]:
    """Those that could be computed, in the instrument's order."""
    rows: dict[str, list[Record]] = {}
    for row in records(drivers):
        if row["status"] == "ok":
            rows.setdefault(text(row, "outcome"), []).append(row)
    return [_outcome(release, block, own) for block, own in rows.items()]


def _outcome(release: Release, block: str, rows: Sequence[Record]) -> Outcome:
    parts = [_share(release, row) for row in rows]
    name = heat.block_name(release, block)
    return Outcome(
        block=block,
        name=name,
        r2=_percent(rows[0], "r2"),
        teams=whole(rows[0], "teams") or 0,
        parts=tuple(_part(release, row) for row in rows),
        apart=standing_apart(parts),
        svg=render("charts/shares.svg", chart=shares(parts), size=WIDTH, outcome=name, key=block),
    )


def standing_apart(parts: Sequence[Share]) -> str:
    """The one whose whole interval lies above the shares and intervals of all others; "" where none does."""
    for part in parts:
        if all(part.low > other.high for other in parts if other is not part):
            return part.name
    return ""


def _share(release: Release, row: Record) -> Share:
    share, low, high = (number(row, name) or 0.0 for name in ("share", "low", "high"))
    return Share(heat.block_name(release, text(row, "block")), share, low, high)


def _part(release: Release, row: Record) -> Part:
    name = heat.block_name(release, text(row, "block"))
    share, low, high = (_percent(row, figure) for figure in ("share", "low", "high"))
    return Part(name, share, low, high, number(row, "correlation") or 0.0)


def _percent(row: Record, name: str) -> int:
    return round(100 * (number(row, name) or 0.0))


def _whole_teams(release: Release) -> int:
    """How many groups that share nobody show every block exactly."""
    items = tuple(item for own in scored_blocks(release).values() for item in own)
    return len(item_atoms(release, items)[0])
