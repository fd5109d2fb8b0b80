"""Measurement quality: whether blocks measure one thing, and whether a team's score may be read as the team's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.exports.table import Table
from service.pages.charts import coefficients
from service.pages.charts.coefficients import Coefficient, Panel, written
from service.pages.dashboard.frame import Frame, label
from service.pages.dashboard.quality_words import DRIFT, ITEMS, Said, of_block, of_item
from service.pages.heat import block_name
from service.pages.records import Record, flag, number, records, text, whole
from service.pages.templating import render
from service.release.release import Release
from service.survey.instrument import text_in

_BLOCK_FIGURES = (
    *("n0", "alpha", "alpha_low", "alpha_high", "omega", "alpha_within", "alpha_between", "omega_within"),
    *("icc1", "icc1_low", "icc1_high", "icc1_n0", "icc1_reml", "icc2", "icc2_low", "icc2_high", "rwg_j"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block in one pulse; `figures` as they are written, "" for none; `beyond` is a percentage of `teams`."""

    id: str
    name: str
    said: Said
    n: int | None
    groups: int | None
    figures: dict[str, str]
    heywood: bool
    teams: int
    beyond: int | None


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    block: str
    text: str
    said: Said
    n: int | None
    figures: dict[str, str]
    drift: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the organisation stands behind the figures; people None where not even the topmost unit is shown."""

    units: int
    shown: int
    n: int | None
    headcount: int | None


def quality_page(frame: Frame, quality: Table, items: Table) -> str:
    """`quality` of every release, `items` of this one: the API's tables."""
    frame = replace(frame, asks=("pulse",))
    blocks = [_block(frame.release, row) for row in _of(quality, frame.release)]
    asked = [_item(frame.release, row) for row in records(items)]
    return render(
        "dashboard/quality.html",
        frame=frame,
        around=frame.around,
        blocks=blocks,
        items=asked,
        told=[it for it in asked if it.said is not ITEMS["insufficient"]],
        doubted=[it for it in asked if not it.said.firm and it.said is not ITEMS["insufficient"]],
        drifted=[it for it in asked if it.drift == DRIFT[True]],
        series=series(frame, quality),
        coverage=coverage(frame.release),
        **_picture(frame.release, quality),
    )


def coefficients_picture(frame: Frame, quality: Table) -> str:
    """The SVG of ICC(1), ICC(2) and alpha by block."""
    return render("charts/coefficients.svg", frame=frame, **_picture(frame.release, quality))


def series(frame: Frame, quality: Table) -> tuple[list[str], list[tuple[str, list[Block | None]]]]:
    """Names of blocks, and for each pulse of the series, by closing day, its label and a block for each name."""
    along = [it for it in frame.releases if it.series == frame.release.series]
    by_pulse = {it.pulse: {row.id: row for row in (_block(it, each) for each in _of(quality, it))} for it in along}
    ids = list(dict.fromkeys(id for found in by_pulse.values() for id in found))
    names = [block_name(next(it for it in reversed(along) if id in by_pulse[it.pulse]), id) for id in ids]
    return names, [(label(it), [by_pulse[it.pulse].get(id) for id in ids]) for it in along]


def coverage(release: Release) -> Coverage:
    whole = [unit.figures for unit in release.units if unit.parent is None]
    known = [figures for figures in whole if figures is not None]
    complete = len(known) == len(whole)
    return Coverage(
        units=len(release.units),
        shown=sum(unit.figures is not None for unit in release.units),
        n=sum(it.n for it in known) if complete else None,
        headcount=sum(it.headcount for it in known) if complete else None,
    )


def _of(quality: Table, release: Release) -> list[Record]:
    return [row for row in records(quality) if text(row, "pulse") == release.pulse]


def _block(release: Release, row: Record) -> Block:
    share = number(row, "beyond_chance")
    return Block(
        id=text(row, "block"),
        name=block_name(release, text(row, "block")),
        said=of_block(text(row, "verdict")),
        n=whole(row, "n"),
        groups=whole(row, "groups"),
        figures={name: written(number(row, name)) for name in _BLOCK_FIGURES},
        heywood=bool(flag(row, "heywood")),
        teams=whole(row, "agreement_teams") or 0,
        beyond=None if share is None else round(100 * share),
    )


def _item(release: Release, row: Record) -> Item:
    id = text(row, "item")
    figures = {name: written(number(row, name)) for name in ("item_rest_r", "alpha_if_dropped", "icc1")}
    points = {name: _rounded(number(row, name)) for name in ("mean", "sd")}
    shares = {name: _percent(number(row, name)) for name in ("floor", "ceiling")}
    return Item(
        id=id,
        block=block_name(release, text(row, "block")),
        text=next((text_in(it.texts, "en") for it in release.asked if it.id == id), id),
        said=of_item(text(row, "verdict")),
        n=whole(row, "n"),
        figures=figures | points | shares,
        drift=DRIFT[flag(row, "drift")],
    )


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _picture(release: Release, quality: Table) -> dict[str, object]:
    rows = _of(quality, release)
    panels = (
        Panel("ICC(2)", "steadiness of a team's mean", (0.5, 0.7), _read(rows, "icc2")),
        Panel("ICC(1)", "share that lies between teams", (0.1, 0.25), _read(rows, "icc1")),
        Panel("alpha", "items that go together", (0.7,), _read(rows, "alpha")),
    )
    names = [block_name(release, text(row, "block")) for row in rows]
    return {"drawn": coefficients.picture(names, panels), "width": coefficients.WIDTH}


def _read(rows: Sequence[Record], name: str) -> list[Coefficient]:
    return [Coefficient(*(number(row, f"{name}{end}") for end in ("", "_low", "_high"))) for row in rows]
