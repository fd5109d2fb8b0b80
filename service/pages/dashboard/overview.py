"""The overview: how an organisation, or one part of it, stands, what changed for real, what cannot be said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from service.analytics.points import trend_points
from service.analytics.scores import scores
from service.exports.table import Table
from service.pages.charts.blocks import WIDTH, picture
from service.pages.dashboard import doors, heat, sentences, unsaid
from service.pages.dashboard.branches import inside
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.heat import Cell
from service.pages.dashboard.told import Looked, Told, alerts, changes, looked
from service.pages.templating import render

#: Alerts elsewhere in the unit's part that the overview names; the page of changes has all of them.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Findings:
    """The tables of changes and alerts of one pulse: of the chosen unit, and of everything the key may see."""

    changes: Table
    alerts: Table


@dataclass(frozen=True, slots=True)
class Standing:
    """One block of the unit: `before` its score at the last pulse where that can be compared, `told` its change."""

    cell: Cell
    before: int | None
    told: Told | None


@dataclass(frozen=True, slots=True)
class News:
    """What changed: `own` of the unit itself, `elsewhere` the first alerts below it of `all_elsewhere`."""

    own: tuple[Told, ...]
    elsewhere: tuple[Told, ...]
    all_elsewhere: int
    looked: Looked

    @property
    def reach(self) -> tuple[int, int] | None:
        """The least and the greatest change, in points, that could be found in the unit's blocks."""
        known = [round(it.reach) for it in self.own if it.reach is not None]
        return (min(known), max(known)) if known else None


def overview_page(frame: Frame, findings: Findings | None, *, computed: bool = True) -> str:
    """`findings` None where the key may not read them, or they are not `computed` yet."""
    frame = replace(frame, asks=("pulse", "unit"))
    news = None if findings is None else _news(frame, findings)
    stand = standings(frame, news.own if news else ())
    return render(
        "dashboard/overview.html",
        frame=frame,
        around=frame.around,
        headline=sentences.headline(frame.unit_name, stand, news.own if news else None),
        standings=stand,
        news=news,
        computed=computed,
        unsaid=unsaid.of(frame, [it.cell for it in stand]),
        doors=doors.of(frame.around),
        bounded=any(it.cell.bound for it in stand),
        neutral=any(it.cell.neutral for it in stand),
    )


def blocks_picture(frame: Frame) -> str:
    """The `<svg>` of the unit's blocks, to take away."""
    stand = standings(frame, ())
    before = {it.cell.block: it.before for it in stand if it.before is not None}
    drawn = picture([it.cell for it in stand], before)
    return render("charts/blocks.svg", frame=frame, drawn=drawn, width=WIDTH)


def standings(frame: Frame, told: Collection[Told]) -> tuple[Standing, ...]:
    """Each block of the chosen unit, in the instrument's order."""
    release = frame.release
    own = {it.block: it for it in told}
    before = _before(frame)
    cells = (heat.cell(release, score) for score in scores(release, units={frame.unit}, level="block"))
    return tuple(Standing(cell, before.get(cell.block), own.get(cell.block)) for cell in cells)


def _before(frame: Frame) -> dict[str, int]:
    """The last pulse's scores by block, where the same was asked in the same words of a unit the key may see, and
    the step between the two tells of nobody."""
    last = frame.previous
    if last is None or frame.unit not in last.unit or (frame.around.bound and not _kept(frame)):
        return {}
    points = list(trend_points((last, frame.release), units={frame.unit}))
    comparable = {it.block for it in points if it.pulse == frame.release.pulse and it.change is not None}
    return {
        it.block: round(it.score)
        for it in points
        if it.pulse == last.pulse and it.block in comparable and it.score is not None
    }


def _kept(frame: Frame) -> bool:
    """Whether the unit stood below the topmost visible one in the last pulse too."""
    last, at = frame.previous, frame.unit
    tops = {unit for unit in frame.visible if frame.release.unit[unit].parent not in frame.visible}
    while last is not None and at not in tops:
        above = last.unit[at].parent
        if above is None:
            return False
        at = above
    return True


def _news(frame: Frame, findings: Findings) -> News:
    below = set(inside(frame.release, frame.visible, frame.unit)) - {frame.unit}
    everything = [it for it in alerts(frame, findings.alerts) if it.unit in below and _side_by_side(frame, it.block)]
    own = tuple(changes(frame, findings.changes, {frame.unit}))
    return News(own, tuple(everything[:_NAMED]), len(everything), looked(findings.changes, findings.alerts))


def _side_by_side(frame: Frame, block: str) -> bool:
    """A block that describes one person is told on that unit's own page only."""
    known = frame.release.instrument.block(block)
    return known is not None and known.cross_team
