"""Thresholds along a series, rosters at the same moment and after reorganisations, and texts no database takes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service.store.pulses import frozen_roster


def made(doors: Any, threshold: int, **more: Any) -> str:
    body = {"instrument": "five-blocks", "policy": {"threshold": threshold}, **more}
    pulse: str = doors.ok("POST", "/v1/pulses", body)["id"]
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations")
    return pulse


@pytest.fixture
def roster(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})


def test_a_threshold_only_rises_in_the_order_of_opening(doors: Any, roster: None) -> None:
    low, high = made(doors, 5), made(doors, 8)
    doors.ok("POST", f"/v1/pulses/{high}/open")
    refused = doors.call("POST", f"/v1/pulses/{low}/open")
    assert (refused.status_code, refused.json()["type"]) == (409, "conflict")
    assert doors.ok("GET", f"/v1/pulses/{low}")["state"] == "draft"
    lower = doors.call("POST", "/v1/pulses", {"instrument": "five-blocks", "policy": {"threshold": 7}})
    assert lower.status_code == 422
    assert doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["policy"] == {"threshold": 8}


def test_a_draft_binds_nobody(doors: Any, roster: None) -> None:
    made(doors, 1000)
    assert doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["policy"] == {"threshold": 5}


def test_the_floor_is_four_and_a_series_is_its_own(doors: Any, roster: None) -> None:
    assert (
        doors.call("POST", "/v1/pulses", {"instrument": "five-blocks", "policy": {"threshold": 3}}).status_code == 422
    )
    first = made(doors, 9, series="one")
    doors.ok("POST", f"/v1/pulses/{first}/open")
    other = made(doors, 4, series="two")
    assert doors.ok("POST", f"/v1/pulses/{other}/open")["policy"] == {"threshold": 4}


def test_rosters_that_come_together_are_all_taken_or_told(doors: Any) -> None:
    async def together() -> list[int]:
        bodies = [{"units": [{"id": f"{name}{n}", "headcount": 5} for n in range(9)]} for name in "abcdef"]
        replies = [doors.client.put("/v1/roster", json=body, headers=doors.manager) for body in bodies]
        return [reply.status_code for reply in await asyncio.gather(*replies)]

    assert set(doors.run(together())) <= {200, 409}
    assert len(doors.ok("GET", "/v1/roster")["units"]) == 9


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/pulses/%00/attack-report", None),
        ("GET", "/v1/pulses/%00/release", None),
        ("GET", "/v1/pulses/%00/questionnaire", None),
        ("GET", "/v1/results?pulse=%00", None),
        ("GET", "/v1/instruments/%00", None),
        ("POST", "/v1/pulses", {"instrument": "five-blocks", "series": "a\u0000b"}),
        ("POST", "/v1/pulses", {"instrument": "five-blocks", "label": "a\u0000b"}),
        ("POST", "/v1/pulses", {"instrument": "\u0000"}),
    ],
)
def test_a_text_no_database_takes_is_refused_like_any_other(doors: Any, method: str, path: str, body: Any) -> None:
    reply = doors.call(method, path, body)
    assert reply.status_code in {404, 422}
    assert reply.headers["content-type"] == "application/problem+json"


def test_each_lens_that_is_not_there_is_named(doors: Any) -> None:
    reply = doors.call("POST", "/v1/pulses", {"instrument": "five-blocks", "lenses": ["coordination", "x", "y"]})
    assert [fault["where"] for fault in reply.json()["errors"]] == ["lenses[1]", "lenses[2]"]


def test_a_roster_that_shrank_after_the_invitations_is_told_at_opening(doors: Any, roster: None) -> None:
    pulse = made(doors, 5)
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 3}]})
    assert doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"] == []
    assert doors.call("POST", f"/v1/pulses/{pulse}/open").status_code == 409


def team(id: str, headcount: int = 9, **more: Any) -> dict[str, Any]:
    return {"id": id, "parent": "all", "headcount": headcount, **more}


def put(doors: Any, *teams: dict[str, Any], day: str, dry: bool = False) -> dict[str, Any]:
    body = {"units": [{"id": "all", "headcount": 0}, *teams]}
    reply: dict[str, Any] = doors.ok("PUT", f"/v1/roster?as_of={day}&dry_run={str(dry).lower()}", body)
    return reply


def before(doors: Any, day: str) -> dict[str, list[str]]:
    units = doors.ok("GET", f"/v1/roster?as_of={day}")["units"]
    return {unit["id"]: unit["before"] for unit in units if unit["before"]}


def test_a_reorganisation_is_told_kept_and_taken_back(doors: Any) -> None:
    put(doors, team("t1"), team("t2"), team("t3"), day="2024-01-01")
    change = [team("quay", 18, before=["t1", "t2"]), team("t3", 5), team("part", 4, before=["t3"])]
    for dry in (True, False):
        told = put(doors, *change, day="2024-02-01", dry=dry)
        assert (told["replacing"], told["merged"], told["split"]) == ([], ["quay"], ["part"])
    assert before(doors, "2024-01-31") == {}
    assert before(doors, "2024-02-01") == {"quay": ["t1", "t2"], "part": ["t3"]}
    # The next import says nothing of it, and grows a unit.
    again = put(doors, team("quay", 19), team("t3", 5), team("part", 4), day="2024-03-01")
    assert {kind: ids for kind, ids in again.items() if isinstance(ids, list) and ids} == {"resized": ["quay"]}
    assert before(doors, "2024-03-01") == {"quay": ["t1", "t2"], "part": ["t3"]}
    put(doors, team("quay", 19, before=[]), team("t3", 5), team("part", 4), day="2024-03-01")
    assert before(doors, "2024-03-01") == {"part": ["t3"]}
    assert before(doors, "2024-02-29") == {"quay": ["t1", "t2"], "part": ["t3"]}


def test_a_unit_that_never_was_took_over_nobody(doors: Any) -> None:
    put(doors, team("t1"), day="2024-01-01")
    units = [team("quay", before=["t1", "nowhere"]), team("new"), {"id": "all", "headcount": 0}]
    for named in (["t1", "nowhere"], ["new"]):
        units[0]["before"] = named
        reply = doors.call("PUT", "/v1/roster?as_of=2024-02-01", {"units": units})
        assert (reply.status_code, [fault["where"] for fault in reply.json()["errors"]]) == (422, ["units[0].before"])
        assert "nowhere" not in reply.text
    text = b"id,headcount,before\nall,9,\nquay,9,nowhere\n"
    headers = {**doors.manager, "Content-Type": "text/csv"}
    reply = doors.run(doors.client.post("/v1/roster/import", content=text, headers=headers))
    assert [fault["where"] for fault in reply.json()["errors"]] == ["line 3, before"]


def test_the_frozen_tree_names_units_that_a_pulse_has_seen(doors: Any) -> None:
    """Team t1 was renamed twice between two pulses, and t2 left for it in the end."""
    put(doors, team("t1"), team("t2"), day="2024-01-01")
    doors.ok("POST", f"/v1/pulses/{made(doors, 5)}/open")
    put(doors, team("mid", before=["t1"]), team("t2"), day="2024-02-01")
    put(doors, team("new", 18, before=["mid", "t2"]), day="2024-03-01")
    pulse = made(doors, 5)
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    with doors.parts.database.read() as tx:
        tree = frozen_roster(tx, pulse)
    assert tree.before == {"all": (), "new": ("t1", "t2")}
