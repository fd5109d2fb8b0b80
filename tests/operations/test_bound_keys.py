"""A key bound to a subtree learns nothing of units outside it, by no table and no subtraction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Unit = dict[str, Any]
Answer = Callable[[str, int], int]


def unit(id: str, parent: str | None, headcount: int, **more: Any) -> Unit:
    return {"id": id, "parent": parent, "headcount": headcount, **more}


def spread(_unit: str, place: int) -> int:
    return 1 + place % 5


def lifted(id: str, place: int) -> int:
    """Everybody spreads but the unit called t, which is content."""
    return 3 + place % 3 if id == "t" else spread(id, place)


def pulse(doors: Any, units: list[Unit], answer: Answer) -> str:
    doors.ok("PUT", "/v1/roster", {"units": [unit("all", None, 0), *units]})
    id: str = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1", "PS1"]})["id"]
    issued = doors.ok("POST", f"/v1/pulses/{id}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{id}/open")
    for entry in issued:
        for place, token in enumerate(entry["tokens"]):
            given = answer(entry["unit"], place)
            body = {"token": token, "answers": {"WB1": given, "PS1": 6 - given}}
            doors.ok("POST", f"/v1/pulses/{id}/responses", body, {})
    doors.ok("POST", f"/v1/pulses/{id}/close")
    doors.ok("POST", f"/v1/pulses/{id}/release")
    return id


def tree(home: str) -> list[Unit]:
    """Two halls with a team each, and t, which stands in one of them."""
    halls = [unit("A", "all", 0), unit("B", "all", 0), unit("x", "A", 15), unit("y", "B", 15)]
    return [*halls, unit("t", home, 15)]


@pytest.fixture
def moved(doors: Any) -> list[str]:
    return [pulse(doors, tree(home), lifted) for home in ("B", "A", "A")]


def test_of_a_whole_no_part_can_be_subtracted(doors: Any) -> None:
    pulse(doors, [unit("north", "all", 15), unit("south", "all", 21)], spread)
    rows = doors.rows("/v1/results", doors.key("results", unit="north"))
    assert any(row["minimum_detectable_change"] for row in rows)
    assert {row[name] for row in rows for name in row if name.startswith("against_")} == {None}
    whole = doors.rows("/v1/results?unit=north")
    assert any(row["against_organisation"] is not None for row in whole)


def test_a_unit_that_came_is_read_from_then_on_and_as_it_was_measured(doors: Any, moved: list[str]) -> None:
    bound = doors.key("analytics", unit="A")
    rows = doors.rows("/v1/trends?unit=t&block=safety", bound)
    assert [row["pulse"] for row in rows] == moved[1:]
    assert all(row["score"] is not None for row in rows)
    model = ("smoothed", "smoothed_low", "climate", "climate_high", "surprise", "break", "verdict")
    assert {row[name] for row in rows for name in model} == {None}
    assert [row["change"] is None for row in rows] == [True, False]
    known = doors.rows("/v1/trends?unit=x&block=safety", bound)
    assert [row["pulse"] for row in known] == moved
    assert all(row["smoothed"] is not None for row in known)


@pytest.mark.parametrize("table", ["changes", "alerts", "clusters"])
def test_what_is_told_from_a_past_outside_is_not_told(doors: Any, moved: list[str], table: str) -> None:
    """Neither of t, which came, nor of A, which holds it now; and of x, which was always there, as before."""
    seen = {row["unit"] for row in doors.rows(f"/v1/{table}", doors.key("analytics", unit="A"))}
    assert seen <= {"x"}
    assert seen or table == "alerts"
    earlier = {row["unit"] for row in doors.rows(f"/v1/changes?pulse={moved[0]}", doors.key("analytics", unit="A"))}
    assert earlier == {"A", "x"}


def test_a_unit_that_took_over_others_outside_has_no_changes_and_no_view_from_today(doors: Any) -> None:
    halls = [unit("A", "all", 0), unit("B", "all", 0), unit("x", "A", 15), unit("y", "B", 15)]
    pulse(doors, [*halls, unit("u", "A", 15), unit("t", "B", 21)], lifted)
    pulse(doors, [*halls, unit("u", "A", 36, before=["t"])], spread)
    bound = doors.key("analytics", unit="A")
    assert {row["unit"] for row in doors.rows("/v1/changes", bound)} == {"x"}
    assert {row["view"] for row in doors.rows("/v1/trends?lineage=now&unit=u", bound)} == {"then"}
    assert {row["view"] for row in doors.rows("/v1/trends?lineage=now&unit=u")} == {"now"}


def test_no_digest_and_no_count_over_the_whole(doors: Any, moved: list[str]) -> None:
    bound = doors.key("analytics", unit="A")
    assert doors.call("GET", f"/v1/pulses/{moved[-1]}/findings", headers=bound).status_code == 403
    assert doors.rows("/v1/alerts", bound) == []
    assert {row["kind"] for row in doors.rows("/v1/alerts")} == {"summary"}
