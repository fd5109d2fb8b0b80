"""Crosses, classes and pools from a draft to opening, on both databases: what fits is frozen, what does not is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from service.store import pulses
from service.survey.pulse import Pool, Pulse
from service.survey.roster import Roster
from tests.opened import opened as opened_responses

UNITS = {"all": (None, 0), "crane": ("all", 3), "quay": ("all", 4), "yard": ("all", 9)}
BANDS = {"tenure": ["0-1y", "1y+"], "site": ["north", "south"]}
DOCKS = {"id": "docks", "name": "Docks", "units": ["quay", "crane"]}
#: Of those a year or less only four are invited: nobody is asked for that value.
CLASSES = {
    "crane": {"tenure": {"0-1y": 1, "1y+": 2}},
    "quay": {"tenure": {"0-1y": 1, "1y+": 3}},
    "yard": {"tenure": {"0-1y": 2, "1y+": 7}},
}
BODY = {"instrument": "five-blocks", "bands": BANDS, "crosses": [["site", "tenure"]], "classes": CLASSES}


def put(doors: Any, units: dict[str, tuple[str | None, int]]) -> None:
    rows = [{"id": id, "parent": parent, "headcount": n} for id, (parent, n) in units.items()]
    doors.ok("PUT", "/v1/roster", {"units": rows})


def drafted(doors: Any, **more: Any) -> str:
    put(doors, UNITS)
    pulse: str = doors.ok("POST", "/v1/pulses", {**BODY, "pools": [DOCKS], **more})["id"]
    return pulse


def frozen(doors: Any, id: str) -> tuple[Pulse, Roster]:
    with doors.parts.database.read() as tx:
        return pulses.pulse_by_id(tx, id), pulses.frozen_roster(tx, id)


@pytest.fixture
def opened(doors: Any) -> SimpleNamespace:
    pulse = drafted(doors)
    issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    return SimpleNamespace(id=pulse, tokens={entry["unit"]: entry["tokens"] for entry in issued})


def test_nobody_is_invited_to_a_pool(doors: Any) -> None:
    pulse = drafted(doors)
    refused = doors.call("POST", f"/v1/pulses/{pulse}/invitations", {"units": {"docks": 1}})
    assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, "units[0]")
    issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    assert {entry["unit"]: len(entry["tokens"]) for entry in issued} == {"crane": 3, "quay": 4, "yard": 9}
    assert doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"] == []


def test_what_was_drafted_is_what_opens(doors: Any, opened: SimpleNamespace) -> None:
    pulse, tree = frozen(doors, opened.id)
    assert pulse.families == (("tenure",), ("site",), ("site", "tenure"))
    assert (pulse.classes, pulse.pools) == (CLASSES, (Pool("docks", "Docks", ("quay", "crane")),))
    with doors.parts.database.read() as tx:
        kept = pulses.collected_values(tx, opened.id)
    assert kept == {"tenure": {"1y+"}, "site": {"north", "south"}}
    assert [(u.id, u.parent, u.headcount) for u in tree.units] == [
        ("all", None, 0),
        ("docks", "all", 0),
        ("crane", "docks", 3),
        ("quay", "docks", 4),
        ("yard", "all", 9),
    ]


@pytest.mark.parametrize(
    ("units", "where"),
    [
        ({"yard": None}, "classes[2]"),
        ({"quay": ("all", 3)}, "classes[1][0]"),
        ({"quay": ("yard", 4)}, "pools[0].units"),
        ({"docks": ("all", 0)}, "pools[0].id"),
    ],
)
def test_a_roster_it_no_longer_fits_is_told_and_nothing_is_changed(
    doors: Any, units: dict[str, Any], where: str
) -> None:
    pulse = drafted(doors)
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations", {"units": {"crane": 3}})
    before = doors.ok("GET", f"/v1/pulses/{pulse}")
    put(doors, {id: facts for id, facts in (UNITS | units).items() if facts is not None})
    refused = doors.call("POST", f"/v1/pulses/{pulse}/open")
    assert (refused.status_code, refused.json()["type"]) == (422, "invalid-pulse")
    assert [fault["where"] for fault in refused.json()["errors"]] == [where]
    assert doors.ok("GET", f"/v1/pulses/{pulse}") == before
    put(doors, UNITS)
    reply = doors.call("POST", f"/v1/pulses/{pulse}/open")
    # A unit that once was leaves its id behind: keys may be bound to it.
    assert reply.status_code == (422 if where == "pools[0].id" else 200)


def test_a_roster_put_after_opening_changes_nothing_of_an_open_pulse(doors: Any, opened: SimpleNamespace) -> None:
    before, reply = frozen(doors, opened.id), doors.ok("GET", f"/v1/pulses/{opened.id}")
    put(doors, {"all": (None, 0), "quay": ("all", 1), "docks": ("quay", 40), "new": ("docks", 8)})
    assert frozen(doors, opened.id) == before
    assert doors.ok("GET", f"/v1/pulses/{opened.id}") == reply
    for method in ("PUT", "PATCH"):
        refused = doors.call(method, f"/v1/pulses/{opened.id}", {"bands": {}, "crosses": [], "pools": []})
        assert refused.status_code == 405
    assert doors.call("POST", f"/v1/pulses/{opened.id}/open").status_code == 409
    rows = doors.rows(f"/v1/pulses/{opened.id}/participation")
    assert [row["unit"] for row in rows] == ["all", "docks", "crane", "quay", "yard"]


def test_participation_counts_a_pool_by_its_units(doors: Any, opened: SimpleNamespace) -> None:
    for token in (*opened.tokens["crane"], *opened.tokens["quay"][:2]):
        doors.ok("POST", f"/v1/pulses/{opened.id}/responses", {"token": token, "answers": {"WB1": 4}}, {})
    rows = {row["unit"]: row for row in doors.rows(f"/v1/pulses/{opened.id}/participation")}
    assert (rows["docks"]["n"], rows["docks"]["headcount"]) == (5, 7)
    assert rows["crane"]["status"] == rows["quay"]["status"] == "suppressed"


def test_a_key_bound_to_a_pooled_unit_sees_that_unit_only(doors: Any, opened: SimpleNamespace) -> None:
    bound = doors.key("results", unit="quay")
    rows = doors.rows(f"/v1/pulses/{opened.id}/participation", bound)
    assert [row["unit"] for row in rows] == ["quay"]


def test_a_value_of_too_small_a_class_is_taken_and_kept_as_not_stated(doors: Any, opened: SimpleNamespace) -> None:
    said = [{"tenure": "0-1y", "site": "south"}, {"tenure": "1y+"}, {}]
    for token, bands in zip(opened.tokens["yard"], said, strict=False):
        body = {"token": token, "answers": {"WB1": 4}, "bands": bands}
        doors.ok("POST", f"/v1/pulses/{opened.id}/responses", body, {})
        doors.ok("POST", f"/v1/pulses/{opened.id}/responses", body, {})
    _, _, bands = opened_responses(doors.parts.database, opened.id)
    kept = [row.tobytes() for row in bands]
    assert sorted(kept) == [bytes([0, 0]), bytes([0, 2]), bytes([2, 0])]


def test_closing_counts_the_units_of_a_pool(doors: Any, opened: SimpleNamespace) -> None:
    for tokens in opened.tokens.values():
        for token in tokens:
            doors.ok("POST", f"/v1/pulses/{opened.id}/responses", {"token": token, "answers": {"WB1": 4}}, {})
    assert doors.ok("POST", f"/v1/pulses/{opened.id}/close")["pools"] == [DOCKS]
    doors.ok("POST", f"/v1/pulses/{opened.id}/release")
    units = {unit["id"]: unit for unit in doors.ok("GET", f"/v1/pulses/{opened.id}/release")["units"]}
    assert {id: unit.get("n") for id, unit in units.items()} == {
        "all": 16,
        "docks": 7,
        "crane": None,
        "quay": None,
        "yard": 9,
    }
    assert units["crane"]["parent"] == units["quay"]["parent"] == "docks"
