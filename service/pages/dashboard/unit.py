"""One unit's page: how a team stands, what changed for real, and what cannot be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.analytics.slices import slices
from service.exports.table import Table
from service.pages import heat
from service.pages.charts import standing, trend
from service.pages.charts.step import Step
from service.pages.dashboard import bands, unit_items
from service.pages.dashboard.frame import Frame, Link
from service.pages.dashboard.unit_agreement import agreements
from service.pages.dashboard.unit_blocks import Standing, standings
from service.pages.dashboard.unit_trend import steps
from service.pages.dashboard.unit_words import how_it_stands, what_changed
from service.pages.records import Record, records
from service.pages.templating import render
from service.release.release import PublicUnit

PATH = "/dashboard/unit"


@dataclass(frozen=True, slots=True)
class Tables:
    """What the API answers for one pulse and unit; None is what the key may not read."""

    results: Table
    participation: Table
    trends: Table | None = None
    changes: Table | None = None
    agreement: Table | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A block's name and id, its course along the series, and the picture of it."""

    block: str
    name: str
    steps: Sequence[Step]
    chart: trend.Chart

    @property
    def shown(self) -> bool:
        return any(step.shown for step in self.steps)

    @property
    def gaps(self) -> bool:
        return self.chart.gaps


def unit_page(frame: Frame, tables: Tables) -> str:
    frame = replace(frame, asks=("pulse", "unit", "block"))
    results = records(tables.results)
    blocks = standings(frame, results, _rows(tables.changes))
    main = [it for it in blocks if not it.lens] or blocks
    items = unit_items.asked(frame, results)
    families = _families(frame)
    return render(
        "dashboard/unit.html",
        frame=frame,
        around=frame.around,
        path=_path(frame),
        instead=_instead(frame),
        turnout=next(iter(records(tables.participation))),
        withheld=frame.release.unit[frame.unit].figures is None,
        blocks=main,
        lenses=[it for it in blocks if it not in main],
        chosen=next((it for it in blocks if it.here), None),
        stands=how_it_stands(main),
        changed=what_changed(main),
        before=_before(frame),
        courses=None if tables.trends is None else _courses(frame, records(tables.trends)),
        items=items,
        scale=unit_items.drawn(frame, items).legend,
        agreement=None if tables.agreement is None else agreements(frame, records(tables.agreement)),
        families=families,
        bounded=_bounded(blocks, items, families),
    )


def blocks_picture(frame: Frame, results: Table) -> str:
    """How the blocks stand, as an SVG."""
    blocks = standings(frame, records(results), None)
    whole = next((it.against[0].whole for it in blocks if it.against), "")
    drawn = standing.Picture([it.gauge for it in blocks], whole)
    return render("charts/standing.svg", picture=drawn, heading=f"{frame.unit_name}, {frame.release.label}")


def items_picture(frame: Frame, results: Table) -> str:
    """How the answers to the chosen block's items lie, as an SVG."""
    drawn = unit_items.drawn(frame, unit_items.asked(frame, records(results)))
    heading = f"{frame.block_name}: {frame.unit_name}, {frame.release.label}"
    return render("charts/distribution.svg", picture=drawn, heading=heading)


def trend_picture(frame: Frame, trends: Table) -> str:
    """The course of the chosen block, as an SVG."""
    course = _courses(frame, records(trends))[0]
    return render("charts/trend.svg", chart=course.chart, name="trend", heading=_heading(frame, course.name))


def others_picture(frame: Frame, trends: Table) -> str:
    """The courses of the other blocks, each small, as one SVG."""
    panels = [(it.name, it.chart) for it in _courses(frame, records(trends))[1:]]
    return render("charts/trends.svg", panels=panels, heading=_heading(frame, "The other blocks"))


def _heading(frame: Frame, name: str) -> str:
    return f"{name} over time: {frame.unit_name}"


def _rows(table: Table | None) -> list[Record] | None:
    return None if table is None else records(table)


def _courses(frame: Frame, trends: Sequence[Record]) -> list[Course]:
    """The chosen block first and large; then the others the pulse asks, small, without lenses asked this once."""
    found = [_course(frame, trends, frame.block, trend.LARGE)]
    others = (_course(frame, trends, block, trend.SMALL) for block in frame.blocks if block != frame.block)
    return found + [it for it in others if len(it.steps) > 1]


def _course(frame: Frame, trends: Sequence[Record], block: str, canvas: trend.Canvas) -> Course:
    along = steps(trends, block)
    return Course(block, heat.block_name(frame.release, block), along, trend.chart(along, canvas))


def _path(frame: Frame) -> list[Link]:
    """The units above this one that the key may see, the topmost first."""
    found: list[Link] = []
    above = frame.release.unit[frame.unit].parent
    while above is not None and above in frame.visible:
        known = frame.release.unit[above]
        found.insert(0, _link(frame, known))
        above = known.parent
    return found


def _instead(frame: Frame) -> Link | None:
    """The nearest unit above that is shown; what was answered here is counted there too."""
    above = frame.release.unit[frame.unit].parent
    while above is not None and above in frame.visible:
        known = frame.release.unit[above]
        if known.figures is not None:
            return _link(frame, known)
        above = known.parent
    return None


def _link(frame: Frame, unit: PublicUnit) -> Link:
    there = frame.around.to(PATH, pulse=frame.release.pulse, unit=unit.id, block=frame.block)
    return Link(there, unit.name, here=False)


def _before(frame: Frame) -> list[str]:
    """Names of the units this one was made of. A key bound to a part is not told: they may have stood elsewhere."""
    before = frame.release.unit[frame.unit].before
    names = {
        unit.id: unit.name for release in frame.releases if release.age < frame.release.age for unit in release.units
    }
    return [] if frame.around.bound else [names[unit] for unit in before if unit in names]


def _families(frame: Frame) -> list[bands.Family]:
    blocks = [block.id for block in frame.release.instrument.blocks if block.kind == "block"]
    found = (
        score
        for family in frame.release.families
        for score in slices(frame.release, family, units={frame.unit}, blocks=blocks, level="block")
    )
    return bands.families(frame.release, found)


def _bounded(blocks: Sequence[Standing], items: Sequence[unit_items.Asked], families: Sequence[bands.Family]) -> bool:
    cells = [cell for family in families for row in family.rows for cell in row.cells]
    statuses = [*(it.status for it in blocks), *(it.status for it in items), *(cell.status for cell in cells)]
    return "bound" in statuses
