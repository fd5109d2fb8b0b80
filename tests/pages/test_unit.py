from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from service.analytics.participation import participation
from service.analytics.scores import scores
from service.analytics.slices import slices
from service.exports.quality_columns import AGREEMENT
from service.exports.table import Table
from service.exports.tables import participation_table, results_table
from service.exports.trend_columns import CHANGES, TRENDS
from service.pages.dashboard import bands
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.unit import Tables, blocks_picture, items_picture, trend_picture, unit_page
from service.release.release import PublicUnit, Release
from tests.pages.through import plain

#: The pages have no SQL of their own: one test asks both databases.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Framing = Callable[..., Frame]
Releases = tuple[Release, ...]
Tell = Callable[..., Release]
BLOCKS = {"wellbeing": "Wellbeing", "safety": "Psychological Safety", "leaders": "Integrated Coaching Leaders"}


def table(layout: Table, *rows: dict[str, Any]) -> Table:
    names = [column.name for column in layout.columns]
    assert all(row.keys() <= set(names) for row in rows)
    return replace(layout, rows=[tuple(row.get(name) for name in names) for row in rows])


def change(block: str, verdict: str, **figures: Any) -> dict[str, Any]:
    return {
        "pulse": "third",
        "unit": "ops",
        "block": block,
        "status": "ok",
        "verdict": verdict,
        "since": "first",
    } | figures


def course(frame: Frame, block: str = "safety", **last: Any) -> list[dict[str, Any]]:
    rows = [
        {
            "series": "small",
            "unit": frame.unit,
            "block": block,
            "pulse": it.pulse,
            "label": it.label,
            "date": it.closed_on,
        }
        | {"status": "ok", "n": 40, "score": 50.0 + 10 * place, "low": 45.0 + 10 * place, "high": 55.0 + 10 * place}
        | {"smoothed": 52.0, "smoothed_low": 49.0, "smoothed_high": 55.0}
        for place, it in enumerate(frame.releases)
    ]
    return [*rows[:-1], rows[-1] | last]


def tables(frame: Frame, **found: Table | None) -> Tables:
    release, units = frame.release, {frame.unit}
    seen = {release.pulse: frame.visible} if frame.around.bound else None
    return Tables(
        results_table([release], scores(release, units=units), seen),
        participation_table([release], list(participation(release, units=units))),
        **found,
    )


def read(frame: Frame, *changes: dict[str, Any], trends: list[dict[str, Any]] | None = None) -> str:
    """The page of a key that may read findings."""
    along = course(frame) if trends is None else trends
    return unit_page(
        frame,
        tables(frame, trends=table(TRENDS, *along), changes=table(CHANGES, *changes), agreement=table(AGREEMENT)),
    )


def rows_of(page: str, id: str) -> list[str]:
    body = re.search(rf'<table class="[^"]*" id="{id}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert body is not None
    return [plain(row) for row in re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)]


@pytest.fixture
def ops(framed: Framing) -> Frame:
    return framed("/dashboard/unit", unit="ops")


def test_the_head_says_where_the_unit_stands_and_who_answered(framed: Framing) -> None:
    page = read(framed("/dashboard/unit", unit="quay"))
    assert re.search(r'aria-label="Units above">.*Harbour &amp; Sons</a>.*Operations</a>', page)
    assert "9 of 13 answered, 69 %" in plain(page)
    assert re.search(r"<h1>Quay team</h1>", page)


def test_units_above_that_a_key_may_not_see_are_not_named(framed: Framing) -> None:
    page = read(framed("/dashboard/unit", unit="quay", visible={"ops", "crane", "quay"}, bound=True))
    assert "?pulse=third&amp;unit=ops&amp;block=safety" in page
    assert "unit=all" not in page


def test_a_difference_that_chance_may_have_made_is_none(framed: Framing) -> None:
    sure = plain(read(framed("/dashboard/unit", unit="quay")))
    assert "the organisation:" not in sure
    assert "Below Operations: Wellbeing by 36 points, Psychological Safety by 36 points and Integrated Coaching" in sure
    assert "like the organisation \N{MINUS SIGN}36 below Operations" in sure
    alike = plain(read(framed("/dashboard/unit", unit="ops")))
    assert "No block can be told from the organisation: read them as alike." in alike


