"""Whoever asks for every unit's key finds out whether there are others, which no respondent can see for herself."""

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


def test_a_key_besides_those_of_the_units_is_found(doors: Any, pulse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path climbs from such a key as from any other, and everybody is shown the same fingerprint."""
    honest, marked = fingerprint.root, class_key(bytes(32), pulse, "harbour").public_key
    monkeypatch.setattr(fingerprint, "root", lambda keys: honest({**keys, "harbour ": marked}))
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    done = checked(doors, pulse, *UNITS)
    assert done.returncode == 1
    assert "NOT THE FINGERPRINT" in done.stderr
    assert done.stdout == ""


def test_a_pulse_that_is_not_open_has_no_keys(doors: Any, pulse: str) -> None:
    done = checked(doors, pulse, *UNITS)
    assert (done.returncode, done.stderr.strip()) == (1, "There is no such open pulse.")
