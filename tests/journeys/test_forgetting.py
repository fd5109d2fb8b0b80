"""After close nothing of a respondent is left: a byte and decrypt search of every file, with every secret left."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from service.custody.derived import Derived
from service.operations import close
from service.operations.stir import stir
from service.seal.batch import columns
from service.seal.close_key import SECRET, NotOpened, Opener
from service.store import tables
from service.store.condition import server_condition
from service.store.inviting_tables import metadata
from service.store.scrub import scrub
from service.tokens import plain
from service.tokens.unlinkable import read
from tests.tokens.asking import token_of

UNITS = {"units": [{"id": "all", "headcount": 0}, {"id": "big", "parent": "all", "headcount": 30}]}
PEOPLE = 16


@dataclass(frozen=True)
class Machine:
    """Everything a machine keeps: the database's files and its log, the folder of keys, the environment."""

    doors: Any
    folders: tuple[Path, ...]
    since: float

    def files(self) -> list[Path]:
        """Those that were written since the test began: the others are of other tests.

        PostgreSQL takes some of its own away at any time; none of these ever held a row.
        """
        found = [file for folder in self.folders for file in [folder, *folder.rglob("*")] if file.is_file()]
        return [file for file in found if file.name != "pg_internal.init" and file.stat().st_mtime >= self.since]

    def secrets(self) -> list[bytes]:
        """Whatever lies about that may be a key, or that one may be made from."""
        kept = [file.read_bytes() for file in self.doors.parts.custody.path.iterdir()]
        with self.doors.parts.database.read() as tx:
            rows = [row for table in metadata.tables.values() for row in tx.execute(table.select())]
        kept += [bytes(value) for row in rows for value in row if isinstance(value, (bytes, memoryview))]
        return kept + [value.encode() for value in os.environ.values()]


@pytest.fixture
def machine(doors: Any, request: pytest.FixtureRequest) -> Machine:
    since = time.time() - 2
    database = doors.parts.database
    if database.is_sqlite:
        kept: tuple[Path, ...] = (Path(database.url.database).parent,)
    else:
        data = Path(request.getfixturevalue("postgres_server").data_directory)
        kept = (data, data.parent / "log")
    return Machine(doors, (*kept, doors.parts.custody.path), since)


def found(files: Sequence[Path], needles: Sequence[bytes]) -> list[str]:
    """The files in which any of the needles stands."""
    hits = []
    for file in files:
        content = file.read_bytes()
        hits += [f"{file.name}: needle {place}" for place, needle in enumerate(needles) if needle in content]
    return hits


def opens(pulse: str, sealed: Sequence[bytes], secrets: Sequence[bytes]) -> int:
    """How many of these any of the secrets opens: as a key, or as what keys are worked out from."""
    masters = [Derived(said).get(pulse, "close") for secret in secrets if (said := _text(secret))]
    keys = [Opener(key) for key in {*(it[:SECRET] for it in secrets if len(it) >= SECRET), *masters}]
    return sum(any(_is_opened(key, pulse, it) for key in keys) for it in sealed)


def _is_opened(key: Opener, pulse: str, sealed: bytes) -> bool:
    try:
        key.open(pulse, sealed)
    except NotOpened:
        return False
    return True


def _text(secret: bytes) -> str:
    try:
        return secret.decode()
    except UnicodeDecodeError:
        return ""


@dataclass(frozen=True)
class Collected:
    """A pulse with answers, and everything that was in it: what it was made of, where it came from, its keys."""

    pulse: str
    tokens: list[bytes]
    rows: list[bytes]
    marks: list[bytes]
    sealed: list[bytes]
    keys: list[bytes]

    @property
    def traces(self) -> list[bytes]:
        # Of a long string the middle: a page or a segment of a log may end anywhere.
        return [*self.rows, *self.marks, *(it[200:232] for it in self.sealed), *(it[-48:-16] for it in self.sealed)]


