"""Setting up a pulse: what the form says is what the draft is, and what it would mean is seen before it is one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from service.errors import Fault
from service.pages.dashboard.frame import Around
from service.pages.duration import minutes
from service.pages.manage.form import form_of
from service.pages.manage.setup import Foreseen, Read, Share, setup_page
from service.pages.manage.setup_form import MANY, ONCE, Filled, by_field, draft_of, filled_in
from service.survey import rotation
from service.survey.draft import Draft, pulse_from
from service.survey.instrument_document import shipped
from service.survey.pulse import Pool
from service.survey.roster_document import parse_roster_csv
from tests.pages.through import plain

AROUND = Around("Harbour & Sons", "/manage/pulses/new", frozenset({"manage"}), False, {})
FIVE = shipped()["five-blocks"]
KEY = f"five-blocks {FIVE.version}"
Fields = list[tuple[str, str]]


def read(fields: Fields) -> tuple[Filled, Draft, list[Fault]]:
    form = form_of(fields, once=ONCE, many=MANY)
    filled = filled_in(form)
    return filled, draft_of(filled, form), form.faults


def shown(filled: Filled, **more: Any) -> str:
    given: dict[str, Any] = {"least": 4, "faults": {}} | more
    return setup_page(AROUND, filled, list(shipped().values()), FIVE, **given)


def test_everything_a_draft_can_say_can_be_written() -> None:
    filled, draft, faults = read(
        [
            ("label", " Spring "),
            ("instrument", KEY),
            ("lens", "interdependence"),
            ("item", "WB1"),
            ("item", "IL1"),
            ("band.1", "time here"),
            ("values.1", "under 1 year\r\n\r\nlonger "),
            ("band.3", "place"),
            ("values.3", "x\ny"),
            ("cross", "1-3"),
            ("classes", "unit,band,value,invited\nt1,place,x,4\n"),
            ("pools", "both | Both quays | t1, t2"),
            ("threshold", "7"),
            ("series", "short ones"),
        ]
    )
    assert faults == []
    assert draft == Draft(
        label="Spring",
        instrument="five-blocks",
        version=FIVE.version,
        lenses=("interdependence",),
        items=("WB1", "IL1"),
        bands={"time_here": ["under 1 year", "longer"], "place": ["x", "y"]},
        threshold=7,
        series="short ones",
        crosses=[("time_here", "place")],
        classes={"t1": {"place": {"x": 4}}},
        pools=[Pool("both", "Both quays", ("t1", "t2"))],
    )
    again = shown(filled)
    for stands in ('value="Spring"', 'value="time here"', "under 1 year", 'value="7"', "t1,place,x,4", "both | Both"):
        assert stands in again


def test_what_cannot_be_a_draft_is_said_at_its_field() -> None:
    filled, _, faults = read(
        [
            ("instrument", KEY),
            ("band.2", "a"),
            ("values.2", "x"),
            ("band.4", "a"),
            ("cross", "1-2"),
            ("classes", "unit\n"),
            ("pools", "one\ntwo | Two | t1, t2"),
            ("threshold", "many"),
        ]
    )
    rules = [
        Fault("bands[0]", "has 2 to 12 different values"),
        Fault("policy.threshold", "is more"),
        Fault("pools[1].units", "have the same parent"),
        Fault("lenses[0]", "shares no language"),
    ]
    found = by_field([*faults, *rules], filled)
    assert set(found) == {"threshold", "bands", "crosses", "classes", "pools", "band.2", "instrument"}
    assert found["threshold"] == ["must be a whole number", "is more"]
    assert found["pools"][1] == "line 2, units, have the same parent"
    page = shown(filled, faults=found)
    assert "9 things need mending" in page
    for id in ("threshold", "classes", "pools", "band-2", "instrument"):
        assert f'id="{id}-fault"' in page
        assert re.search(rf'aria-describedby="[^"]*{id}-fault"', page)


def test_minutes_follow_from_what_is_asked() -> None:
    assert minutes(10, 0) == 1
    assert minutes(30, 2) == 4


def test_statements_stand_by_block_with_what_is_ticked(elements: Callable[[str], Any]) -> None:
    page = shown(Filled(instrument=KEY, items=("WB1", "WB2"), listed=(KEY,)))
    boxes = [it for it in elements(page).all("input") if it.get("name") == "item"]
    assert [it["value"] for it in boxes] == [item.id for item in FIVE.items]
    assert [it["value"] for it in boxes if "checked" in it] == ["WB1", "WB2"]
    assert "Wellbeing 2 of 6" in plain(page)
    assert page.count('<details class="block" open>') == 1
    assert FIVE.items[0].texts["en"] in page
    ids = [it["id"] for _, it in elements(page).found if "id" in it]
    assert len(ids) == len(set(ids))


def foreseen(csv: str, **draft: Any) -> Foreseen:
    roster = parse_roster_csv(csv)
    pulse = pulse_from(Draft("Spring", "five-blocks", **draft), "p", "o", FIVE, 4, 6)
    shares = [Share(50, 1, 2, 1, 20, 1), Share(70, 2, 3, 1, 29, 0)] if roster.units else []
    return Foreseen(pulse, roster, shares, [Read("tenure", 9, 6, 3)] if pulse.bands else [], 70)


TREE = "id,parent,headcount\nall,,1\nt1,all,12\nt2,all,9\nt3,all,8\n"


def test_the_consequences_are_told() -> None:
    page = shown(Filled(), foreseen=foreseen(TREE, bands={"tenure": ["a", "b"]}))
    said = plain(page)
    assert "When 70 % answer, some 2 of 3 teams can be read by themselves, and 29 of 30 people" in said
    assert "50 % 1 of 3 20 of 30 1 70 %" in said
    assert "spread of answers needs" not in said
    assert "as far as ±18 points where 30 people answered" in said
    assert "tenure 9 6 3" in said
    assert "its share in favour and its spread of answers are withheld everywhere" in said
    plainly = plain(shown(Filled(), foreseen=foreseen(TREE)))
    assert "50 % 1 of 3 20 of 30 1 1" in plainly
    assert "A spread of answers needs 12 people" in plainly
    assert "withheld everywhere" not in plainly


def test_the_least_threshold_is_said_with_its_reason() -> None:
    assert "It is never below 4." in plain(shown(Filled()))
    risen = shown(Filled(), least=8)
    assert 'min="8"' in risen
    assert "this series has opened with it" in risen
    assert 'placeholder="8"' in risen


@pytest.fixture
def manager(doors: Any) -> Callable[..., Any]:
    """Requests of a browser that is signed in."""
    key = doors.manager["Authorization"].removeprefix("Bearer ")
    doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}))

    def ask(fields: Fields | None = None) -> Any:
        if fields is None:
            return doors.run(doors.client.get("/manage/pulses/new"))
        parts = [(name, (None, value)) for name, value in fields]
        return doors.run(doors.client.post("/manage/pulses/new", files=parts))

    return ask


def sent_from(page: str, elements: Callable[[str], Any]) -> Fields:
    """What a browser would send of the page's inputs and its instrument, without pressing a button."""
    inputs = [it for it in elements(page).all("input") if it.get("name") and it.get("type") != "file"]
    kept = [it for it in inputs if it.get("type") != "checkbox" or "checked" in it]
    return [("instrument", KEY), *((it["name"], it.get("value") or "") for it in kept)]


