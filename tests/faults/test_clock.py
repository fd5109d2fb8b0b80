"""Clocks that jump: days that run backwards close and release all the same, and what ends ends by the clock alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from service.api.parts import Parts
from service.errors import NotAuthenticated
from service.operations.access import session, sign_in
from tests.faults.world import answer, begun, counted, invited

DAY = date(2026, 3, 5)


def at(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr(Parts, "today", staticmethod(lambda: day))


@pytest.mark.parametrize("days", [-400, -1, 1, 40_000])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_pulse_outlives_a_clock_that_jumps(doors: Any, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    at(monkeypatch, DAY)
    pulse, tokens = begun(doors)
    for number, token in enumerate(tokens):
        if number == len(tokens) // 2:
            at(monkeypatch, DAY + timedelta(days))
        assert answer(doors, pulse, token, 1 + number % 5) == 204
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    at(monkeypatch, DAY - timedelta(days))
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (len(tokens), sum(1 + number % 5 for number in range(len(tokens))))
    at(monkeypatch, DAY)
    following, tokens = invited(doors)
    for step in ("open", "close", "release"):
        doors.ok("POST", f"/v1/pulses/{following}/{step}")
    assert doors.rows("/v1/trends")


def test_a_session_ends_by_the_clock_and_a_clock_set_back_does_not_bring_more_of_it(doors: Any) -> None:
    key = doors.manager["Authorization"].removeprefix("Bearer ")
    now = 1_800_000_000
    secret = sign_in(doors.parts.database, key, now, 8)
    for later in (0, 8 * 3600 - 1, -(10**9)):
        assert session(doors.parts.database, secret, now + later).organisation == doors.organisation
    for later in (8 * 3600, 10**9):
        with pytest.raises(NotAuthenticated):
            session(doors.parts.database, secret, now + later)