def test_a_unit_that_lies_apart_is_said_to(releases: Releases, framed: Framing) -> None:
    whole, ops, *rest = releases[-1].units
    assert ops.figures is not None
    sure = {id: replace(it, least=200, most=200) for id, it in ops.figures.items.items() if id == "PS1"}
    far = replace(ops, figures=replace(ops.figures, items=ops.figures.items | sure))
    page = plain(read(framed("/dashboard/unit", unit="ops", release=replace(releases[-1], units=(whole, far, *rest)))))
    assert (
        "Above the organisation: Psychological Safety by 30 points. The other two blocks cannot be told from it."
        in page
    )
    assert "+30 above the organisation" in page


def test_a_change_is_told_with_its_size_since_when_and_what_may_go_unseen(ops: Frame) -> None:
    page = plain(
        read(
            ops,
            change("wellbeing", "no_change", minimum_detectable_change=6.2),
            change("safety", "improved", change=8.4, low=3.0, high=13.0),
            change("leaders", "no_change", minimum_detectable_change=9.0),
        )
    )
    assert "Psychological Safety rose by 8 points since Pulse first: more than chance would explain." in page
    assert (
        "In the other two blocks no change can be told from chance; a lasting change smaller than 7 to 9 points" in page
    )
    assert "+8 rose" in page
    assert "+8 points, with a 90 % interval from +3 to +13; what moved the whole organisation is taken out." in page


def test_a_fall_has_its_sign_and_its_word(ops: Frame) -> None:
    page = read(ops, change("safety", "declined", change=-8.4, low=-13.0, high=-3.0))
    assert '<span class="verdict fill' not in page
    assert '<span class="verdict fall">\N{MINUS SIGN}8 fell</span>' in page
    assert "Psychological Safety fell by 8 points since Pulse first" in plain(page)


def test_a_lens_that_rose_is_not_coloured_as_if_that_were_better(releases: Releases, framed: Framing) -> None:
    blocks = tuple(replace(block, kind="lens") for block in releases[-1].instrument.blocks)
    release = replace(releases[-1], instrument=replace(releases[-1].instrument, blocks=blocks))
    page = read(
        framed("/dashboard/unit", release=release), change("safety", "improved", change=8.4, low=3.0, high=13.0)
    )
    assert '<span class="verdict level">+8 rose</span>' in page
    assert "verdict rise" not in page


def test_a_pulse_of_lenses_alone_shows_them_as_its_blocks(releases: Releases, framed: Framing) -> None:
    lenses = tuple(replace(block, kind="lens") for block in releases[-1].instrument.blocks)
    release = replace(releases[-1], instrument=replace(releases[-1].instrument, blocks=lenses))
    page = read(framed("/dashboard/unit", release=release))
    assert "All three blocks can be read, with scores from 70 to 70 of 100." in plain(page)
    assert "Lenses asked in this pulse" not in page


def test_blocks_that_are_all_withheld_are_said_to_be(releases: Releases, framed: Framing) -> None:
    whole, *rest = releases[-1].units
    assert whole.figures is not None
    bare = replace(whole, figures=replace(whole.figures, items={}))
    page = plain(read(framed("/dashboard/unit", release=replace(releases[-1], units=(bare, *rest)))))
    assert "None of its blocks can be read." in page


def test_several_changes_are_counted(ops: Frame) -> None:
    found = [change(block, "improved", change=5.0 + place) for place, block in enumerate(BLOCKS)]
    assert (
        "Three blocks changed more than chance would explain: Wellbeing rose by 5 points since Pulse first, "
        "Psychological Safety rose by 6 points since Pulse first and Integrated Coaching Leaders rose by 7"
    ) in plain(read(ops, *found))


def test_that_nothing_can_be_told_is_said_once_for_all_blocks(ops: Frame) -> None:
    page = plain(read(ops, *(change(block, "not_enough", since=None) for block in BLOCKS)))
    assert page.count("Whether anything changed cannot be told") == 1
    assert "rose" not in page
    assert "fell" not in page


def test_no_change_in_any_block_is_a_result(ops: Frame) -> None:
    page = plain(read(ops, *(change(block, "no_change", minimum_detectable_change=5.0) for block in BLOCKS)))
    assert (
        "In no block can a change be told from chance; a lasting change smaller than 5 points could have gone" in page
    )


def test_a_key_without_findings_is_told_and_reads_the_rest(ops: Frame) -> None:
    page = unit_page(ops, tables(ops))
    assert "needs a key with the scope <code>analytics</code>" in page
    assert len(rows_of(page, "block-figures")) == 3
    for gone in ("over time", "no detectable change</span>", "Do people here agree?", "change cannot be told"):
        assert gone not in page


