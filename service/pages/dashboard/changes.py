"""Changes and alerts: what is told from chance, what is not, and what could not be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.pages import heat
from service.pages.charts.whiskers import REACH, Move, Row, Whisker, picture, whisker
from service.pages.dashboard.branches import Branch, Twig, branch
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.overview import Findings
from service.pages.dashboard.told import Told, alerts, changes, looked
from service.pages.dashboard.verdicts import WORDS
from service.pages.templating import render

#: Rows of each of the page's two lists.
_ROWS, _ALERTS = 60, 20


@dataclass(frozen=True, slots=True)
class Cell:
    told: Told
    drawn: Whisker | None


@dataclass(frozen=True, slots=True)
class Line:
    twig: Twig
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the alerts: `told` of `all` that may stand side by side, `alone` those that may not."""

    told: tuple[Told, ...]
    all: int
    alone: int
    page: int
    pages: int


def changes_page(frame: Frame, findings: Findings, head: str, page: int, alerts_page: int) -> str:
    """`head` is the unit whose branch of changes is open; the alerts are those of everything the key may see."""
    frame = replace(frame, asks=("pulse",))
    opened = branch(frame.release, frame.visible, head, page, _ROWS)
    told = changes(frame, findings.changes, {twig.unit for twig in opened.twigs})
    blocks = _side_by_side(frame)
    return render(
        "dashboard/changes.html",
        frame=frame,
        around=frame.around,
        looked=looked(findings.changes, findings.alerts),
        found=_found(frame, findings, alerts_page),
        opened=opened,
        lines=_lines(opened, blocks, told),
        headings={block: heat.block_name(frame.release, block) for block in blocks},
        left_out=[heat.block_name(frame.release, block) for block in frame.blocks if block not in blocks],
        words=list(WORDS.values()),
        axis=REACH,
    )


def changes_picture(frame: Frame, findings: Findings, head: str, page: int) -> str:
    """The `<svg>` of the rows that page shows."""
    opened = branch(frame.release, frame.visible, head, page, _ROWS)
    told = changes(frame, findings.changes, {it.unit for it in opened.twigs})
    moves = {(it.unit, it.block): _move(it) for it in told}
    blocks = _side_by_side(frame)
    rows = [Row(it.name, it.depth, [moves.get((it.unit, block)) for block in blocks]) for it in opened.twigs]
    drawn = picture(rows, [heat.block_name(frame.release, block) for block in blocks])
    return render("charts/changes.svg", frame=frame, drawn=drawn, axis=REACH)


def _found(frame: Frame, findings: Findings, page: int) -> Found:
    """The alerts with what only the table of changes says of them: how participation could have made them."""
    blocks = _side_by_side(frame)
    every = alerts(frame, findings.alerts)
    beside = [it for it in every if it.block in blocks]
    pages = max(1, -(-len(beside) // _ALERTS))
    page = min(max(page, 1), pages)
    here = beside[_ALERTS * (page - 1) : _ALERTS * page]
    told = changes(frame, findings.changes, {it.unit for it in here})
    tipping = {(it.unit, it.block): it.tipping for it in told}
    rows = tuple(replace(it, tipping=tipping.get((it.unit, it.block), "")) for it in here)
    return Found(rows, len(beside), len(every) - len(beside), page, pages)


def _lines(opened: Branch, blocks: Sequence[str], told: Sequence[Told]) -> list[Line]:
    at = {(it.unit, it.block): Cell(it, whisker(_move(it))) for it in told}
    return [Line(twig, tuple(at.get((twig.unit, block)) for block in blocks)) for twig in opened.twigs]


def _move(it: Told) -> Move:
    sign = it.word.sign if it.told else ""
    return Move(it.status, it.kind, sign, it.change, it.low, it.high, it.reach)


def _side_by_side(frame: Frame) -> list[str]:
    """The blocks that describe a team, and not one person in it."""
    shared = {block.id for block in frame.release.instrument.blocks if block.cross_team}
    return [block for block in frame.blocks if block in shared]
