from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.analytics.heatmap import heatmap
from service.analytics.participation import participation
from service.analytics.points import TrendPoint, trend_points
from service.analytics.slices import slices
from service.pages import bands, heat, trend
from service.pages.bounds import bound
from service.pages.dashboard import dashboard_page, empty_page, message_page, sign_in_page
from service.release.release import Release

Releases = tuple[Release, ...]
Tell = Callable[..., Release]


def overview(releases: Releases, unit: str = "all", block: str = "safety", **changed: Any) -> str:
    release = releases[-1]
    given: dict[str, Any] = {
        "organisation": "Harbour & Sons",
        "releases": releases,
        "release": release,
        "visible": set(release.unit),
        "unit": unit,
        "block": block,
        "blocks": ("wellbeing", "safety", "leaders"),
        "scores": tuple(heatmap(release)),
        "slices": (),
        "points": tuple(trend_points(releases, units={unit}, blocks={block})),
        "parts": tuple(participation(release)),
    }
    return dashboard_page(**(given | changed))


def rows_of(page: str, table: str) -> dict[str, str]:
    """The rows of a table's body by the name of their unit, without tags."""
    body = re.search(rf'<table class="{table}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert body is not None
    texts = (" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", body[1], re.DOTALL))
    return {" ".join(text.split()[:2]): text for text in texts}


def test_units_stand_in_the_rosters_order_indented_by_depth(releases: Releases) -> None:
    rows = heat.rows(releases[-1], heatmap(releases[-1]))
    assert [(row.unit, row.depth) for row in rows] == [("all", 0), ("ops", 1), ("crane", 2), ("quay", 2)]


def test_a_subtree_begins_at_the_margin(releases: Releases) -> None:
    assert heat.depths(releases[-1], ["ops", "quay"]) == {"ops": 0, "quay": 1}


def test_a_cell_says_score_and_reach(releases: Releases) -> None:
    score = next(heatmap(releases[-1]))
    cell = heat.rows(releases[-1], [score])[0].cells[0]
    assert score.score is not None
    assert score.low is not None
    assert cell.score == round(score.score) == 70
    assert cell.reach == round(score.score - score.low) > 0
    assert f"{cell.score} <small>±{cell.reach}</small>" in overview(releases)


def test_colours_keep_their_scores_for_good(releases: Releases) -> None:
    assert [band.label for band in heat.LEGEND] == [
        "0 to 34", "35 to 44", "45 to 54", "55 to 64", "65 to 74", "75 to 84", "85 to 100",
    ]  # fmt: skip
    page = overview(releases)
    assert re.search(r'class="step-5"><a [^>]*>70 ', page)


def test_a_suppressed_unit_shows_no_figure_anywhere(releases: Releases) -> None:
    page = overview(releases, unit="crane")
    assert rows_of(page, "heat")["Crane team"] == "Crane team · suppressed · suppressed"
    assert rows_of(page, "figures turnout")["Crane team"] == "Crane team · suppressed"
    cards = re.search(r'<ul class="cards">(.*?)</ul>', page, re.DOTALL)
    assert cards is not None
    assert not re.search(r"\d", re.sub(r"<[^>]*>", "", cards[1]))
    assert rows_of(page, "figures")["Pulse third"].endswith("2024-10-15 · suppressed")
    assert "<circle" not in page
    assert "<polyline" not in page


def test_the_leaders_block_is_left_out_and_said_so(releases: Releases, elements: Callable[[str], Any]) -> None:
    page = overview(releases)
    heading = re.search(r'<table class="heat">.*?</thead>', page, re.DOTALL)
    assert heading is not None
    assert "Wellbeing" in heading[0]
    assert "Leaders" not in heading[0]
    assert "Not side by side here: Integrated Coaching Leaders." in elements(page).text


def test_every_figure_of_the_chart_stands_in_its_table(releases: Releases) -> None:
    page = overview(releases)
    assert page.count("<circle") == 1 * 3
    table = rows_of(page, "figures")
    assert "50.0" in table["Pulse first"]
    assert "first figure" in table["Pulse first"]
    assert "60.0" in table["Pulse second"]
    assert "+10.0" in table["Pulse second"]


def test_without_the_scope_the_trend_says_so(releases: Releases) -> None:
    page = overview(releases, points=None)
    assert "need a key with the scope" in page
    assert "<polyline" not in page


def test_names_are_text_and_never_markup(releases: Releases) -> None:
    assert "<script" not in overview(releases, organisation="<script>alert(1)</script>")


def points(releases: Releases) -> list[TrendPoint]:
    return list(trend_points(releases, units={"all"}, blocks={"safety"}))


def test_the_chart_is_to_scale(releases: Releases) -> None:
    marks = trend.chart(points(releases)).marks
    assert [mark.score for mark in marks] == [50, 60, 70]
    first, second, third = (mark.x for mark in marks)
    assert (second - first) / (third - first) == pytest.approx(92 / 214, abs=0.001)
    heights = [mark.y for mark in marks if mark.y is not None]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    assert all(mark.top < mark.y < mark.bottom for mark in marks if mark.y and mark.top and mark.bottom)


def test_a_gap_is_a_gap(releases: Releases) -> None:
    shown = points(releases)
    hidden = points(releases)[1]
    hidden = TrendPoint(*(getattr(hidden, name) for name in TrendPoint.__slots__[:6]), "suppressed")
    drawn = trend.chart([shown[0], hidden, shown[2]])
    assert drawn.paths == ()
    assert drawn.marks[1].y is None


def test_one_pulse_and_none_are_charts_too(releases: Releases) -> None:
    assert len(trend.chart(points(releases)[:1]).marks) == 1
    assert trend.chart([]).marks == ()


