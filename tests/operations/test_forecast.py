"""The organisation's mean gaps are fixed when first read: no withdrawal and no block left out tells of one leader."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from service.store import tables

ITEMS = ["WB1", "PS1"]
TEAMS = ["t1", "t2", "t3", "t4", "t5", "t6"]
#: Where what is proven lies above the database; what is stored and what is fixed is asked of both.
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def closed(doors: Any) -> SimpleNamespace:
    """Six teams of ten, and two people apart from them whose unit cannot be shown; all teams answered alike."""
    units = [{"id": "all", "headcount": 0}, *({"id": id, "parent": "all", "headcount": 10} for id in TEAMS)]
    doors.ok("PUT", "/v1/roster", {"units": [*units, {"id": "few", "headcount": 2}]})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ITEMS})["id"]
    issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    for entry in issued:
        for place, token in enumerate(entry["tokens"]):
            answers = dict.fromkeys(ITEMS, 1 + place % 5)
            doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": answers}, {})
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    return SimpleNamespace(id=pulse, path=f"/v1/pulses/{pulse}/forecasts")


def give(doors: Any, pulse: SimpleNamespace, unit: str, **blocks: float) -> None:
    body = {"blocks": blocks, "consent": True}
    doors.ok("PUT", f"{pulse.path}/{unit}", body, doors.key("results", unit=unit))


def withdraw(doors: Any, pulse: SimpleNamespace, unit: str) -> None:
    doors.ok("DELETE", f"{pulse.path}/{unit}", headers=doors.key("results", unit=unit))


def release(doors: Any, pulse: SimpleNamespace) -> None:
    doors.ok("POST", f"/v1/pulses/{pulse.id}/release")


def means(doors: Any, pulse: SimpleNamespace) -> list[tuple[str, str, int | None, int | None]]:
    return [(it["block"], it["status"], it["leads"], it["gap"]) for it in doors.ok("GET", pulse.path)["data"]]


def test_the_mean_over_the_leaders_is_fixed_at_the_first_read(doors: Any, closed: SimpleNamespace) -> None:
    for place, unit in enumerate(TEAMS):
        give(doors, closed, unit, wellbeing=50 + 10 * place, safety=50)
    give(doors, closed, "few", wellbeing=100, safety=100)
    release(doors, closed)
    first = means(doors, closed)
    assert first == [("wellbeing", "ok", 6, 25), ("safety", "ok", 6, 0)]
    for unit in TEAMS:
        withdraw(doors, closed, unit)
    assert means(doors, closed) == first


@on_one
def test_who_withdrew_before_the_first_read_is_not_counted(doors: Any, closed: SimpleNamespace) -> None:
    for unit in TEAMS:
        give(doors, closed, unit, wellbeing=100 if unit == "t1" else 60, safety=50)
    release(doors, closed)
    withdraw(doors, closed, "t1")
    assert means(doors, closed) == [("wellbeing", "ok", 5, 10), ("safety", "ok", 5, 0)]


@on_one
def test_a_leader_who_left_out_a_block_is_counted_in_none(doors: Any, closed: SimpleNamespace) -> None:
    for unit in TEAMS[:5]:
        give(doors, closed, unit, wellbeing=60, safety=50)
    give(doors, closed, "t6", wellbeing=100)
    release(doors, closed)
    assert means(doors, closed) == [("wellbeing", "ok", 5, 10), ("safety", "ok", 5, 0)]


@on_one
def test_fewer_leaders_than_the_threshold_are_not_even_numbered(doors: Any, closed: SimpleNamespace) -> None:
    for unit in (*TEAMS[:4], "few"):
        give(doors, closed, unit, wellbeing=60, safety=50)
    release(doors, closed)
    assert means(doors, closed) == [("wellbeing", "suppressed", None, None), ("safety", "suppressed", None, None)]


@on_one
def test_a_team_that_is_not_released_has_no_gap(doors: Any, closed: SimpleNamespace) -> None:
    give(doors, closed, "few", wellbeing=60)
    release(doors, closed)
    (row,) = doors.ok("GET", f"{closed.path}/few", headers=doors.key("results", unit="few"))["data"]
    assert (row["forecast"], row["status"], row["score"], row["gap"], row["z"]) == (60, "suppressed", None, None, None)


def test_what_is_stored_is_the_forecast_and_nothing_of_its_leader(doors: Any, closed: SimpleNamespace) -> None:
    give(doors, closed, "t1", wellbeing=60)
    with doors.parts.database.read() as tx:
        assert list(map(tuple, tx.execute(tables.forecast.select()))) == [(closed.id, "t1", '{"wellbeing": 60.0}')]
    withdraw(doors, closed, "t1")
    with doors.parts.database.read() as tx:
        assert not tx.execute(tables.forecast.select()).all()
