"""A leader's forecast over HTTP: whose it is, until when it may be given, and what it becomes after the release."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

SURE = {"blocks": {"wellbeing": 90, "safety": 50.0}, "consent": True}
SECRET = "hush-4711"
#: Where what is proven lies above the database; what is stored, replaced and withdrawn is asked of both.
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def at(pulse: str, unit: str = "n1") -> str:
    return f"/v1/pulses/{pulse}/forecasts/{unit}"


@pytest.fixture
def leader(doors: Any) -> dict[str, str]:
    key: dict[str, str] = doors.key("results", unit="n1")
    return key


def answered(doors: Any, opened: SimpleNamespace) -> None:
    for tokens in opened.tokens.values():
        for place, token in enumerate(tokens):
            body = {"token": token, "answers": dict.fromkeys(["WB1", "PS1", "CL1"], 1 + place % 5)}
            doors.ok("POST", f"/v1/pulses/{opened.id}/responses", body, {})


def let_out(doors: Any, opened: SimpleNamespace) -> None:
    answered(doors, opened)
    doors.ok("POST", f"/v1/pulses/{opened.id}/close")
    doors.ok("POST", f"/v1/pulses/{opened.id}/release")


def test_a_forecast_is_given_replaced_read_and_withdrawn(doors: Any, opened: SimpleNamespace, leader: Any) -> None:
    path = at(opened.id)
    assert doors.call("GET", path, headers=leader).status_code == 404
    assert doors.call("PUT", path, SURE, leader).status_code == 204
    assert doors.call("PUT", path, {"blocks": {"safety": 72}, "consent": True}, leader).status_code == 204
    found = doors.ok("GET", path, headers=leader)
    assert (found["pulse"], found["unit"], found["released"]) == (opened.id, "n1", False)
    (row,) = found["data"]
    assert (row["block"], row["forecast"], row["status"]) == ("safety", 72.0, "unreleased")
    assert {row[name] for name in ("n", "score", "gap", "low", "high", "error", "z", "noteworthy")} == {None}
    assert doors.call("DELETE", path, headers=leader).status_code == 204
    assert doors.call("GET", path, headers=leader).status_code == 404
    assert doors.call("DELETE", path, headers=leader).status_code == 204


@on_one
def test_after_the_release_each_block_has_its_gap(doors: Any, opened: SimpleNamespace, leader: Any) -> None:
    doors.ok("PUT", at(opened.id), SURE, leader)
    let_out(doors, opened)
    found = doors.ok("GET", at(opened.id), headers=leader)
    assert found["released"] is True
    team = {row["block"]: row for row in doors.rows(f"/v1/results?pulse={opened.id}&unit=n1") if row["item"] is None}
    assert [row["block"] for row in found["data"]] == ["wellbeing", "safety"]
    for row in found["data"]:
        score = team[row["block"]]
        assert (row["status"], row["n"], row["score"]) == ("ok", score["n"], score["score"])
        assert row["gap"] == pytest.approx(row["forecast"] - score["score"])
        assert (row["low"], row["high"]) == (row["forecast"] - score["high"], row["forecast"] - score["low"])
        assert row["z"] == pytest.approx(abs(row["gap"]) / row["error"])
        assert row["noteworthy"] is (row["z"] > 2.5)


@on_one
def test_it_is_nobody_elses(doors: Any, opened: SimpleNamespace, leader: Any) -> None:
    doors.ok("PUT", at(opened.id), SURE, leader)
    for unit in (None, "north", "n2", "all"):
        other = doors.key("results", "manage", "analytics", unit=unit)
        for method, body in (("GET", None), ("PUT", SURE), ("DELETE", None)):
            refused = doors.call(method, at(opened.id), body, other)
            assert (refused.status_code, refused.json()["type"]) == (404, "not-found"), (unit, method)
            assert refused.content == doors.call(method, at("a" * 16), body, other).content
            assert refused.content == doors.call(method, at(opened.id, "nowhere"), body, other).content
    assert doors.call("GET", at(opened.id), headers=doors.key("manage", "analytics", unit="n1")).status_code == 403
    assert doors.ok("GET", at(opened.id), headers=leader)["data"][0]["forecast"] == 90


@on_one
def test_a_key_of_a_unit_that_is_not_in_the_roster_has_nothing_to_forecast(doors: Any, opened: SimpleNamespace) -> None:
    key = doors.key("results", unit="nowhere")
    assert doors.call("PUT", at(opened.id, "nowhere"), SURE, key).status_code == 404


@on_one
def test_it_is_given_from_the_opening_until_the_release(doors: Any, opened: SimpleNamespace, leader: Any) -> None:
    draft = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    assert doors.call("PUT", at(draft), SURE, leader).status_code == 409
    answered(doors, opened)
    doors.ok("POST", f"/v1/pulses/{opened.id}/close")
    assert doors.call("PUT", at(opened.id), SURE, leader).status_code == 204
    doors.ok("POST", f"/v1/pulses/{opened.id}/release")
    late = doors.call("PUT", at(opened.id), {"blocks": {"wellbeing": 1}, "consent": True}, leader)
    assert (late.status_code, late.json()["type"]) == (409, "conflict")
    assert doors.ok("GET", at(opened.id), headers=leader)["data"][0]["forecast"] == 90
    assert doors.call("DELETE", at(opened.id), headers=leader).status_code == 204
    assert doors.call("GET", at(opened.id), headers=leader).status_code == 404


FAULTY: list[tuple[dict[str, Any], str]] = [
    ({"blocks": {"safety": 72}, "consent": False}, "consent"),
    ({"blocks": {"safety": 72}}, "body.consent"),
    ({"blocks": {"safety": 72}, "consent": "true"}, "body.consent"),
    ({"blocks": {"wellbeing": 1, SECRET: 72}, "consent": True}, "blocks[1]"),
    ({"blocks": {"strengths": 72}, "consent": True}, "blocks[0]"),
    ({"blocks": {"safety": 100.5}, "consent": True}, "body.blocks"),
    ({"blocks": {"safety": -1}, "consent": True}, "body.blocks"),
    ({"blocks": {"safety": True}, "consent": True}, "body.blocks"),
    ({"blocks": {}, "consent": True}, "body.blocks"),
    ({"blocks": {"safety": 72}, "consent": True, "lead": SECRET}, "body"),
]


@on_one
def test_a_fault_is_told_at_its_place_and_not_repeated(doors: Any, opened: SimpleNamespace, leader: Any) -> None:
    for body, where in FAULTY:
        refused = doors.call("PUT", at(opened.id), body, leader)
        assert (refused.status_code, refused.json()["type"]) == (422, "invalid"), body
        assert [fault["where"] for fault in refused.json()["errors"]] == [where]
        assert SECRET not in refused.text
    assert doors.call("GET", at(opened.id), headers=leader).status_code == 404


@on_one
def test_mean_gaps_are_for_the_whole_organisation_after_the_release(doors: Any, opened: SimpleNamespace) -> None:
    path = f"/v1/pulses/{opened.id}/forecasts"
    assert doors.call("GET", path).status_code == 404
    let_out(doors, opened)
    assert doors.call("GET", path, headers=doors.key("analytics", unit="all")).status_code == 403
    assert doors.call("GET", path, headers=doors.key("results")).status_code == 403
    found = doors.ok("GET", path)
    assert found["pulse"] == opened.id
    assert [row["block"] for row in found["data"]] == ["wellbeing", "safety", "leadership"]
    assert {(row["status"], row["leads"], row["gap"], row["low"], row["high"]) for row in found["data"]} == {
        ("suppressed", None, None, None, None)
    }