def ticked(page: str, elements: Callable[[str], Any]) -> list[str]:
    return [value for name, value in sent_from(page, elements) if name == "item"]


def test_from_the_form_to_a_draft(manager: Callable[..., Any], doors: Any, elements: Callable[[str], Any]) -> None:
    units = [{"id": "all", "headcount": 1}, *({"id": f"t{n}", "parent": "all", "headcount": 9} for n in range(3))]
    doors.ok("PUT", "/v1/roster", {"units": units})
    first = manager().text
    assert len(ticked(first, elements)) == 30
    short = manager([*sent_from(first, elements), ("action", "short")]).text
    assert ticked(short, elements) == list(rotation.short(FIVE, []))
    few = manager([*sent_from(short, elements), ("none", "wellbeing")]).text
    assert len(ticked(few, elements)) == 8
    all_of_one = manager([*sent_from(few, elements), ("all", "wellbeing")]).text
    assert len(ticked(all_of_one, elements)) == 14
    listed = manager([*sent_from(short, elements), ("lens", "interdependence"), ("action", "create")])
    assert "They are listed anew" in listed.text
    assert len(ticked(listed.text, elements)) == 22
    seen = manager([*sent_from(listed.text, elements), ("action", "preview")])
    assert (seen.status_code, "When 70 % answer" in seen.text) == (200, True)
    assert doors.ok("GET", "/v1/pulses")["data"] == []
    fields = [(name, value) for name, value in sent_from(seen.text, elements) if name not in {"label", "band.1"}]
    more = [("label", "Spring"), ("band.1", "place"), ("values.1", "x\r\ny"), ("action", "create")]
    made = manager([*fields, *more])
    assert made.status_code == 303
    (pulse,) = doors.ok("GET", "/v1/pulses")["data"]
    assert made.headers["location"] == f"/manage/pulse?pulse={pulse['id']}"
    assert (pulse["label"], len(pulse["items"]), pulse["bands"]) == ("Spring", 22, {"place": ["x", "y"]})
    assert pulse["state"] == "draft"


