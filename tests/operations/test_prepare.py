"""Thresholds along a series, rosters at the same moment, and texts no database takes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest


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
