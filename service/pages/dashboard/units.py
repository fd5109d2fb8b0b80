"""The heat map: units by blocks in the roster's order, folded into branches where they are many; never ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.analytics.block import scored_blocks
from service.analytics.heatmap import heatmap
from service.analytics.participation import Participation, participation
from service.pages import heat
from service.pages.charts.heatmap import Row, picture
from service.pages.dashboard.branches import Branch, Twig, branch
from service.pages.dashboard.frame import Frame
from service.pages.heat import Cell
from service.pages.templating import render


@dataclass(frozen=True, slots=True)
class Line:
    twig: Twig
    cells: tuple[Cell, ...]
    part: Participation


def units_page(frame: Frame, head: str, page: int) -> str:
    """`head` is the unit whose branch is open, "" for everything the key may see."""
    frame = replace(frame, asks=("pulse",))
    opened = branch(frame.release, frame.visible, head, page)
    cells = _cells(frame, opened)
    parts = {it.unit: it for it in participation(frame.release, units=set(cells))}
    lines = [Line(twig, cells[twig.unit], parts[twig.unit]) for twig in opened.twigs]
    shown = [cell for found in cells.values() for cell in found]
    return render(
        "dashboard/units.html",
        frame=frame,
        around=frame.around,
        opened=opened,
        lines=lines,
        headings=_headings(frame),
        left_out=[heat.block_name(frame.release, block) for block in _left_out(frame)],
        legend=heat.LEGEND,
        neutral=any(cell.neutral for cell in shown),
        bounded=any(cell.bound for cell in shown),
    )


def heat_picture(frame: Frame, head: str, page: int) -> str:
    """The `<svg>` of the rows that page shows."""
    opened = branch(frame.release, frame.visible, head, page)
    cells = _cells(frame, opened)
    rows = [Row(twig.name, twig.depth, cells[twig.unit]) for twig in opened.twigs]
    return render("charts/heatmap.svg", frame=frame, drawn=picture(rows, list(_headings(frame).values())))


def _cells(frame: Frame, opened: Branch) -> Mapping[str, tuple[Cell, ...]]:
    """By unit, of those on the page only: a large organisation has ten thousand others."""
    wanted = {twig.unit for twig in opened.twigs}
    found: dict[str, list[Cell]] = {unit: [] for unit in wanted}
    for score in heatmap(frame.release, units=wanted):
        found[score.unit].append(heat.cell(frame.release, score))
    return {unit: tuple(cells) for unit, cells in found.items()}


def _headings(frame: Frame) -> dict[str, str]:
    """The blocks laid side by side, as the heat map has them."""
    alone = _left_out(frame)
    return {
        block: heat.block_name(frame.release, block) for block in scored_blocks(frame.release) if block not in alone
    }


def _left_out(frame: Frame) -> list[str]:
    """Blocks that describe one identifiable person."""
    return [it.id for it in frame.release.instrument.blocks if not it.cross_team and it.id in frame.blocks]
