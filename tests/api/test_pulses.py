"""Setting a pulse up over HTTP: what is said of bands comes back, how many are of each class never does."""

from __future__ import annotations

from typing import Any

import pytest

SECRET = "hush-4711"
BODY = {"instrument": "five-blocks", "bands": {"tenure": ["0-1y", "1y+"], "site": ["north", "south"]}}
READ = {"crosses": [["site", "tenure"]], "pools": [{"id": "p", "name": "Both", "units": ["a", "b"]}]}


def test_crosses_and_pools_are_said_and_classes_are_not(doors: Any) -> None:
    classes = {"a": {"tenure": {"0-1y": 4711}}}
    made = doors.ok("POST", "/v1/pulses", {**BODY, **READ, "classes": classes})
    assert {name: made[name] for name in ("bands", "crosses", "pools")} == {"bands": BODY["bands"], **READ}
    assert "classes" not in made
    for path in (f"/v1/pulses/{made['id']}", "/v1/pulses"):
        assert "4711" not in doors.call("GET", path).text
    assert doors.ok("GET", "/v1/pulses")["data"] == [made]


def test_all_of_it_may_be_left_out(doors: Any) -> None:
    made = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})
    assert (made["bands"], made["crosses"], made["pools"]) == ({}, [], [])


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"crosses": [["site", SECRET]]}, "crosses[0]"),
        ({"crosses": [["site", "tenure"]] * 4}, "body.crosses"),
        ({"crosses": [[SECRET, 1]]}, "body.crosses"),
        ({"bands": {f"b{n}": ["a", "b"] for n in range(5)}}, "body.bands"),
        ({"classes": {SECRET: {SECRET: {SECRET: 1}}}}, "classes[0][0]"),
        ({"classes": {"a": {"site": {"north": 1_000_001}}}}, "classes[0][0][0]"),
        ({"classes": {"a": {"site": {SECRET: "4"}}}}, "body.classes"),
        ({"classes": {"a": {"site": {SECRET: True}}}}, "body.classes"),
        ({"classes": {SECRET: 1}}, "body.classes"),
        ({"pools": [{"id": f" {SECRET}", "name": "P", "units": ["a", "b"]}]}, "pools[0].id"),
        ({"pools": [{"id": "p", "name": "P", "units": [SECRET, SECRET]}]}, "pools[0].units[1]"),
        ({"pools": [{"id": "p", "units": ["a", "b"]}]}, "body.pools"),
        ({"pools": [{"id": "p", "name": "P", "units": ["a", "b"], SECRET: 1}]}, "body"),
    ],
)
def test_a_fault_is_told_at_its_place_and_not_repeated(doors: Any, more: dict[str, Any], where: str) -> None:
    refused = doors.call("POST", "/v1/pulses", {**BODY, **more})
    assert refused.status_code == 422
    assert [fault["where"] for fault in refused.json()["errors"]] == [where]
    assert SECRET not in refused.text
    assert doors.ok("GET", "/v1/pulses")["data"] == []


def test_pulses_come_in_pages(doors: Any) -> None:
    made = {doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"] for _ in range(5)}
    assert {row["id"] for row in doors.rows("/v1/pulses?limit=2")} == made
