"""Whoever knows the units finds out whether there are keys of others, which no respondent can see for herself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.tokens import fingerprint
from service.tokens.unlinkable import class_key
from tests.journeys.test_replay import live

SCRIPT = Path(__file__).parents[2] / "docs" / "check_keys.py"
UNITS = ("harbour", "yard", "Office", "t-1.a")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def pulse(doors: Any) -> str:
    units = [{"id": "all", "headcount": 0}, *({"id": unit, "parent": "all", "headcount": 3} for unit in UNITS)]
    doors.ok("PUT", "/v1/roster", {"units": units})
    id: str = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    doors.ok("POST", f"/v1/pulses/{id}/invitations")
    return id


def checked(doors: Any, pulse: str, *units: str) -> subprocess.CompletedProcess[str]:
    with live(doors.client._transport.app) as url:
        return subprocess.run(
            [sys.executable, str(SCRIPT), url, pulse],
            input="\n".join(units),
            capture_output=True,
            text=True,
            check=False,
        )


def test_an_honest_pulse_comes_to_its_fingerprint(doors: Any, pulse: str) -> None:
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    shown = doors.ok("GET", f"/v1/pulses/{pulse}")["fingerprint"]
    done = checked(doors, pulse, "all", *UNITS)
    assert (done.returncode, done.stdout.strip()) == (0, shown), done.stderr
    assert "4 of 5 units" in done.stderr


@pytest.mark.parametrize("unit", ["harbour ", "harbour-2", "harbour"])
def test_a_unit_made_up_or_another_key_is_found(
    doors: Any, pulse: str, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody is shown the same fingerprint, and a made-up unit's path climbs to it like any other's."""
    honest, marked = fingerprint.root, class_key(bytes(32), pulse, unit).public_key
    monkeypatch.setattr(fingerprint, "root", lambda keys: honest({**keys, unit: marked}))
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    refused(checked(doors, pulse, *UNITS))


def test_a_unit_that_one_did_not_know_of_is_found(doors: Any, pulse: str) -> None:
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    refused(checked(doors, pulse, *UNITS[1:]))
    refused(checked(doors, pulse))


def refused(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, done.stdout) == (1, "")
    assert "NOT THE FINGERPRINT" in done.stderr


def test_a_pulse_that_is_not_open_has_no_keys(doors: Any, pulse: str) -> None:
    done = checked(doors, pulse, *UNITS)
    assert (done.returncode, done.stderr.strip()) == (1, "There is no such open pulse.")
