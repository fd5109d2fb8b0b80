"""The reader's pages: how each unit stands, what changed, who took part, and what cannot be said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.analytics.participation import Participation
from service.analytics.points import TrendPoint
from service.analytics.scores import Score
from service.pages import bands, heat, trend
from service.pages.templating import render
from service.release.release import Release


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a list to choose from; `depth` indents units below their parents."""

    value: str
    label: str
    chosen: bool
    depth: int = 0


@dataclass(frozen=True, slots=True)
class TurnOut:
    unit: str
    depth: int
    part: Participation


def dashboard_page(
    *,
    organisation: str,
    releases: Sequence[Release],
    release: Release,
    visible: Collection[str],
    unit: str,
    block: str,
    blocks: Sequence[str],
    scores: Sequence[Score],
    slices: Sequence[Score],
    points: Sequence[TrendPoint] | None,
    parts: Sequence[Participation],
) -> str:
    """The overview of one release: `scores` of all units, `slices` of the chosen one.

    `points` None means the key may not read trends.
    """
    table = heat.rows(release, scores)
    deep = heat.depths(release, visible)
    return render(
        "dashboard.html",
        organisation=organisation,
        release=release,
        pulses=[Option(it.pulse, _pulse_label(it), it.pulse == release.pulse) for it in reversed(releases)],
        units=[Option(id, release.unit[id].name, id == unit, depth) for id, depth in deep.items()],
        blocks=[Option(id, heat.block_name(release, id), id == block) for id in blocks],
        unit=unit,
        unit_name=release.unit[unit].name,
        block=block,
        block_name=heat.block_name(release, block),
        headings=[cell.name for cell in table[0].cells] if table else [],
        rows=table,
        glance=next((row.cells for row in table if row.unit == unit), ()),
        families=bands.families(release, slices),
        left_out=_left_out(release, blocks, scores),
        legend=heat.LEGEND,
        bounded=any(score.status == "bound" for score in (*scores, *slices)),
        points=points,
        chart=None if points is None else trend.chart(points),
        width=trend.WIDTH,
        height=trend.HEIGHT,
        turnout=[TurnOut(release.unit[part.unit].name, deep[part.unit], part) for part in parts],
    )


def sign_in_page(*, refused: bool = False) -> str:
    return render("sign_in.html", refused=refused)


def empty_page(organisation: str) -> str:
    return render("dashboard_empty.html", organisation=organisation)


def message_page(title: str, text: str) -> str:
    """What went wrong, and the way back; neither argument holds anything that was sent."""
    return render("message.html", heading=title, text=text)


def _pulse_label(release: Release) -> str:
    return f"{release.label}, closed {release.closed_on.day} {release.closed_on:%b %Y}"


def _left_out(release: Release, blocks: Sequence[str], scores: Sequence[Score]) -> list[str]:
    """Names of blocks the release holds and the heat map does not lay side by side."""
    shown = {score.block for score in scores}
    return [heat.block_name(release, block) for block in blocks if block not in shown]
