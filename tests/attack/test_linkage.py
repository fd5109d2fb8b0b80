"""A dump of an open pulse, at the worst with the key that opens it, ties nobody's answers to her invitation."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service.operations.keys import opener
from service.operations.stir import stir
from service.seal.batch import columns
from service.store import tables
from service.store.scrub import scrub
from service.tokens import plain
from service.tokens.unlinkable import Holder, decoded, encoded, read
from tests.attack.linkage import Linked, Place, hidden_columns, linked, offsets, written_since

PEOPLE = 40
#: Bytes of a page of SQLite.
PAGE = 4096
#: What shows, on SQLite or not, in which order people came while nothing is stirred.
ORDERS = {
    True: {"place of ends of responses", "place of spent tokens in their pages"},
    False: {"xmin of spent tokens", "ctid of spent tokens", "xmin and ctid"},
}
ITEMS = ("WB1", "WB2", "WB4", "WB5", "SB1", "SB2", "SB3", "SB5", "SB6", "PS1", "PS2", "PS4", "PS5", "PS6")


@dataclass
class Leak:
    """A pulse in which everybody came one after the other, exchanged, and answered at once: the worst of orders."""

    doors: Any
    folder: Path
    since: float
    pulse: str
    invitations: list[bytes]
    nullifiers: list[bytes]
    said: list[bytes]

    def exchanged(self) -> list[bytes]:
        """Of each invitation, in the order of people, the digest of what was evaluated for it."""
        with self.doors.parts.database.read() as tx:
            rows = tx.execute(tables.invitation.select()).all()
        by_digest = {bytes(row.digest): bytes(row.evaluated) for row in rows}
        return [by_digest[digest] for digest in self.invitations]

    def opened(self) -> list[bytes]:
        """Of each response, in the order of people, its row: what only the close key makes possible."""
        with self.doors.parts.database.read() as tx:
            key = opener(tx, self.doors.parts.custody, self.pulse)
            rows = tx.execute(tables.response.select()).all()
        by_answers = {}
        for row in rows:
            _, answers, _ = columns([key.open(self.pulse, row.id, row.sealed)], len(ITEMS), 0)
            by_answers.update({one.tobytes(): bytes(row.id) for one in answers})
        return [by_answers[one] for one in self.said]

    def attacks(self) -> Iterator[Linked]:
        invitations, responses = self.exchanged(), self.opened()
        yield linked("key", [tuple(it) for it in invitations], [tuple(it) for it in responses])
        files = written_since(self.folder, self.since)
        yield linked("place in a file", offsets(files, invitations), offsets(files, responses))
        if self.doors.parts.database.is_sqlite:
            yield from self._by_arrival(files, invitations, responses)
        else:
            yield from self._by_hidden_columns(responses)

    def _by_arrival(self, files: list[Path], invitations: list[bytes], responses: list[bytes]) -> Iterator[Linked]:
        """For an attacker who saw who came when: rows that lie, in the file or in their pages, as they arrived."""
        with self.doors.parts.database.read() as tx:
            sealed = {bytes(row.id): bytes(row.sealed) for row in tx.execute(tables.response.select())}
        sides = {
            "invitations": self.invitations,
            "exchanges": invitations,
            "spent tokens": self.nullifiers,
            "responses": responses,
            "ends of responses": [sealed[id][-48:] for id in responses],
        }
        arrival: list[Place] = [(it,) for it in range(PEOPLE)]
        for name, needles in sides.items():
            places = offsets(files, needles)
            yield linked(f"place of {name}", arrival, places)
            yield linked(f"place of {name} in their pages", arrival, [(place[1] % PAGE,) for place in places])

    def _by_hidden_columns(self, responses: list[bytes]) -> Iterator[Linked]:
        with self.doors.parts.database.read() as tx:
            exchanged = hidden_columns(tx, "invitation", "digest")
            spent = hidden_columns(tx, "redemption", "nullifier")
            stored = hidden_columns(tx, "response", "id")
        for left in ("xmin", "ctid"):
            arrival: list[Place] = [(it,) for it in range(PEOPLE)]
            yield linked(f"{left} of spent tokens", arrival, [spent[it][left] for it in self.nullifiers])
            for right in ("xmin", "ctid"):
                mine: list[Place] = [exchanged[it][left] for it in self.invitations]
                yield linked(f"{left} and {right}", mine, [stored[it][right] for it in responses])


@pytest.fixture
def leak(doors: Any, request: pytest.FixtureRequest) -> Leak:
    database, since = doors.parts.database, time.time() - 2
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": PEOPLE}]})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": list(ITEMS)})["id"]
    tokens = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"][0]["tokens"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    random.Random(8).shuffle(tokens)
    # Everybody says something else, so that the attack knows whom it is after.
    chance = random.Random(9)
    said = [tuple(chance.choices(range(1, 6), k=len(ITEMS))) for _ in tokens]
    nullifiers = []
    for token, answers in zip(tokens, said, strict=True):
        holder = Holder.blind(secrets.token_bytes(32))
        body = {"invitation": token, "blinded": encoded(holder.blinded)}
        got = doors.ok("POST", f"/v1/pulses/{pulse}/tokens", body, {})
        parts = (decoded(got[name]) for name in ("public_key", "evaluated", "proof"))
        spent = holder.token(pulse, "all", *parts)
        nullifiers.append(nullifier_of(spent))
        sent = {"token": spent, "answers": dict(zip(ITEMS, answers, strict=True))}
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", sent, {})
    path = database.url.database if database.is_sqlite else None
    folder = Path(path).parent if path else Path(request.getfixturevalue("postgres_server").data_directory)
    invitations = [plain.digest_of(token) for token in tokens]
    return Leak(doors, folder, since, pulse, invitations, nullifiers, [bytes(it) for it in said])


def nullifier_of(token: str) -> bytes:
    found = read(token)
    assert found is not None
    return found.nullifier


def test_a_stirred_dump_links_nobody_even_with_the_close_key(leak: Leak) -> None:
    assert scrub(leak.doors.parts.database) is True
    before = list(leak.attacks())
    # The attack can win: while nothing is stirred, the order of those who come one by one stands in the database.
    assert max(it.right for it in before) > PEOPLE // 2, before
    orders = {it.by for it in before if it.better_than_chance(PEOPLE)}
    assert orders >= ORDERS[leak.doors.parts.database.is_sqlite], before
    assert stir(leak.doors.parts.database) is True
    after = list(leak.attacks())
    assert [it for it in after if it.better_than_chance(PEOPLE)] == []


def test_without_the_close_key_a_dump_holds_no_answer_and_all_rows_look_alike(leak: Leak) -> None:
    with leak.doors.parts.database.read() as tx:
        sealed = [bytes(row.sealed) for row in tx.execute(tables.response.select())]
    assert len(sealed) == PEOPLE
    assert len({len(it) for it in sealed}) == 1
    assert len(set(sealed)) == PEOPLE
    # Neither the packed answers nor a unit's number beside them stand anywhere in the files.
    packed = [(1).to_bytes(4) + one for one in leak.said]
    assert set(offsets(written_since(leak.folder, leak.since), packed)) == {(-1, -1)}


def test_stirring_loses_nothing_and_keeps_what_was_spent_spent(leak: Leak) -> None:
    exchanged, opened = leak.exchanged(), sorted(leak.opened())
    assert stir(leak.doors.parts.database) is True
    assert stir(leak.doors.parts.database) is True
    assert (leak.exchanged(), sorted(leak.opened())) == (exchanged, opened)
    closed = leak.doors.ok("POST", f"/v1/pulses/{leak.pulse}/close")
    assert closed["scrubbed"] is True
    assert closed["keys_destroyed"] is True
    leak.doors.ok("POST", f"/v1/pulses/{leak.pulse}/release")
    rows = leak.doors.rows(f"/v1/results?pulse={leak.pulse}&unit=all&item=WB1")
    assert rows[0]["n"] == PEOPLE
    assert rows[0]["mean"] == pytest.approx(sum(it[0] for it in leak.said) / PEOPLE)