def test_a_withheld_unit_says_so_first_and_where_to_read(framed: Framing) -> None:
    frame = framed("/dashboard/unit", unit="crane")
    page = read(frame, trends=[])
    assert "Crane team is not shown in this pulse" in page
    assert re.search(r'Read <a href="/dashboard/unit\?[^"]*unit=ops[^"]*">Operations</a> instead', page)
    for gone in ("The blocks side by side", "statement by statement", "over time", "</strong> answered"):
        assert gone not in page
    assert page.count("are withheld on purpose. Either") == 1


def test_nothing_stands_instead_where_nothing_above_is_seen(framed: Framing) -> None:
    page = read(framed("/dashboard/unit", unit="crane", visible={"crane"}, bound=True), trends=[])
    assert "Crane team is not shown in this pulse" in page
    assert "instead:" not in page


def test_earlier_points_of_a_withheld_unit_are_still_there(framed: Framing) -> None:
    frame = framed("/dashboard/unit", unit="crane")
    gone = dict.fromkeys(("score", "low", "high", "smoothed", "smoothed_low", "smoothed_high"))
    page = read(frame, trends=course(frame, status="suppressed", **gone))
    assert "Psychological Safety over time" in page
    assert rows_of(page, "trend-figures")[-1] == "Pulse third 2024-10-15 · suppressed –"


def test_a_point_left_out_for_the_few_who_moved_is_explained(ops: Frame) -> None:
    gone = dict.fromkeys(("score", "low", "high", "smoothed", "smoothed_low", "smoothed_high"))
    assert "only a few people joined or left" not in read(ops)
    page = read(ops, trends=course(ops, status="suppressed", **gone))
    assert "since the last point shown only a few people joined or left" in page
    assert "A gap in a course" in page


def test_every_point_of_the_course_stands_in_its_table(ops: Frame) -> None:
    page = read(ops, trends=[*course(ops), *course(ops, "wellbeing")])
    assert rows_of(page, "trend-figures")[0].startswith("Pulse first 2024-03-15 50.0 45.0 to 55.0 40 52.0 49.0 to 55.0")
    assert len(rows_of(page, "other-figures")) == 3
    assert "The other blocks, on the same scale" in page


def test_the_first_pulse_has_no_course(ops: Frame) -> None:
    page = read(ops, trends=course(ops)[:1])
    assert "a course needs two pulses" in page
    assert "<polyline" not in page


def test_statements_have_their_words_and_what_is_withheld_says_so(ops: Frame) -> None:
    page = read(ops)
    assert "Statement PS1 &lt;of&gt; &#34;safety&#34;" in page
    assert "how the answers lie along the scale is withheld for every statement" in page
    assert "WB1" not in page
    (row,) = rows_of(page, "item-figures")
    assert re.match(r"PS1 80\.\d [\d.]+ to [\d.]+ 40 50\.0 % withheld", row)


def test_a_distribution_is_drawn_where_it_is_released(releases: Releases, framed: Framing) -> None:
    whole, ops, *rest = releases[-1].units
    assert ops.figures is not None
    shown = {"PS1": replace(ops.figures.items["PS1"], counts=(2, 2, 4, 8, 24))}
    known = replace(ops, figures=replace(ops.figures, items=ops.figures.items | shown))
    frame = framed("/dashboard/unit", unit="ops", release=replace(releases[-1], units=(whole, known, *rest)))
    page = read(frame)
    assert ('aria-label="Strongly disagree 5 %, Disagree 5 %, Neither 10 %, Agree 20 %, Strongly agree 60 %"') in page
    assert rows_of(page, "item-figures")[0].endswith("2 · 2 · 4 · 8 · 24")
    assert "distribution withheld" not in page
    assert "60 %" in items_picture(frame, tables(frame).results)


def test_a_reverse_statement_is_read_the_other_way_round(releases: Releases, framed: Framing) -> None:
    release = releases[-1]
    whole, *rest = release.units
    assert whole.figures is not None
    shown = {"PS1": replace(whole.figures.items["PS1"], counts=(9, 18, 18, 27, 18))}
    known = replace(whole, figures=replace(whole.figures, items=whole.figures.items | shown))
    turned = tuple(replace(item, reverse=item.id == "PS1") for item in release.instrument.items)
    asks = replace(release.instrument, items=turned)
    page = read(framed("/dashboard/unit", release=replace(release, instrument=asks, units=(known, *rest))))
    assert 'aria-label="Strongly agree 10 %, Agree 20 %, Neither 20 %, Disagree 30 %, Strongly disagree 20 %"' in page
    assert "the right end stands for “Strongly disagree”" in page
    assert "50 % disagree or strongly disagree" in page