def test_what_is_refused_is_filled_in_still(manager: Callable[..., Any], doors: Any) -> None:
    fields = [("instrument", KEY), ("listed", KEY), ("item", "WB1"), ("threshold", "3"), ("band.1", "pl/ace")]
    fields += [("values.1", "x"), ("pools", "one"), ("action", "create")]
    wrong = manager(fields)
    assert wrong.status_code == 422
    for id in ("label", "threshold", "band-1", "pools"):
        assert f'id="{id}-fault"' in wrong.text
    assert 'value="pl/ace"' in wrong.text
    assert "There is no roster yet" in manager([("instrument", KEY), ("item", "WB1"), ("action", "preview")]).text
    unknown = manager([("instrument", "nothing 1"), ("action", "fill")])
    assert (unknown.status_code, 'id="instrument-fault"' in unknown.text) == (422, True)
    assert doors.ok("GET", "/v1/pulses")["data"] == []
    key = doors.key("manage", "results", unit="all")["Authorization"].removeprefix("Bearer ")
    doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}))
    assert manager().status_code == 403
    assert manager(fields).status_code == 403


def test_setting_up_twice_makes_one_draft_until_somebody_is_invited(manager: Callable[..., Any], doors: Any) -> None:
    fields = [("label", "Spring"), ("instrument", KEY), ("listed", KEY), ("item", "WB1"), ("action", "create")]
    first, second = manager(fields), manager(fields)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    (pulse,) = doors.ok("GET", "/v1/pulses")["data"]
    doors.ok("POST", f"/v1/pulses/{pulse['id']}/invitations", {"units": {"all": 3}})
    assert manager(fields).headers["location"] != first.headers["location"]


def test_a_preview_needs_no_name_whatever_else_is_wrong(manager: Callable[..., Any]) -> None:
    fields = [("instrument", KEY), ("listed", KEY), ("item", "WB1"), ("threshold", "1e3")]
    wrong = manager([*fields, ("action", "preview")]).text
    assert ('id="threshold-fault"' in wrong, 'id="label-fault"' in wrong) == (True, False)
    assert 'id="label-fault"' in manager([*fields, ("action", "create")]).text


def test_what_is_far_too_long_is_not_given_back_whole(manager: Callable[..., Any]) -> None:
    long = [(name, "x" * 1_000_000) for name in ("label", "series", "band.1", "threshold")]
    wrong = manager([("instrument", KEY), ("listed", KEY), ("item", "WB1"), ("action", "create"), *long])
    assert wrong.status_code == 422
    assert 'id="label-fault"' in wrong.text
    assert len(wrong.content) < 150_000
