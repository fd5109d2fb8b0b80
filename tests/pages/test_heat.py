"""The heat map: the roster's order, folded where it is large, and nothing that ranks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.analytics.heatmap import heatmap
from service.pages import heat
from service.pages.bounds import bound
from service.pages.charts.taken import standalone
from service.pages.dashboard.branches import branch, inside, near
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.units import heat_picture, units_page
from service.release.release import PublicUnit, Release
from service.survey.instrument import Block
from tests.pages.through import plain

Releases = tuple[Release, ...]
Framed = Callable[..., Frame]
Tell = Callable[..., Release]


def rows_of(page: str) -> list[str]:
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert body is not None
    return [plain(row) for row in re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)]


def large(release: Release, areas: int, teams: int) -> Release:
    """One top, `areas` below it and `teams` below each, all with the figures of the whole."""
    whole = release.units[0]
    units = [replace(whole, id="top", name="All of it")]
    for area in range(areas):
        units.append(PublicUnit(f"a{area}", f"Area {area}", "top", whole.figures))
        units += [
            PublicUnit(f"a{area}t{team}", f"Team {area}.{team}", f"a{area}", whole.figures) for team in range(teams)
        ]
    return replace(release, units=tuple(units))


def seeing(framed: Framed, release: Release, **changed: Any) -> Frame:
    given: dict[str, Any] = {"release": release, "visible": frozenset(release.unit), "unit": release.units[0].id}
    return framed("/dashboard/units", **(given | changed))


def test_units_stand_in_the_rosters_order_indented_by_depth(releases: Releases) -> None:
    inside_each_other = {"all": 0, "ops": 1, "crane": 2, "quay": 2}
    assert heat.depths(releases[-1], releases[-1].unit) == inside_each_other
    twigs = branch(releases[-1], set(releases[-1].unit)).twigs
    assert [(it.unit, it.depth, it.below) for it in twigs] == [(*it, 0) for it in inside_each_other.items()]


def test_a_subtree_begins_at_the_margin(releases: Releases) -> None:
    assert heat.depths(releases[-1], ["ops", "quay"]) == {"ops": 0, "quay": 1}
    assert [it.depth for it in branch(releases[-1], {"ops", "quay"}).twigs] == [0, 1]
    assert inside(releases[-1], {"ops", "quay"}, "ops") == ["ops", "quay"]


def test_a_cell_says_score_and_reach_and_who_took_part(releases: Releases, framed: Framed) -> None:
    score = next(heatmap(releases[-1]))
    cell = heat.cell(releases[-1], score)
    assert score.score is not None
    assert score.low is not None
    assert (cell.score, cell.reach) == (70, round(score.score - score.low))
    first, _, crane, _ = rows_of(units_page(framed(), "", 1))
    assert first.startswith(f"Harbour &amp; Sons 70 ±{cell.reach} ")
    assert first.endswith("90 of 120 75 %")
    assert crane == "Crane team" + " · suppressed" * 3


def test_colours_keep_their_scores_for_good(framed: Framed) -> None:
    assert [band.label for band in heat.LEGEND] == [
        "0 to 34", "35 to 44", "45 to 54", "55 to 64", "65 to 74", "75 to 84", "85 to 100",
    ]  # fmt: skip
    assert re.search(r'class="step-5"><a [^>]*>70 ', units_page(framed(), "", 1))


def test_a_cell_opens_the_trend_of_its_unit_and_block(framed: Framed) -> None:
    assert 'href="/dashboard/unit?pulse=third&amp;unit=quay&amp;block=safety"' in units_page(framed(), "", 1)


def test_the_leaders_block_is_left_out_and_said_so(framed: Framed) -> None:
    page = units_page(framed(), "", 1)
    heading = re.search(r"<thead>.*?</thead>", page, re.DOTALL)
    assert heading is not None
    assert plain(heading[0]) == "Unit Wellbeing Psychological Safety Took part"
    assert "Not side by side here: Integrated Coaching Leaders." in plain(page)


def test_a_lens_has_figures_and_no_colour(releases: Releases, framed: Framed) -> None:
    release = releases[-1]
    blocks = (Block("wellbeing", "lens", {"en": "Isolation"}), *release.instrument.blocks[1:])
    lens = replace(release, instrument=replace(release.instrument, blocks=blocks))
    page = units_page(seeing(framed, lens), "", 1)
    assert re.search(r'<td class="plainly"><a [^>]*unit=all&amp;block=wellbeing">70 ', page)
    assert re.search(r'<td class="step-5"><a [^>]*unit=all&amp;block=safety">70 ', page)
    assert "Without colour" in page
    assert 'class="neutral"' in heat_picture(seeing(framed, lens), "", 1)


def test_a_large_organisation_is_folded_and_opened(releases: Releases, framed: Framed) -> None:
    frame = seeing(framed, large(releases[-1], 30, 33))
    page = units_page(frame, "", 1)
    assert len(rows_of(page)) == 31
    assert rows_of(page)[1].startswith("Area 0 33 below Area 0 70 ")
    assert "pulse=third&amp;branch=a0" in page
    below = units_page(frame, "a0", 1)
    assert len(rows_of(below)) == 34
    assert re.search(r'<nav class="trail".*?branch=top">All of it</a>', below, re.DOTALL)


def test_a_broad_organisation_is_paged_and_no_page_is_heavy(releases: Releases, framed: Framed) -> None:
    frame = seeing(framed, large(releases[-1], 1000, 9))
    first, last, beyond = (units_page(frame, "", page) for page in (1, 17, 99))
    assert beyond == last
    assert [len(rows_of(page)) for page in (first, last)] == [60, 1 + 1000 - 16 * 59]
    assert "Page 1 of 17" in first
    assert all(len(page.encode()) < 150_000 for page in (first, last))
    names = [it.name for page in range(1, 18) for it in branch(frame.release, frame.visible, page=page).twigs[1:]]
    assert names == [f"Area {area}" for area in range(1000)]


def test_a_list_to_choose_from_stays_short(releases: Releases, framed: Framed) -> None:
    release = large(releases[-1], 100, 20)
    frame = replace(seeing(framed, release, unit="a7t3"), asks=("unit",))
    offered = [it.value for it in frame.choices["unit"][1]]
    assert offered == ["top", "a7", *(f"a7t{team}" for team in range(20))]
    assert len(near(release, set(release.unit), "top", 50)) == 50
    assert near(releases[-1], {"ops", "quay"}, "ops", 2) == {"ops", "quay"}


def test_two_topmost_units_stand_side_by_side(releases: Releases) -> None:
    opened = branch(releases[-1], {"crane", "quay"})
    assert (opened.head, [(it.unit, it.depth) for it in opened.twigs]) == ("", [("crane", 0), ("quay", 0)])
    assert [len(branch(releases[-1], {"crane", "quay"}, page=page, most=1).twigs) for page in (1, 2)] == [1, 1]


def test_the_picture_to_take_away_holds_what_the_page_shows(framed: Framed) -> None:
    svg = heat_picture(framed(), "", 1)
    assert re.findall(r'class="step-5-ink"[^>]*>([^<]*)<', svg)[0].startswith("70 ±")
    assert svg.count('class="withheld"') == 2
    assert b"var(--" not in standalone(svg)


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


def test_a_bound_stands_where_a_score_would(releases: Releases, told: Tell, framed: Framed) -> None:
    """Nine people who sum to 43 to 45 of 45 have 94.4 to 100 points."""
    page = units_page(seeing(framed, told(releases[-1])), "", 1)
    assert re.search(r'<td class="step-7"><a [^>]*><span class="bound">≥ 94', page)
    assert "would tell on somebody" in page
    assert "would tell on somebody" not in units_page(framed(), "", 1)


def test_a_bound_has_the_colour_of_its_middle(releases: Releases, told: Tell) -> None:
    for least, most, written, step in ((9, 11, "≤ 6", 1), (18, 27, "25–50", 2), (43, 45, "≥ 94", 7)):
        release = told(releases[-1], least, most)
        (cell,) = (heat.cell(release, score) for score in heatmap(release, units=["quay"]) if score.block == "safety")
        assert (cell.bound, cell.step, cell.score, cell.n) == (written, step, None, 9)