@pytest.fixture
def collected(doors: Any) -> Collected:
    """Half of them sent plain tokens, half unlinkable ones."""
    chance = random.Random(11)
    doors.ok("PUT", "/v1/roster", UNITS)
    made = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "bands": {"tenure": ["new", "old"]}})
    pulse = made["id"]
    invitations = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"][0]["tokens"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    tokens = invitations[: PEOPLE // 2]
    tokens += [token_of(lambda *it: doors.call(*it, {}), it) for it in invitations[PEOPLE // 2 : PEOPLE]]
    for token in tokens:
        answers = {item: chance.randint(1, 5) for item in made["items"]}
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": answers}, {})
    custody = doors.parts.custody
    key = custody.get(pulse, "close")
    with doors.parts.database.read() as tx:
        stored = [(bytes(row.id), bytes(row.sealed)) for row in tx.execute(tables.response.select())]
        invited = tx.execute(tables.invitation.select()).all()
        redeemed = tx.execute(tables.redemption.select()).all()
    sealed = [it for _, it in stored]
    _, answers, _ = columns([Opener(key).open(pulse, it) for it in sealed], len(made["items"]), 1)
    marks = [id for id, _ in stored]
    marks += [bytes(it) for row in invited for it in (row.digest, row.receipt, row.evaluated) if it]
    marks += [bytes(it) for row in redeemed for it in (row.nullifier, row.receipt)]
    nullifiers = [it.nullifier for it in map(read, tokens) if it]
    assert (len(answers), len(redeemed)) == (PEOPLE, PEOPLE // 2)
    assert {plain.digest_of(it) for it in invitations} | set(nullifiers) <= set(marks)
    said = [it.encode() for it in (*invitations, *tokens)]
    keys = [key[:64], key[64:], custody.get(pulse, "tokens"), custody.get(pulse, "mark")]
    return Collected(pulse, said, [row.tobytes() for row in answers], marks, sealed, keys)


def test_while_a_pulse_is_open_no_answer_and_no_token_stands_in_any_file(
    machine: Machine, collected: Collected
) -> None:
    assert not found(machine.files(), [*collected.tokens, *collected.rows])
    # The keys lie in their folder and nowhere else.
    kept = {file.name.partition(":")[0] for file in machine.files() if file.name.startswith(collected.pulse)}
    assert {hit.partition(":")[0] for hit in found(machine.files(), collected.keys)} == kept
    write_out(machine)
    # The search itself can fail: it finds what is stored, and with what lies about now every batch can be opened.
    for needle in (collected.marks[0], collected.sealed[0][200:232]):
        assert found(machine.files(), [needle])
    assert opens(collected.pulse, collected.sealed, machine.secrets()) == PEOPLE


@pytest.mark.parametrize("stirred", [False, True], ids=["", "stirred"])
def test_after_the_close_nothing_is_left_and_what_was_copied_stays_sealed(
    machine: Machine, collected: Collected, tmp_path_factory: pytest.TempPathFactory, stirred: bool
) -> None:
    doors, pulse = machine.doors, collected.pulse
    backup = copied(machine, tmp_path_factory.mktemp("backup"))
    if stirred:
        assert stir(doors.parts.database) is True
    closed = doors.ok("POST", f"/v1/pulses/{pulse}/close")
    assert (closed["scrubbed"], closed["keys_destroyed"]) == (True, True)
    needles = [*collected.tokens, *collected.traces, *collected.keys]
    assert found(machine.files(), needles) == []
    with doors.parts.database.read() as tx:
        sealed = tx.execute(tables.sealed.select()).one()
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    with doors.parts.database.read() as tx:
        released = tx.execute(tables.release.select()).one()
        assert not tx.execute(tables.sealed.select()).all()
    # What stood in the database between close and release is to the last byte what everybody reads now.
    assert (sealed.content, sealed.attack_report) == (released.content, released.attack_report)
    assert found(machine.files(), needles) == []

    # Whoever copied the files before has every batch, and with all that is left on the machine reads none of them.
    assert {hit.partition("needle ")[2] for hit in found(backup, [it[200:232] for it in collected.sealed])} == {
        str(place) for place in range(PEOPLE)
    }
    assert found(backup, [*collected.tokens, *collected.rows, *collected.keys]) == []
    assert opens(pulse, collected.sealed, machine.secrets()) == 0
    # It is for want of the key only: that opens them still.
    assert opens(pulse, collected.sealed, [b"".join(collected.keys[:2])]) == PEOPLE


def write_out(machine: Machine) -> None:
    """Have what stands in the log stand in its table's file too: in a log it may lie across the end of a page."""
    if not machine.doors.parts.database.is_sqlite:
        machine.doors.parts.database.maintain("CHECKPOINT")


def copied(machine: Machine, place: Path) -> list[Path]:
    """A backup of the database's files, without the keys: those as they lie, and on SQLite what it backs up itself."""
    write_out(machine)
    for number, file in enumerate(it for it in machine.files() if machine.doors.parts.custody.path not in it.parents):
        shutil.copy(file, place / f"{number}-{file.name}")
    if machine.doors.parts.database.is_sqlite:
        with sqlite3.connect(machine.doors.parts.database.url.database) as source:
            target = sqlite3.connect(place / "backup.db")
            source.backup(target)
            target.close()
        source.close()
    return sorted(place.iterdir())


def test_tables_of_respondents_hold_no_time_and_no_order(doors: Any) -> None:
    assert set(tables.response.c.keys()) == {"pulse_id", "id", "sealed"}
    assert set(tables.invitation.c.keys()) == {"pulse_id", "digest", "unit", "receipt", "evaluated"}
    assert set(tables.redemption.c.keys()) == {"pulse_id", "nullifier", "unit", "receipt"}
    for table in (tables.response, tables.invitation, tables.redemption):
        for column in table.c:
            assert column.type.python_type in {str, int, bytes}
            assert column.default is None
        if doors.parts.database.is_sqlite:
            with doors.parts.database.read() as tx, pytest.raises(OperationalError, match="rowid"):
                tx.execute(text(f"SELECT rowid FROM {table.name}"))
    if not doors.parts.database.is_sqlite:
        condition = server_condition(doors.parts.database)
        assert not condition.track_commit_timestamp


def test_who_reads_the_old_state_keeps_the_traces_and_it_is_told(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
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