def test_agreement_is_in_words_and_silence_is_a_sentence(ops: Frame) -> None:
    told = {"unit": "ops", "status": "ok", "n": 40, "rwg_j": 0.812, "r_star": 0.7, "critical": 0.6}
    rows = [
        told | {"block": "wellbeing", "beyond_chance": True, "divided": False},
        told | {"block": "safety", "beyond_chance": False, "divided": True},
        told | {"block": "leaders", "beyond_chance": False, "divided": False},
    ]
    page = unit_page(ops, tables(ops, trends=table(TRENDS), changes=table(CHANGES), agreement=table(AGREEMENT, *rows)))
    first, second, third = rows_of(page, "agreement-figures")
    assert first == "Wellbeing agrees: answers lie closer together than chance would put them 0.81 0.60 0.70 40"
    assert "divided: answers lie further apart" in second
    assert "no closer together than chance" in third
    assert "That cannot be said here" in read(ops)


def test_a_bound_stands_where_a_score_would(releases: Releases, framed: Framing, told: Tell) -> None:
    """Nine people who sum to 43 to 45 of 45 have 94.4 to 100 points."""
    frame = framed("/dashboard/unit", unit="quay", release=told(releases[-1]))
    page = read(frame, trends=[])
    assert rows_of(page, "block-figures")[1].startswith("Psychological Safety ≥ 94 61.8 to 100.0 9 –")
    assert "would tell on somebody" in page
    assert "would tell on somebody" not in read(framed("/dashboard/unit", unit="ops"))


def test_a_renamed_unit_says_of_whom_it_was_made(releases: Releases, framed: Framing) -> None:
    renewed = replace(
        releases[-1], units=(*releases[-1].units, PublicUnit("new", "Harbour crew", "ops", None, ("quay",)))
    )
    seen = {"release": renewed, "visible": frozenset(renewed.unit), "unit": "new"}
    assert "Harbour crew took over the people of Quay team" in read(framed("/dashboard/unit", **seen), trends=[])
    assert "took over" not in read(framed("/dashboard/unit", **seen, bound=True), trends=[])


def test_names_are_text_and_never_markup(releases: Releases, framed: Framing) -> None:
    named = [replace(unit, name=f"<script>{unit.id}</script> & الفريق") for unit in releases[-1].units]
    frame = framed("/dashboard/unit", unit="quay", release=replace(releases[-1], units=tuple(named)))
    page = read(frame)
    assert "<script" not in page
    assert "&lt;script&gt;quay&lt;/script&gt; &amp; الفريق" in page
    for picture in (blocks_picture(frame, tables(frame).results), trend_picture(frame, table(TRENDS))):
        assert "<script" not in picture


def test_ids_are_unique_and_landmarks_have_names(ops: Frame, elements: Callable[[str], Any]) -> None:
    found = elements(read(ops, trends=[*course(ops), *course(ops, "wellbeing"), *course(ops, "leaders")]))
    ids = [attributes["id"] for _, attributes in found.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = " ".join(attributes.get("aria-labelledby") or "" for _, attributes in found.found).split()
    assert set(named) <= set(ids)
    assert not [tag for tag, attributes in found.found if "style" in attributes]


def of_blocks(release: Release, by: tuple[str, ...]) -> list[Any]:
    return list(slices(release, by, units=["all"], blocks=["wellbeing", "safety"], level="block"))


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


def test_a_unit_is_read_by_what_people_stated(releases: Releases, framed: Framing, told: Tell) -> None:
    page = read(framed("/dashboard/unit", release=told(releases[-1])))
    body = re.search(r'<table class="figures bands">(.*?)</table>', page, re.DOTALL)
    assert body is not None
    rows = [plain(row) for row in re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)]
    assert rows[1:5] == [
        "Tenure",
        "0-1y · suppressed · suppressed · suppressed",
        "1-3y 58 ±18 ≥ 95 (a bound) · suppressed",
        "over 3y · suppressed · suppressed · suppressed",
    ]
    assert len(rows) == 1 + 3 + 3 + 2 + 6
    assert "By what people stated" not in read(framed("/dashboard/unit"))


TEAMS = {"north": 9, "south": 8}
ITEMS = ["WB1", "PS1", "CL1"]


@pytest.fixture
def released(doors: Any) -> SimpleNamespace:
    """Two teams that answered two pulses: everybody differently, no item the same."""
    units = [{"id": "works", "name": "The works", "parent": None, "headcount": 0}]
    units += [{"id": id, "name": id.title(), "parent": "works", "headcount": n} for id, n in TEAMS.items()]
    doors.ok("PUT", "/v1/roster", {"units": units})
    return SimpleNamespace(first=_pulse(doors, "Spring", 0), second=_pulse(doors, "Autumn", 1))


