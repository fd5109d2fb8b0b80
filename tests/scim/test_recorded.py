"""What Entra ID and Okta send, replayed: each step is answered as their provisioning needs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.doors import Doors
from tests.scim.speaking import say

_RECORDED = Path(__file__).with_name("recorded")
#: What stands for everything that is sent and not kept.
_UNDECLARED = ("undeclared", "+49 1555", "Undeclared")


@pytest.mark.parametrize("name", ["entra", "okta"])
def test_a_recorded_sequence_is_answered_as_it_must_be(doors: Doors, name: str) -> None:
    kept: dict[str, str] = {}
    headers = doors.key("scim")
    for step in json.loads((_RECORDED / f"{name}.json").read_text("utf-8"))["steps"]:
        request = _filled(step["request"], kept)
        reply = say(doors, headers, request["method"], request["path"], request.get("body"))
        expected = _filled(step["expect"], kept)
        assert reply.status_code == expected["status"], (step["name"], reply.text)
        said = reply.json() if reply.content else {}
        assert not _missing(expected.get("body", {}), said), (step["name"], said)
        assert not set(expected.get("absent", ())) & set(said), (step["name"], said)
        kept |= {place: said[what] for place, what in step.get("keep", {}).items()}
    _nothing_undeclared(doors)


def _filled(value: Any, kept: dict[str, str]) -> Any:
    text = json.dumps(value)
    for place, id in kept.items():
        text = text.replace("{" + place + "}", id)
    return json.loads(text)


def _missing(expected: Any, said: Any) -> bool:
    """Whether something that is expected is not said; more may be said, but in lists."""
    if isinstance(expected, dict):
        return not isinstance(said, dict) or any(_missing(value, said.get(name)) for name, value in expected.items())
    if isinstance(expected, list):
        alike = isinstance(said, list) and len(said) == len(expected)
        return not alike or any(_missing(one, other) for one, other in zip(expected, said, strict=True))
    return bool(expected != said)


def _nothing_undeclared(doors: Doors) -> None:
    with doors.parts.database.read() as tx:
        tables = ("person", "person_group", "membership", "audit", "directory")
        rows = " ".join(repr(tuple(row)) for it in tables for row in tx.execute(text(f"SELECT * FROM {it}")))
    assert "people changed" in rows
    assert not [word for word in _UNDECLARED if word in rows]
    if doors.parts.database.is_sqlite:
        file = Path(str(doors.parts.database.url.database))
        content = b"".join(it.read_bytes() for it in file.parent.glob(f"{file.name}*"))
        assert b"okta.example" in content or b"works.example" in content
        assert not [word for word in _UNDECLARED if word.encode() in content]
