"""Rosters: JSON and CSV in, a replay is no change, history stays, nonsense changes nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

FIRST = {"units": [{"id": "all", "headcount": 0}, {"id": "a", "parent": "all", "headcount": 9}]}
SECOND = {
    "units": [
        {"id": "all", "headcount": 1},
        {"id": "new", "parent": "all", "headcount": 0},
        {"id": "a", "name": "Alder", "parent": "new", "headcount": 9},
    ]
}
CHANGES = ("added", "moved", "renamed", "resized", "left")


def changes(reply: dict[str, Any]) -> dict[str, list[str]]:
    return {kind: reply[kind] for kind in CHANGES if reply[kind]}


def imported(doors: Any, text: str, query: str = "") -> httpx.Response:
    headers = {**doors.manager, "Content-Type": "text/csv"}
    reply: httpx.Response = doors.run(
        doors.client.post(f"/v1/roster/import{query}", content=text.encode(), headers=headers)
    )
    return reply


def test_a_replay_is_no_change(doors: Any) -> None:
    assert changes(doors.ok("PUT", "/v1/roster", FIRST)) == {"added": ["all", "a"]}
    assert changes(doors.ok("PUT", "/v1/roster", FIRST)) == {}
    assert changes(imported(doors, "id,parent,headcount\nall,,0\na,all,9\n").json()) == {}


def test_history_is_kept_by_day(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster?as_of=2024-01-01", FIRST)
    reply = doors.ok("PUT", "/v1/roster?as_of=2024-06-01", SECOND)
    assert changes(reply) == {"added": ["new"], "moved": ["a"], "renamed": ["a"], "resized": ["all"]}
    units = {day: doors.ok("GET", f"/v1/roster?as_of={day}")["units"] for day in ("2024-01-01", "2024-05-31")}
    assert [unit["id"] for unit in units["2024-01-01"]] == ["all", "a"]
    assert units["2024-01-01"] == units["2024-05-31"]
    assert {unit["id"] for unit in doors.ok("GET", "/v1/roster?as_of=2024-06-01")["units"]} == {"all", "new", "a"}
    assert doors.ok("GET", "/v1/roster?as_of=2023-12-31")["units"] == []
    assert doors.call("PUT", "/v1/roster?as_of=2024-03-01", FIRST).status_code == 409


def test_what_was_read_may_be_sent_back(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {**SECOND, "as_of": "2024-06-01"})
    read = doors.ok("GET", "/v1/roster?as_of=2024-06-01")
    assert read["as_of"] == "2024-06-01"
    assert changes(doors.ok("PUT", "/v1/roster", read)) == {}
    assert doors.ok("GET", "/v1/roster?as_of=2024-05-31")["units"] == []
    for nonsense in ("soon", 7, {}):
        assert doors.call("PUT", "/v1/roster", {**SECOND, "as_of": nonsense}).status_code == 422


def test_a_day_far_ahead_is_refused_since_no_other_could_follow(doors: Any) -> None:
    assert doors.call("PUT", "/v1/roster?as_of=2999-01-01", FIRST).status_code == 422
    doors.ok("PUT", "/v1/roster", FIRST)


def test_a_unit_that_left_and_comes_back_is_the_same_unit(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster?as_of=2024-01-01", SECOND)
    assert changes(doors.ok("PUT", "/v1/roster?as_of=2024-02-01", FIRST))["left"] == ["new"]
    assert changes(doors.ok("PUT", "/v1/roster?as_of=2024-03-01", SECOND))["added"] == ["new"]


def test_a_dry_run_says_and_changes_nothing(doors: Any) -> None:
    reply = imported(doors, "id,headcount\nall,9\n", "?dry_run=true").json()
    assert (reply["applied"], changes(reply)) == (False, {"added": ["all"]})
    assert doors.ok("GET", "/v1/roster")["units"] == []


@pytest.mark.parametrize(
    ("units", "where"),
    [
        ([{"id": "a", "headcount": 5}, {"id": "a", "headcount": 5}], "units[1].id"),
        ([{"id": "a", "parent": "nobody", "headcount": 5}], "units[0].parent"),
        ([{"id": "a", "parent": "b", "headcount": 5}, {"id": "b", "parent": "a", "headcount": 5}], "units[0].parent"),
        ([{"id": "a", "parent": "a", "headcount": 5}], "units[0].parent"),
        ([{"id": "a", "headcount": -1}], "units[0].headcount"),
        ([{"id": "a", "headcount": 2.5}], "units[0].headcount"),
        ([{"id": "a", "headcount": True}], "units[0].headcount"),
        ([{"id": "a", "headcount": 5, "manager": "hush"}], "units[0]"),
        ([{"headcount": 5}], "units[0].id"),
        ([], "units"),
    ],
)
def test_nonsense_is_refused_with_its_place_and_changes_nothing(
    doors: Any, units: list[dict[str, Any]], where: str
) -> None:
    doors.ok("PUT", "/v1/roster", FIRST)
    reply = doors.call("PUT", "/v1/roster", {"units": units})
    assert (reply.status_code, reply.json()["type"]) == (422, "invalid-roster")
    assert any(fault["where"].startswith(where) for fault in reply.json()["errors"])
    assert "hush" not in reply.text
    assert [unit["id"] for unit in doors.ok("GET", "/v1/roster")["units"]] == ["all", "a"]


@pytest.mark.parametrize("text", ["", "id,name\na,b\n", "id,headcount\na,many\n", 'id,headcount\n"a,3\n', "\x00"])
def test_a_csv_that_is_none_is_refused(doors: Any, text: str) -> None:
    reply = imported(doors, text)
    assert (reply.status_code, reply.json()["type"]) == (422, "invalid-roster")


def test_what_is_not_utf8_is_refused(doors: Any) -> None:
    reply = doors.run(doors.client.post("/v1/roster/import", content=b"\xff\xfe", headers=doors.manager))
    assert reply.status_code == 422


def test_an_open_pulse_keeps_the_roster_it_opened_with(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", FIRST)
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations")
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "other", "headcount": 99}]})
    assert {row["unit"] for row in doors.rows(f"/v1/pulses/{pulse}/participation")} == {"all", "a"}


def test_a_body_beyond_the_limit_is_a_problem_and_changes_nothing(doors: Any) -> None:
    limit = doors.parts.settings.body_limit
    for method, path in (("PUT", "/v1/roster"), ("POST", "/v1/roster/import"), ("POST", "/v1/instruments")):
        reply = doors.run(doors.client.request(method, path, content=b" " * (limit + 1), headers=doors.manager))
        assert (reply.status_code, reply.json()["type"]) == (413, "too-large"), path
    assert doors.ok("GET", "/v1/roster")["units"] == []
