from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from service.analytics.heatmap import heatmap
from service.analytics.participation import participation
from service.analytics.trends import TrendPoint, trends
from service.pages import heat, trend
from service.pages.dashboard import dashboard_page, empty_page, message_page, sign_in_page
from service.release.release import Release

Releases = tuple[Release, ...]


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
        "points": tuple(trends(releases, units={unit}, blocks={block})),
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
    return list(trends(releases, units={"all"}, blocks={"safety"}))


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
