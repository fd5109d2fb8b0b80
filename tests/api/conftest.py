"""One small organisation whose pulse everybody answered, released."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

ITEMS = ["WB1", "PS1", "CL1"]
UNITS = {"all": (None, 0), "north": ("all", 0), "n1": ("north", 8), "n2": ("north", 9), "south": ("all", 12)}


@pytest.fixture
def opened(doors: Any) -> SimpleNamespace:
    return open_pulse(doors)


@pytest.fixture
def released(doors: Any, opened: SimpleNamespace) -> SimpleNamespace:
    return release(doors, opened)


def open_pulse(doors: Any) -> SimpleNamespace:
    units = [{"id": id, "parent": parent, "headcount": n} for id, (parent, n) in UNITS.items()]
    doors.ok("PUT", "/v1/roster", {"units": units})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ITEMS})["id"]
    issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    return SimpleNamespace(id=pulse, tokens={entry["unit"]: entry["tokens"] for entry in issued})


def release(doors: Any, opened: SimpleNamespace) -> SimpleNamespace:
    """Everybody answers, and it is closed and released."""
    for tokens in opened.tokens.values():
        for place, token in enumerate(tokens):
            body = {"token": token, "answers": dict.fromkeys(ITEMS, 1 + place % 5)}
            doors.ok("POST", f"/v1/pulses/{opened.id}/responses", body, {})
    doors.ok("POST", f"/v1/pulses/{opened.id}/close")
    doors.ok("POST", f"/v1/pulses/{opened.id}/release")
    return opened
