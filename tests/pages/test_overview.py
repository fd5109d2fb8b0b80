"""The overview: one sentence, the blocks on one axis, what changed for real, what cannot be said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from service.exports.table import Table
from service.exports.trend_columns import ALERTS, CHANGES
from service.pages.charts.taken import standalone
from service.pages.dashboard import sentences
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.messages import empty_page, message_page, sign_in_page, soon_page
from service.pages.dashboard.overview import Findings, Standing, blocks_picture, overview_page, standings
from service.pages.heat import Cell
from service.release.release import Release
from tests.pages.through import plain

Framed = Callable[..., Frame]
Tell = Callable[..., Release]
LEVEL = {"verdict": "no_change", "change": -0.4, "low": -2.0, "high": 1.2, "since": "first", "status": "ok"}
LEVEL |= {"minimum_detectable_change": 6.2}
RISE = LEVEL | {"verdict": "improved", "change": 12.4, "low": 5.0, "high": 19.0}


def table(layout: Table, *said: dict[str, Any]) -> Table:
    bare: dict[str, Any] = dict.fromkeys(column.name for column in layout.columns)
    return replace(layout, rows=[tuple({**bare, **row}[name] for name in bare) for row in said])


def about(unit: str, block: str, what: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"unit": unit, "unit_name": unit.title(), "block": block, **what, **more}


def alert(unit: str, block: str) -> dict[str, Any]:
    row = about(unit, block, RISE, kind="alert")
    return {name: value for name, value in row.items() if name != "status"}


SUMMARY = {"kind": "summary", "tested": 80, "alerts": 2, "expected_false": 0.15}
QUIET = Findings(
    table(CHANGES, about("all", "wellbeing", LEVEL), about("all", "safety", LEVEL)), table(ALERTS, SUMMARY)
)
MOVED = Findings(
    table(CHANGES, about("all", "wellbeing", LEVEL), about("all", "safety", RISE)),
    table(ALERTS, SUMMARY, alert("all", "safety"), alert("quay", "wellbeing"), alert("quay", "leaders")),
)


def board(page: str) -> list[str]:
    found = re.search(r'<figure class="picture board">.*?<ul>(.*?)</ul>', page, re.DOTALL)
    assert found is not None
    return [plain(row) for row in found[1].split("</li>")[:-1]]


def headline(page: str) -> str:
    found = re.search(r'<p class="headline">(.*?)</p>', page, re.DOTALL)
    assert found is not None
    return plain(found[1])


def test_one_sentence_says_where_it_stands_and_what_changed(framed: Framed) -> None:
    page = overview_page(framed(), QUIET)
    assert headline(page) == "Three blocks stand at 70 of 100. Nothing changed that can be told from chance."
    moved = headline(overview_page(framed(), MOVED))
    assert moved == "Three blocks stand at 70 of 100. Psychological Safety rose: that is more than chance."


def test_a_lens_is_no_block_in_the_sentence() -> None:
    block, lens = Cell("safety", "Safety", "suppressed"), Cell("isolation", "Isolation", "ok", score=40, neutral=True)
    bound = replace(lens, score=None, bound="≥ 92")
    for pole in (lens, bound):
        said = sentences.headline("Quay", [Standing(block, None, None), Standing(pole, None, None)], None)
        assert said == "The figures of Quay cannot be shown for this pulse."
    alone = sentences.headline("Quay", [Standing(lens, None, None)], None)
    assert alone == "Quay was asked the lenses in this pulse, and none of the blocks."


def test_each_block_has_its_score_interval_and_the_last_pulses_dot(framed: Framed) -> None:
    page = overview_page(framed(), QUIET)
    assert [row.split(" of 100")[0] for row in board(page)] == [
        "Wellbeing 70",
        "Psychological Safety 70",
        "Integrated Coaching Leaders 70",
    ]
    cell = standings(framed(), ())[0].cell
    assert f"{cell.low} to {cell.high} · 60 last time" in board(page)[0]
    assert page.count('class="ghost"') == 3
    assert f'd="M{cell.low} 12H{cell.high}"' in page


def test_no_ghost_stands_where_the_step_would_tell_of_a_few(releases: tuple[Release, ...], framed: Framed) -> None:
    whole = releases[-1].units[0]
    assert whole.figures is not None
    moved = replace(whole, figures=replace(whole.figures, moved=("second",)))
    release = replace(releases[-1], units=(moved, *releases[-1].units[1:]))
    page = overview_page(framed(release=release), QUIET)
    assert 'class="ghost"' not in page
    assert "last time" not in page


def test_no_ghost_stands_where_the_units_course_withholds_a_point(
    releases: tuple[Release, ...], framed: Framed
) -> None:
    """Since the pulse before the last only a few people moved: the last point is withheld, whatever came after."""
    first, second, third = releases
    (whole, *others), few = second.units, ("first",)
    assert whole.figures is not None
    moved = replace(second, units=(replace(whole, figures=replace(whole.figures, moved=few)), *others))
    assert standings(framed(releases=releases), ())[0].before is not None
    assert standings(framed(releases=(first, moved, third)), ())[0].before is None


def test_a_bound_key_meets_no_past_from_outside_its_part(releases: tuple[Release, ...], framed: Framed) -> None:
    part = {"bound": True, "visible": frozenset({"ops", "crane", "quay"}), "unit": "quay"}
    assert standings(framed(**part), ())[0].before is not None
    seen = {it.pulse: part["visible"] for it in releases} | {"second": frozenset({"ops", "crane"})}
    assert standings(framed(bound=True, unit="quay", seen=seen), ())[0].before is None


def test_a_unit_that_took_over_others_is_not_held_against_its_past(
    releases: tuple[Release, ...], framed: Framed
) -> None:
    assert standings(framed(unit="quay"), ())[0].before is not None
    *others, quay = releases[-1].units
    merged = replace(releases[-1], units=(*others, replace(quay, before=("quay", "crane"))))
    assert standings(framed(unit="quay", release=merged), ())[0].before is None


def test_alerts_below_are_named_and_the_leaders_are_not(framed: Framed) -> None:
    page = plain(overview_page(framed(), MOVED))
    assert "▲ rose Psychological Safety +12 points since Pulse first" in page
    assert "▲ rose Quay , Wellbeing: +12 points since Pulse first" in page
    assert "Quay , Integrated" not in page
    assert "80 combinations of unit and block were looked at" in page
    assert "at most 15 in 100 are expected to be false alarms" in page


def test_no_change_is_said_with_what_could_have_been_found(framed: Framed) -> None:
    page = plain(overview_page(framed(), QUIET))
    assert "moved no more than chance would move it" in page
    assert "a lasting change of 7 points" in page


def test_scores_do_not_wait_for_findings(framed: Framed) -> None:
    page = overview_page(framed(), None, computed=False)
    assert "What changed is being worked out" in page
    assert headline(page) == "Three blocks stand at 70 of 100."


def test_a_key_of_results_only_is_told_calmly(framed: Framed) -> None:
    page = overview_page(framed(scopes="results"), None)
    assert "is for keys with the scope" in page
    assert "/dashboard/changes" not in page


def test_a_suppressed_unit_shows_no_figure(framed: Framed) -> None:
    page = overview_page(framed(unit="crane"), None)
    assert headline(page) == "The figures of Crane team cannot be shown for this pulse."
    assert not re.search(r"\d", " ".join(board(page)))
    assert 'class="point"' not in page
    assert "How many took part is withheld" in page


def test_what_cannot_be_said_is_counted(framed: Framed) -> None:
    page = plain(overview_page(framed(), None))
    assert "75 % took part: 90 of 120 people." in page
    assert "1 of 3 units below is withheld" in page
    assert "5 people or more stand behind every figure" in page


def test_a_bound_is_drawn_as_a_range(releases: tuple[Release, ...], told: Tell, framed: Framed) -> None:
    page = overview_page(framed(release=told(releases[-1]), unit="quay"), None)
    assert "≥ 94 of 100" in board(page)[1]
    assert 'class="bounds" d="M94 12H100"' in page
    assert "would tell on somebody" in page


def test_the_picture_to_take_away_is_the_same_axis(framed: Framed) -> None:
    svg = blocks_picture(framed())
    assert svg.count('class="point"') == svg.count('class="ghost"') == 3
    dots = [float(x) for x in re.findall(r'class="point" cx="([0-9.]+)"', svg)]
    (zero, *_, full) = (float(x) for x in re.findall(r'class="grid" x1="([0-9.]+)"', svg))
    assert dots[0] == zero + (full - zero) * 0.7
    assert b"var(--" not in standalone(svg)


def test_names_are_text_and_never_markup(framed: Framed) -> None:
    frame = framed()
    whole = replace(frame.release.units[0], name='<script>alert("1")</script> & أهلا')
    page = overview_page(replace(frame, release=replace(frame.release, units=(whole, *frame.release.units[1:]))), None)
    assert "<script" not in page
    assert "أهلا" in page


def test_doors_lead_only_where_the_key_may_go(framed: Framed) -> None:
    doors = re.search(r'<ul class="cards doors">(.*?)</ul>', overview_page(framed(scopes="results"), None), re.DOTALL)
    assert doors is not None
    opened = set(re.findall(r'href="([^"?]*)', doors[1]))
    assert {"/dashboard/units", "/dashboard/unit", "/docs"} <= opened
    assert not {"/dashboard", "/dashboard/changes", "/dashboard/quality", "/manage"} & opened


def test_the_pages_of_a_few_words(framed: Framed) -> None:
    assert "Nothing has been released yet" in empty_page(framed().around)
    assert "bound to one unit" in empty_page(framed(bound=True).around)
    assert 'role="alert"' in sign_in_page(refused=True)
    assert 'role="alert"' not in sign_in_page()
    assert {'href="/answer"', 'href="/docs"'} <= set(re.findall(r'href="[^"]*"', sign_in_page()))
    assert "Try again" in message_page("No", "Try again")
    assert 'http-equiv="refresh"' in soon_page()


def test_a_withheld_change_is_not_said_to_be_early(framed: Framed) -> None:
    hidden = table(CHANGES, about("crane", "safety", {"verdict": "not_enough", "status": "suppressed"}))
    page = plain(overview_page(framed(unit="crane"), Findings(hidden, table(ALERTS, SUMMARY))))
    assert "What changed in Crane team is withheld, as its scores are." in page
    assert "too early to tell" not in page


def test_a_unit_that_cannot_be_read_here_is_not_passed_over_in_silence(framed: Framed) -> None:
    frame = framed()
    asked = replace(frame, around=replace(frame.around, chosen={"unit": "quay"}))
    said = "The unit asked for has nothing in this pulse that this key may read. What follows is about"
    assert said in plain(overview_page(asked, None))
    assert said not in plain(overview_page(frame, None))
    assert said not in plain(overview_page(replace(asked, unit="quay"), None))


def test_a_pulse_of_one_day_is_not_said_to_last(releases: tuple[Release, ...], framed: Framed) -> None:
    day = releases[-1].closed_on
    one = replace(releases[-1], opened_on=day)
    assert f"open on {day.day} {day:%B %Y}." in plain(overview_page(framed(release=one), None))
    assert "open from" in plain(overview_page(framed(), None))
