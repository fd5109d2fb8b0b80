"""After close nothing of a respondent is left: a byte search of every file of the database, logs included."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.operations import close
from service.store import tables
from service.store.condition import server_condition
from service.store.scrub import scrub
from service.tokens import plain

UNITS = {"units": [{"id": "all", "headcount": 0}, {"id": "big", "parent": "all", "headcount": 30}]}


@pytest.fixture
def files(doors: Any, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The folder that holds everything the database has written."""
    if doors.parts.database.is_sqlite:
        yield Path(doors.parts.database.url.database).parent
    else:
        yield Path(request.getfixturevalue("postgres_server").data_directory)


def found(folder: Path, needles: list[bytes]) -> list[str]:
    """The files in which any of the needles stands."""
    hits = []
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            hits += [f"{file.name}: needle {place}" for place, needle in enumerate(needles) if needle in content]
    return hits


def test_no_token_digest_or_answer_is_left_in_any_file(doors: Any, files: Path) -> None:
    chance = random.Random(11)
    doors.ok("PUT", "/v1/roster", UNITS)
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "bands": {"tenure": ["new", "old"]}})
    id, items = pulse["id"], pulse["items"]
    tokens = doors.ok("POST", f"/v1/pulses/{id}/invitations")["invitations"][0]["tokens"]
    doors.ok("POST", f"/v1/pulses/{id}/open")
    packed = []
    for token in tokens[:20]:
        answers = {item: chance.randint(1, 5) for item in items}
        doors.ok("POST", f"/v1/pulses/{id}/responses", {"token": token, "answers": answers}, {})
    with doors.parts.database.begin() as tx:
        rows = tx.execute(tables.response.select()).all()
        receipts = [row.receipt for row in tx.execute(tables.invitation.select()) if row.receipt]
    packed = [row.answers for row in rows]
    assert len(packed) == 20
    secrets = [token.encode() for token in tokens]
    needles = packed + receipts + [row.id for row in rows] + [plain.digest_of(token) for token in tokens]
    # The search itself can fail: while the pulse is open it finds what it looks for, but never a token.
    assert found(files, needles[:1])
    assert not found(files, secrets)

    assert doors.ok("POST", f"/v1/pulses/{id}/close")["scrubbed"] is True
    assert found(files, needles + secrets) == []
    with doors.parts.database.read() as tx:
        sealed = tx.execute(tables.sealed.select()).one()
    doors.ok("POST", f"/v1/pulses/{id}/release")
    with doors.parts.database.read() as tx:
        released = tx.execute(tables.release.select()).one()
        assert not tx.execute(tables.sealed.select()).all()
    # What stood in the database between close and release is to the last byte what everybody reads now.
    assert (sealed.content, sealed.attack_report) == (released.content, released.attack_report)
    assert found(files, needles + secrets) == []


def test_tables_of_respondents_hold_no_time_and_no_order(doors: Any) -> None:
    assert set(tables.response.c.keys()) == {"pulse_id", "id", "unit", "bands", "answers"}
    assert set(tables.invitation.c.keys()) == {"pulse_id", "digest", "unit", "receipt"}
    for table in (tables.response, tables.invitation):
        for column in table.c:
            assert column.type.python_type in {str, int, bytes}
            assert column.default is None
    if not doors.parts.database.is_sqlite:
        condition = server_condition(doors.parts.database)
        assert not condition.track_commit_timestamp


def test_who_reads_the_old_state_keeps_the_traces_and_it_is_told(
    doors: Any, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite a reader that began before the close holds the log; on PostgreSQL the account may lack the right."""
    monkeypatch.setattr(close, "scrub", lambda _: False)
    doors.ok("PUT", "/v1/roster", UNITS)
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    doors.ok("POST", f"/v1/pulses/{pulse}/invitations")
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    assert doors.ok("POST", f"/v1/pulses/{pulse}/close")["scrubbed"] is False
    assert scrub(doors.parts.database) is True


def test_a_digest_is_no_token() -> None:
    token = plain.issue("a" * 16)
    assert plain.digest_of(token) == hashlib.sha256(token.encode()).digest()
    assert plain.pulse_of(token) == "a" * 16
    assert plain.pulse_of(token + "x") is None
