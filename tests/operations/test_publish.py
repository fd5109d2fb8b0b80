"""A release that its own attack gets into is not stored; the pulse stays closed and can be released later."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from service.operations import publish
from service.release.attack import AttackReport, Attempt
from service.store import tables

BREACH = AttackReport((Attempt("subtraction", "everything", 12, "one respondent's answer", False),))


@pytest.fixture
def closed(doors: Any) -> SimpleNamespace:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    tokens = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"][0]["tokens"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    for token in tokens:
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": {"WB1": 4, "PS1": 2}}, {})
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    return SimpleNamespace(id=pulse)


def stored(doors: Any, table: Any) -> int:
    with doors.parts.database.read() as tx:
        return len(tx.execute(table.select()).all())


def test_what_the_attack_gets_into_is_not_released(
    doors: Any, closed: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "attack", lambda _: BREACH)
    reply = doors.call("POST", f"/v1/pulses/{closed.id}/release")
    assert (reply.status_code, reply.json()["type"]) == (409, "unsafe-release")
    assert "subtraction" not in reply.text
    assert doors.ok("GET", f"/v1/pulses/{closed.id}")["state"] == "closed"
    assert (stored(doors, tables.release), stored(doors, tables.tally)) == (0, 1)
    monkeypatch.undo()
    doors.ok("POST", f"/v1/pulses/{closed.id}/release")
    assert (stored(doors, tables.release), stored(doors, tables.tally)) == (1, 0)


def test_a_stored_release_can_be_attacked_again(doors: Any, closed: SimpleNamespace) -> None:
    doors.ok("POST", f"/v1/pulses/{closed.id}/release")
    report = doors.ok("GET", f"/v1/pulses/{closed.id}/attack-report", headers={})
    principal = publish.Principal("test", doors.organisation, frozenset({"results"}))
    assert publish.attack_again(doors.parts.database, principal, closed.id) == report
    assert report["passed"] is True


def test_pulses_of_one_day_stand_in_the_order_they_closed(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    made = []
    for answer in (1, 2, 3, 4, 5):
        pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["PS1"]})["id"]
        tokens = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"][0]["tokens"]
        doors.ok("POST", f"/v1/pulses/{pulse}/open")
        for token in tokens:
            doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": {"PS1": answer}}, {})
        made.append(pulse)
    order = [made[3], made[0], made[4], made[2], made[1]]
    for pulse in order:
        doors.ok("POST", f"/v1/pulses/{pulse}/close")
    for pulse in reversed(order):
        doors.ok("POST", f"/v1/pulses/{pulse}/release")
    rows = doors.rows("/v1/trends?block=safety")
    assert [row["pulse"] for row in rows] == order
    assert {row["pulse"] for row in doors.rows("/v1/heatmap")} == {order[-1]}


def test_a_pulse_nobody_answered_is_released_with_nothing_in_it(doors: Any) -> None:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations")
    for verb in ("open", "close", "release"):
        doors.ok("POST", f"/v1/pulses/{pulse}/{verb}")
    assert {row["status"] for row in doors.rows(f"/v1/results?pulse={pulse}")} == {"suppressed"}