def test_other_pages_of_the_reader() -> None:
    assert "Nothing has been released yet" in empty_page("Harbour & Sons")
    assert 'role="alert"' in sign_in_page(refused=True)
    assert 'role="alert"' not in sign_in_page()
    assert "Try again" in message_page("No", "Try again")


@pytest.mark.parametrize(
    ("at_least", "at_most", "written"),
    [
        (92.0, 100.0, "≥ 92"),
        (91.7, 100.0, "≥ 91"),
        (0.0, 8.3, "≤ 9"),
        (88.4, 91.6, "88–92"),
        (0.0, 100.0, "0–100"),
        (99.99999999999, 100.0, "≥ 100"),
        (0.0, 8.000000000001, "≤ 8"),
    ],
)
def test_a_bound_is_rounded_outward(at_least: float, at_most: float, written: str) -> None:
    assert bound(at_least, at_most) == written


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_bound_stands_where_a_score_would(releases: Releases, told: Tell) -> None:
    """Nine people who sum to 43 to 45 of 45 have 94.4 to 100 points."""
    newest = told(releases[-1])
    page = overview((*releases[:2], newest), unit="quay")
    assert rows_of(page, "heat")["Quay team"] == "Quay team 44 ±33 ≥ 94 (a bound)"
    assert re.search(r'<td class="step-7"><a [^>]*><span class="bound">≥ 94', page)
    cards = re.search(r'<ul class="cards">(.*?)</ul>', page, re.DOTALL)
    assert cards is not None
    assert "≥ 94 of 100 only a bound is shown" in plain(cards[1])
    assert "would tell on somebody" in page
    assert rows_of(page, "figures")["Pulse third"].endswith("≥ 94 61.8 to 100.0 9 only a bound is shown")


def test_nothing_is_said_of_bounds_where_there_are_none(releases: Releases) -> None:
    page = overview(releases)
    assert "bound" not in page
    assert "joined or left" not in page
    assert "by what people stated" not in page


def test_a_bound_has_the_colour_of_its_middle(releases: Releases, told: Tell) -> None:
    for least, most, written, step in ((9, 11, "≤ 6", 1), (18, 27, "25–50", 2), (43, 45, "≥ 94", 7)):
        release = told(releases[-1], least, most)
        (cell,) = (heat.cell(release, score) for score in heatmap(release, units=["quay"]) if score.block == "safety")
        assert (cell.bound, cell.step, cell.score, cell.n) == (written, step, None, 9)


def test_the_line_leaves_a_bound_out_and_draws_its_range(releases: Releases, told: Tell) -> None:
    along = trend_points((releases[0], told(releases[1], 18, 27), releases[2]), units={"quay"}, blocks={"safety"})
    drawn = trend.chart(list(along))
    first, between, last = drawn.marks
    assert (drawn.paths, drawn.bounded, drawn.gaps) == ((), True, False)
    assert (between.y, between.score, between.bound) == (None, None, "25–50")
    assert between.bottom - between.top == pytest.approx((drawn.lines[0].y - drawn.lines[-1].y) / 4, abs=0.2)
    assert first.bound is last.bound is None
    page = overview(releases, points=tuple(trend_points((told(releases[1]),), units={"quay"}, blocks={"safety"})))
    assert page.count('class="bounds"') == 1
    assert ">≥ 94</text>" in page
    assert "A hollow box is a bound" in page


def test_a_point_withheld_for_the_few_who_moved_is_a_gap_that_is_explained(releases: Releases) -> None:
    figures = releases[1].units[0].figures
    assert figures is not None
    moved = replace(releases[1].units[0], figures=replace(figures, moved=("first",)))
    second = replace(releases[1], units=(moved, *releases[1].units[1:]))
    page = overview((releases[0], second, releases[2]))
    assert page.count("<circle") == 2
    assert "only a few people joined or left" in page
    assert rows_of(page, "figures")["Pulse second"].endswith("· suppressed")


def test_slices_stand_in_the_order_declared_with_every_value(releases: Releases, told: Tell) -> None:
    release = told(releases[-1])
    found = bands.families(release, (row for by in release.families for row in of_blocks(release, by)))
    assert [(family.name, [row.value for row in family.rows]) for family in found] == [
        ("Tenure", ["0-1y", "1-3y", "over 3y"]),
        ("Work place", ["away", "HQ"]),
        (
            "Tenure and work place",
            ["0-1y · away", "0-1y · HQ", "1-3y · away", "1-3y · HQ", "over 3y · away", "over 3y · HQ"],
        ),
    ]
    shown = [cell for family in found for row in family.rows for cell in row.cells if cell.status != "suppressed"]
    assert [(cell.block, cell.score, cell.bound) for cell in shown] == [
        ("wellbeing", 58, None),
        ("safety", None, "≥ 95"),
        ("wellbeing", 58, None),
    ]


def of_blocks(release: Release, by: tuple[str, ...]) -> list[Any]:
    return list(slices(release, by, units=["all"], blocks=["wellbeing", "safety"], level="block"))


def test_a_unit_is_read_by_what_people_stated(releases: Releases, told: Tell) -> None:
    release = told(releases[-1])
    page = overview(releases, slices=[row for by in release.families for row in of_blocks(release, by)])
    body = re.search(r'<table class="figures bands">(.*?)</table>', page, re.DOTALL)
    assert body is not None
    rows = [plain(row) for row in re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)]
    assert rows[:5] == [
        "Stated Wellbeing Psychological Safety",
        "Tenure",
        "0-1y · suppressed · suppressed",
        "1-3y 58 ±18 ≥ 95 (a bound)",
        "over 3y · suppressed · suppressed",
    ]
    assert len(rows) == 1 + 3 + 3 + 2 + 6
    assert "would tell on somebody" in page
