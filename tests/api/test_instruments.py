"""Instruments over HTTP: versions, replays, refusals with the place, and lenses beside an instrument."""

from __future__ import annotations

from typing import Any

import pytest

OWN = {
    "id": "own",
    "version": "9",
    "scale": {"low": 1, "high": 4},
    "items": [{"id": "Q1", "block": "one", "text": "It works."}, {"id": "Q2", "block": "one", "text": "It holds."}],
}


def test_a_version_is_written_once(doors: Any) -> None:
    assert doors.call("POST", "/v1/instruments", OWN).status_code == 201
    assert doors.call("POST", "/v1/instruments", OWN).status_code in {200, 201}
    reworded = {**OWN, "items": [{**OWN["items"][0], "text": "It nearly works."}, OWN["items"][1]]}
    assert doors.call("POST", "/v1/instruments", reworded).status_code == 409
    assert doors.call("POST", "/v1/instruments", {**reworded, "version": "10"}).status_code == 201
    assert doors.ok("GET", "/v1/instruments/own")["version"] == "10"
    assert doors.ok("GET", "/v1/instruments/own?version=9")["items"][0]["texts"] == {"en": "It works."}


def test_what_ships_is_there_and_cannot_be_overwritten(doors: Any) -> None:
    shipped = {row["id"] for row in doors.ok("GET", "/v1/instruments")["data"]}
    assert shipped == {"five-blocks", "interdependence", "coordination"}
    assert doors.call("POST", "/v1/instruments", {**OWN, "id": "five-blocks", "version": "1"}).status_code == 409


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"items": [OWN["items"][0], OWN["items"][0]]}, "items[1].id"),
        ({"blocks": [{"id": "other"}]}, "items[0].block"),
        ({"scale": {"low": 1, "high": 1}}, "scale"),
        ({"items": []}, "items"),
        ({"hush": 1}, "instrument"),
    ],
)
def test_nonsense_is_refused_with_its_place(doors: Any, change: dict[str, Any], where: str) -> None:
    reply = doors.call("POST", "/v1/instruments", {**OWN, **change})
    assert (reply.status_code, reply.json()["type"]) == (422, "invalid-instrument")
    assert any(fault["where"].startswith(where) for fault in reply.json()["errors"]), reply.text
    assert "hush" not in reply.text
    assert doors.call("GET", "/v1/instruments/own").status_code == 404


def test_lenses_are_asked_beside_the_instrument(doors: Any) -> None:
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "lenses": ["interdependence", "coordination"]})
    assert len(pulse["items"]) == 30 + 12 + 3
    for lenses in (["nosuch"], ["five-blocks"], ["interdependence", "interdependence"]):
        assert doors.call("POST", "/v1/pulses", {"instrument": "five-blocks", "lenses": lenses}).status_code == 422
