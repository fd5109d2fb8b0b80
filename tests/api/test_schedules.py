"""`/v1/schedules`: made, read with what comes, paused, changed, forgotten; every fault is named at its place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from service.operations.rounds import run_due

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BODY = {
    "label": "Team pulse",
    "rule": "FREQ=WEEKLY",
    "days": 5,
    "hand_over": "nobody",
    "pulse": {"instrument": "five-blocks"},
}


def made(doors: Any, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = doors.ok("POST", "/v1/schedules", BODY | changes)
    return found


def test_a_schedule_is_made_read_paused_changed_and_forgotten(doors: Any) -> None:
    whole = {
        "instrument": "five-blocks",
        "version": "1",
        "lenses": ["interdependence"],
        "bands": {"tenure": ["0-1y", "1y+"], "site": ["n", "s"]},
        "crosses": [["tenure", "site"]],
        "classes": {"t1": {"tenure": {"0-1y": 3}}},
        "pools": [{"id": "p", "name": "Both", "units": ["t1", "t2"]}],
        "tokens": ["unlinkable"],
        "policy": {"threshold": 7},
        "series": "weekly",
    }
    it = made(doors, pulse=whole)
    path = f"/v1/schedules/{it['id']}"
    assert it["pulse"] == whole | {"items": None, "label": None}
    assert (it["baseline_every"], it["rounds"], it["last"], it["state"], it["trouble"]) == (26, 0, None, None, None)
    assert [each["kind"] for each in it["coming"]] == ["baseline"] + ["pulse"] * 4
    assert [len(each["items"]) for each in it["coming"]] == [42, 10, 10, 10, 10]
    today = datetime.now(UTC).date()
    assert [each["on"] for each in it["coming"]] == [str(today + timedelta(days=7 * n)) for n in range(5)]
    assert doors.ok("GET", path) == it
    assert doors.ok("GET", "/v1/schedules") == {"data": [it], "next": None}
    paused = doors.ok("PATCH", path, {"paused": True})
    assert paused == it | {"paused": True}
    changed = doors.ok("PATCH", path, {"paused": False, "rule": "FREQ=MONTHLY;BYMONTHDAY=1", "baseline_every": 0})
    assert {date.fromisoformat(each["on"]).day for each in changed["coming"]} == {1}
    assert {each["kind"] for each in changed["coming"]} == {"pulse"}
    assert changed["pulse"] == it["pulse"]
    assert doors.call("DELETE", path).status_code == 204
    assert doors.call("GET", path).status_code == 404
    assert doors.ok("GET", "/v1/schedules")["data"] == []


@ON_SQLITE
def test_a_round_that_stands_is_told(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    it = made(doors, pulse={"instrument": "five-blocks", "items": ["PS1", "PS2"]})
    assert (it["baseline_every"], it["coming"][0]["items"]) == (None, ["PS1", "PS2"])
    today = datetime.now(UTC).date()
    run_due(doors.parts.database, doors.parts.custody, today, lambda: 1, sends_letters=False)
    found = doors.ok("GET", f"/v1/schedules/{it['id']}")
    assert (found["state"], found["rounds"], found["closes_on"]) == ("draft", 1, None)
    pulse = doors.ok("GET", f"/v1/pulses/{found['last']}")
    assert (pulse["label"], pulse["items"]) == (f"Team pulse {today}", ["PS1", "PS2"])
    doors.ok("POST", f"/v1/pulses/{found['last']}/invitations")
    doors.ok("POST", f"/v1/pulses/{found['last']}/open")
    assert doors.ok("GET", f"/v1/schedules/{it['id']}")["closes_on"] == str(today + timedelta(days=5))


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"rule": "FREQ=HOURLY"}, ["rule"]),
        ({"days": 8}, ["days"]),
        ({"days": 0, "label": ""}, ["label", "days"]),
        ({"pulse": {"instrument": "none"}}, ["pulse.instrument"]),
        ({"pulse": {"instrument": "five-blocks", "label": "x"}}, ["pulse.label"]),
        ({"pulse": {"instrument": "five-blocks", "policy": {"threshold": 1}}}, ["pulse.policy.threshold"]),
        ({"hand_over": "pigeons"}, ["hand_over"]),
        ({"starts_on": "yesterday"}, ["starts_on"]),
        ({"colour": "red"}, ["body"]),
    ],
)
@ON_SQLITE
def test_what_cannot_be_is_told_at_its_place(doors: Any, changes: dict[str, Any], places: list[str]) -> None:
    refused = doors.call("POST", "/v1/schedules", BODY | changes)
    assert refused.status_code == 422
    assert [it["where"].removeprefix("body.") for it in refused.json()["errors"]] == places
    it = made(doors)
    assert doors.call("PATCH", f"/v1/schedules/{it['id']}", changes).status_code == 422
    assert doors.ok("GET", f"/v1/schedules/{it['id']}") == it


@ON_SQLITE
def test_letters_that_nobody_would_send_are_refused(doors: Any) -> None:
    it = made(doors)
    for method, path, body in (
        ("POST", "/v1/schedules", BODY | {"hand_over": "letters"}),
        ("PATCH", f"/v1/schedules/{it['id']}", {"hand_over": "letters"}),
    ):
        refused = doors.call(method, path, body)
        assert (refused.status_code, "REDWOOD_SMTP_URL" in refused.json()["detail"]) == (409, True)
    assert doors.ok("GET", "/v1/schedules")["data"] == [it]


@ON_SQLITE
def test_only_who_manages_the_whole_has_schedules(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    it = made(doors)
    for headers in (doors.key("results", "analytics", "collect", "scim"), doors.key("manage", unit="all")):
        for method, path, body in (
            ("POST", "/v1/schedules", BODY),
            ("GET", "/v1/schedules", None),
            ("GET", f"/v1/schedules/{it['id']}", None),
            ("PATCH", f"/v1/schedules/{it['id']}", {}),
            ("DELETE", f"/v1/schedules/{it['id']}", None),
        ):
            assert doors.call(method, path, body, headers=headers).status_code == 403
    assert doors.ok("GET", "/v1/schedules")["data"] == [it]
