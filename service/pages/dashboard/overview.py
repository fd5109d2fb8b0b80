"""The overview: how an organisation, or one part of it, stands, what changed for real, what cannot be said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from service.analytics.points import trend_points
from service.analytics.scores import scores
from service.exports.table import Table
from service.pages import heat
from service.pages.charts.blocks import WIDTH, picture
from service.pages.dashboard import doors, sentences, unsaid
from service.pages.dashboard.branches import inside
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.told import Looked, Told, alerts, changes, looked
from service.pages.heat import Cell
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
        known = [it.findable for it in self.own if it.findable is not None]
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
    """The last pulse's scores by block, where the same was asked in the same words of the same unit, the key may see
    it there, and neither point is withheld from the unit's course: a step of it would tell of a few people."""
    last, release = frame.previous, frame.release
    if last is None or frame.unit not in frame.seen[last.pulse]:
        return {}
    if release.unit[frame.unit].before != last.unit[frame.unit].before:
        return {}
    earlier = [it for it in frame.releases if it.series == release.series and it.age < release.age]
    points = list(trend_points((*earlier, release), units={frame.unit}))
    comparable = {it.block for it in points if it.pulse == release.pulse and it.change is not None}
    return {
        it.block: round(it.score)
        for it in points
        if it.pulse == last.pulse and it.block in comparable and it.score is not None
    }


def _news(frame: Frame, findings: Findings) -> News:
    below = set(inside(frame.release, frame.visible, frame.unit)) - {frame.unit}
    everything = [it for it in alerts(frame, findings.alerts) if it.unit in below and _side_by_side(frame, it.block)]
    own = tuple(changes(frame, findings.changes, {frame.unit}))
    return News(own, tuple(everything[:_NAMED]), len(everything), looked(findings.changes, findings.alerts))


def _side_by_side(frame: Frame, block: str) -> bool:
    """A block that describes one person is told on that unit's own page only."""
    known = frame.release.instrument.block(block)
    return known is not None and known.cross_team