def _pulse(doors: Any, label: str, shift: int) -> str:
    pulse: str = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ITEMS, "label": label})["id"]
    invited = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    tokens = [token for entry in invited for token in entry["tokens"]]
    for place, token in enumerate(tokens):
        answers = {item: 1 + (place * (2 + at) + shift) % 5 for at, item in enumerate(ITEMS)}
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": answers}, {})
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    return pulse


@pytest.fixture
def get(doors: Any) -> Iterator[Callable[..., httpx.Response]]:
    """Asks for a page as whoever signed in with a key of these scopes."""

    def ask(path: str, *scopes: str, unit: str | None = None) -> httpx.Response:
        secret = doors.key(*scopes, unit=unit)["Authorization"].removeprefix("Bearer ")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        doors.run(doors.client.post("/dashboard/sign-in", content=urlencode({"key": secret}), headers=headers))
        reply: httpx.Response = doors.run(doors.client.get(path))
        return reply

    yield ask
    doors.client.cookies.clear()


def _one(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _between(row: dict[str, Any], low: str = "low", high: str = "high") -> str:
    return "–" if row[low] is None else f"{row[low]:.1f} to {row[high]:.1f}"


def test_every_figure_is_the_apis_and_every_picture_is_taken_away(
    doors: Any, released: SimpleNamespace, get: Callable[..., httpx.Response]
) -> None:
    reply = get("/dashboard/unit?unit=works&block=safety", "results", "analytics")
    assert reply.status_code == 200
    asked = f"pulse={released.second}&unit=works"
    results = doors.rows(f"/v1/results?{asked}")
    blocks = [row for row in results if row["item"] is None]
    assert [re.findall(r"\d+\.\d to \d+\.\d \d+|\d+\.\d", row)[:2] for row in rows_of(reply.text, "block-figures")] == [
        [_one(row["score"]), f"{_between(row)} {row['n']}"] for row in blocks
    ]
    (item,) = (row for row in results if row["item"] == "PS1")
    assert rows_of(reply.text, "item-figures")[0].startswith(f"PS1 {_one(item['score'])} {_between(item)} {item['n']}")
    changes = doors.rows(f"/v1/changes?{asked}")
    for row, said in zip(changes, rows_of(reply.text, "block-figures"), strict=True):
        told = {"no_change": "no detectable change", "not_enough": "cannot be told"}[row["verdict"]]
        assert f"{told} {_one(row['change'])} {_between(row)}" in said
        assert said.endswith(_one(row["minimum_detectable_change"]))
    along = doors.rows("/v1/trends?unit=works&block=safety")
    assert len(along) == 2
    for row, said in zip(along, rows_of(reply.text, "trend-figures"), strict=True):
        smoothed = f"{_one(row['smoothed'])} {_between(row, 'smoothed_low', 'smoothed_high')}"
        assert f"{row['date']} {_one(row['score'])} {_between(row)} {row['n']} {smoothed}" in said
    assert "17 of 17 answered, 100 %" in plain(reply.text)
    # Both pulses closed on one day: what the earlier one shows ends with itself all the same.
    taken = doors.run(doors.client.get(f"/dashboard/tables/trends.csv?pulse={released.first}&unit=works&block=safety"))
    assert [row["pulse"] for row in csv.DictReader(taken.text.splitlines())] == [released.first]
    for name in ("blocks", "items", "trend", "trends"):
        taken = doors.run(doors.client.get(f"/dashboard/unit/{name}.svg?{asked}"))
        assert (taken.status_code, taken.headers["content-type"]) == (200, "image/svg+xml")
        assert taken.headers["content-disposition"] == f'attachment; filename="unit-{name}.svg"'
        assert taken.text.startswith("<svg xmlns=")


@ON_SQLITE
def test_who_may_read_what(released: SimpleNamespace, get: Callable[..., httpx.Response]) -> None:
    assert "over time" not in get("/dashboard/unit", "results").text
    assert get("/dashboard/unit/trend.svg", "results").status_code == 403
    bound = get("/dashboard/unit?unit=south", "results", "analytics", unit="south")
    assert bound.status_code == 200
    assert "The works" not in bound.text
    assert "the organisation</" not in bound.text
    assert get("/dashboard/unit?unit=north", "results", unit="south").status_code == 404
    assert get("/dashboard/unit?unit=nowhere", "results").status_code == 404
