"""The sheet of paper: what the dashboard says and no more, on one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.exports.columns import TABLE
from service.exports.table import Row, Table
from service.pages.assets import style
from service.pages.dashboard.frame import Frame
from service.pages.paper.report import report_page
from service.release.release import Release

Framed = Callable[..., Frame]
DIGEST = "sha256:" + "0123456789abcdef" * 4


def changes(*rows: dict[str, Any]) -> Table:
    """The table of changes with these rows; whatever they leave out is null."""
    layout = TABLE["changes"]
    every: list[Row] = [tuple(row.get(column.name) for column in layout.columns) for row in rows]
    return replace(layout, rows=every)


def change(block: str, verdict: str, unit: str = "all", **figures: float) -> dict[str, Any]:
    known = {"pulse": "third", "unit": unit, "unit_name": "A unit", "since": "first", "test": "span", "status": "ok"}
    return known | {"block": block, "verdict": verdict} | figures


def said(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).replace("&amp;", "&").split())


def sheet(frame: Frame, table: Table | None = None, **options: bool) -> str:
    return said(report_page(frame, DIGEST, table, **options)).partition("How it stands")[2]


def test_it_says_how_each_block_stands_with_its_interval(framed: Framed) -> None:
    text = sheet(framed(here="/dashboard/report"))
    assert re.search(r"Wellbeing 70 \d+ to \d+ 60 –", text)
    assert re.search(r"Psychological Safety 70 \d+ to \d+ 60 –", text)


def test_what_is_told_from_chance_is_told_in_words_and_nothing_else_is(framed: Framed) -> None:
    moved = change("safety", "improved", change=12.4, low=5.1, high=19.0)
    others = (change("wellbeing", "no_change"), change("leaders", "not_enough"), change("safety", "declined", "ops"))
    text = sheet(framed(here="/dashboard/report"), changes(moved, *others))
    assert "Psychological Safety rose: +12 points since Pulse first, +5 to +19 with 90 % confidence." in text
    assert "No detectable change: Wellbeing." in text
    assert "Too early to tell: Integrated Coaching Leaders." in text
    assert "fell" not in text


@pytest.mark.parametrize(
    ("computed", "expected"), [(True, "for keys with the scope analytics"), (False, "is being worked out")]
)
def test_without_findings_it_says_why(framed: Framed, computed: bool, expected: str) -> None:
    assert expected in sheet(framed(here="/dashboard/report"), computed=computed)


def test_what_is_withheld_is_absent_and_said(framed: Framed) -> None:
    text = sheet(framed(here="/dashboard/report", unit="crane"))
    assert text.count("suppressed") == 3
    assert "How many took part is withheld." in text
    assert not re.search(r"\d", text.partition("What changed")[0].replace("0 to 50 100", "").replace("95 %", ""))


def test_a_bound_is_no_score(framed: Framed, releases: tuple[Release, ...], told: Callable[..., Release]) -> None:
    release = told(releases[-1])
    text = sheet(framed(here="/dashboard/report", release=release, unit="quay"))
    assert "Psychological Safety ≥ 94 (a bound)" in text
    assert "the exact figure would tell on somebody" in text


def test_it_can_be_tied_to_its_release(framed: Framed) -> None:
    text = sheet(framed(here="/dashboard/report"))
    assert "release 0123456789ab , policy c0ffeec0ffee :" in text
    assert "stands on fewer than 5 people" in text


def test_it_counts_what_cannot_be_said(framed: Framed) -> None:
    text = sheet(framed(here="/dashboard/report"))
    assert "90 of 120 people took part, 75 %." in text
    assert "Of 3 units below, 1 is withheld." in text


def test_names_are_text(framed: Framed) -> None:
    frame = framed(here="/dashboard/report")
    page = report_page(replace(frame, around=replace(frame.around, organisation="<script>1</script>")), DIGEST, None)
    assert "<script>1" not in page


def test_what_is_drawn_on_it_has_a_stroke(framed: Framed) -> None:
    page = report_page(framed(here="/dashboard/report"), DIGEST, None)
    drawn = set(re.findall(r'<svg class="(\w+)[^"]*" viewBox="0 0 100 24"', page))
    assert drawn
    for name in drawn:
        rule = re.search(rf"\n\.{name} path {{(.*?)}}", style("reading"), re.DOTALL)
        assert rule is not None
        assert "stroke: var(" in rule[1]


def test_on_a_phone_each_figure_has_its_columns_name(framed: Framed) -> None:
    page = report_page(framed(here="/dashboard/report"), DIGEST, None)
    assert re.findall(r'data-column="([^"]+)"', page)[:4] == ["Score", "95 %", "Last time", "Change"]
    assert "content: attr(data-column)" in style("paper")
