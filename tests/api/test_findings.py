"""The data team's doors: every table in every format, what a key may see of it, and what is refused."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from service.operations.report import Finding
from tests.operations.test_report import pulse

TABLES = ("trends", *get_args(Finding))
#: About the whole organisation, for keys that are bound to none of its parts.
WHOLE = ("archetypes", "quality", "items", "drivers")
#: Where what is proven lies above the database; one test asks both.
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def made(doors: Any) -> list[str]:
    return [pulse(doors, {"north": 15, "south": south}) for south in (15, 21)]


@on_one
def test_every_table_is_answered_in_every_format(doors: Any, made: list[str]) -> None:
    for table in TABLES:
        for format in ("json", "csv", "ndjson", "parquet", "arrow"):
            reply = doors.call("GET", f"/v1/{table}?format={format}")
            assert reply.status_code == 200, (table, format, reply.text)
            assert reply.headers["etag"]
        assert doors.ok("GET", f"/v1/{table}")["table"] == table


def test_what_is_told_of_the_newest_pulse_and_of_all(doors: Any, made: list[str]) -> None:
    newest = ("changes", "clusters", "archetypes")
    for table in newest:
        assert {row["pulse"] for row in doors.rows(f"/v1/{table}")} == {made[-1]}
        assert {row["pulse"] for row in doors.rows(f"/v1/{table}?pulse={made[0]}")} == {made[0]}
    for table in ("alerts", "quality", "items", "agreement", "trends"):
        assert {row["pulse"] for row in doors.rows(f"/v1/{table}")} == set(made)


@on_one
def test_trends_up_to_a_day_are_as_they_were_told_then(doors: Any, made: list[str]) -> None:
    assert doors.rows("/v1/trends?to=2020-01-01") == []
    rows = doors.rows("/v1/trends?unit=all&block=safety")
    assert [row["verdict"] for row in rows] == [None, "no_change"]
    assert {(row["unit"], row["block"]) for row in rows} == {("all", "safety")}


@on_one
def test_a_key_bound_to_a_unit_reads_that_unit_and_nothing_of_the_whole(doors: Any, made: list[str]) -> None:
    bound = doors.key("analytics", unit="north")
    for table in TABLES:
        reply = doors.call("GET", f"/v1/{table}", headers=bound)
        assert reply.status_code == (403 if table in WHOLE else 200), table
        if table not in WHOLE:
            assert {row["unit"] for row in reply.json()["data"]} <= {"north", None}
    assert doors.rows("/v1/alerts", bound) == []
    assert doors.call("GET", "/v1/changes?unit=south", headers=bound).status_code == 404


@on_one
def test_what_is_not_there_is_told(doors: Any, made: list[str]) -> None:
    for table in TABLES:
        unscoped = doors.call("GET", f"/v1/{table}", headers=doors.key("results"))
        assert unscoped.status_code == 403, table
    assert doors.call("GET", "/v1/changes?pulse=nosuch").status_code == 404
    assert doors.call("GET", "/v1/changes?unit=nosuch").status_code == 404
    assert doors.call("GET", "/v1/changes?block=nosuch").json()["type"] == "invalid-query"
    assert doors.call("GET", "/v1/trends?lineage=tomorrow").status_code == 422
    assert doors.call("GET", "/v1/pulses/nosuch/findings").status_code == 404


@on_one
def test_a_parameter_that_a_table_does_not_have_is_told(doors: Any, made: list[str]) -> None:
    for asked in (
        f"trends?pulse={made[0]}",
        "clusters?block=safety",
        "changes?foo=1",
        "results?units=all",
        "alerts?by=x",
    ):
        reply = doors.call("GET", f"/v1/{asked}")
        assert (reply.status_code, reply.json()["type"]) == (422, "invalid-query"), asked
        assert "foo" not in reply.text
    assert doors.rows("/v1/alerts?unit=north") == []


@on_one
def test_a_renamed_unit_is_followed_back_when_asked(doors: Any) -> None:
    pulse(doors, {"north": 15, "south": 15})
    roster = [{"id": "all", "headcount": 0}]
    roster += [{"id": id, "parent": "all", "headcount": 15} for id in ("harbour", "south")]
    roster[1]["before"] = ["north"]
    doors.ok("PUT", "/v1/roster", {"units": roster})
    made = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1", "PS1"]})["id"]
    issued = doors.ok("POST", f"/v1/pulses/{made}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{made}/open")
    for entry in issued:
        for place, token in enumerate(entry["tokens"]):
            body = {"token": token, "answers": {"WB1": 1 + place % 5, "PS1": 5 - place % 5}}
            doors.ok("POST", f"/v1/pulses/{made}/responses", body, {})
    doors.ok("POST", f"/v1/pulses/{made}/close")
    doors.ok("POST", f"/v1/pulses/{made}/release")

    def read(lineage: str) -> list[tuple[str, str]]:
        rows = doors.rows(f"/v1/trends?block=safety&lineage={lineage}")
        return sorted((row["unit"], row["view"]) for row in rows)

    then, now = ("all", "then"), ("south", "then")
    assert read("then") == [then, then, ("harbour", "then"), ("north", "then"), now, now]
    assert read("now") == [then, then, ("harbour", "now"), ("harbour", "now"), now, now]
