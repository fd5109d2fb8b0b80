"""A service that may speak to this machine, and directories of people to invite."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from service.store import directory
from service.store.directory import Entry

#: Units of a pulse, and how many stand in each.
UNITS = {"Crane": 9, "Dock": 7}
ITEMS = ["WB1", "PS1"]


@pytest.fixture(autouse=True)
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDWOOD_PRIVATE_HOOKS", "true")


@pytest.fixture
def drafted(doors: Any) -> str:
    """A pulse in draft on a roster of two units."""
    listed = [{"id": "all", "headcount": 0}, *({"id": it, "parent": "all", "headcount": n} for it, n in UNITS.items())]
    doors.ok("PUT", "/v1/roster", {"units": listed})
    made = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ITEMS, "label": "Spring"})
    return str(made["id"])


@pytest.fixture
def peopled(doors: Any) -> Callable[..., list[str]]:
    """Fill the directory with people of both units, and a mapping that makes these of them; their addresses."""

    def fill(units: dict[str, int] = UNITS, languages: Sequence[str] = ("en",)) -> list[str]:
        addresses, entries = [], []
        for unit, count in units.items():
            for place in range(count):
                address = f"{unit.lower()}.{place}@works.example"
                addresses.append(address)
                said = {
                    "emails": [{"value": address, "primary": True}],
                    "preferredLanguage": languages[place % len(languages)],
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": unit},
                }
                now = int(time.time())
                id = f"{unit}-{place}"
                entries.append(Entry(id, address, address, None, True, json.dumps(said), 1, now, now))
        with doors.parts.database.begin() as tx:
            directory.held(tx, doors.organisation)
            directory.write(tx, doors.organisation, entries)
            directory.touch(tx, doors.organisation, len(entries))
            mapping = {"units": {"from": "attributes", "levels": ["department"]}, "root": {"id": "all", "name": "All"}}
            directory.put_mapping(tx, doors.organisation, json.dumps(mapping))
        return addresses

    return fill
