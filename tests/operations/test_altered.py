"""Who may write the database can spoil a pulse, but not unnoticed: what was collected must be what was spent."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from service.bootstrap import custody_of
from service.seal.batch import packed
from service.seal.close_key import Sealer, Sealing, _id_of
from service.settings import Settings
from service.store import pulses, tables
from service.store.database import Connection
from tests.faults.world import answer, begun, counted, rows_in
from tests.tokens.asking import token_of

PEOPLE = 8
INVITATION, REDEMPTION, RESPONSE = tables.invitation, tables.redemption, tables.response

#: What somebody does to the database of an open pulse, of whose id it is told.
Deed = Callable[[Connection, str], None]


def standing(doors: Any) -> dict[str, list[str]]:
    return {name: rows for name, rows in rows_in(doors.parts.database).items() if name != "audit"}


@pytest.fixture
def pulse(doors: Any) -> str:
    """Eight answered 4, one after the other and so in a batch each: half of them with unlinkable tokens."""
    pulse, tokens = begun(doors, PEOPLE + 2)
    for number, token in enumerate(tokens[:PEOPLE]):
        sent = token if number % 2 else token_of(lambda *it: doors.call(*it, {}), token)
        assert answer(doors, pulse, sent, 4) == 204
    return pulse


def _rows(tx: Connection, pulse: str) -> list[Any]:
    return list(tx.execute(RESPONSE.select().where(RESPONSE.c.pulse_id == pulse)))


def _store(tx: Connection, pulse: str, sealed: bytes) -> None:
    """Under an id that nobody can make who has not the seed."""
    tx.execute(insert(RESPONSE).values(pulse_id=pulse, id=secrets.token_bytes(16), sealed=sealed))


def _forge(tx: Connection, pulse: str, content: bytes, of: str | None = None) -> None:
    """As whoever stole the seed as well could: what is found then, is found by its content. `of` seals for another."""
    seed = custody_of(Settings()).get(pulse, "tokens")
    assert seed is not None
    sealing = Sealing(pulses.close_key(tx, pulse)[0], seed)
    _, sealed = sealing.seal(of or pulse, content)
    tx.execute(insert(RESPONSE).values(pulse_id=pulse, id=_id_of(seed, pulse, sealed), sealed=sealed))


def _unit(tx: Connection) -> int:
    return int(tx.execute(tables.unit.select()).one().number)


def flipped(tx: Connection, pulse: str) -> None:
    row = _rows(tx, pulse)[3]
    changed = bytearray(row.sealed)
    changed[-20] ^= 1
    tx.execute(update(RESPONSE).where(RESPONSE.c.id == row.id).values(sealed=bytes(changed)))


def cut(tx: Connection, pulse: str) -> None:
    row = _rows(tx, pulse)[0]
    tx.execute(update(RESPONSE).where(RESPONSE.c.id == row.id).values(sealed=row.sealed[:-1]))


def removed(tx: Connection, pulse: str) -> None:
    tx.execute(delete(RESPONSE).where(RESPONSE.c.id == _rows(tx, pulse)[0].id))


def all_removed(tx: Connection, _: str) -> None:
    tx.execute(delete(RESPONSE))


def twice(tx: Connection, pulse: str) -> None:
    _store(tx, pulse, _rows(tx, pulse)[0].sealed)


def forged(tx: Connection, pulse: str) -> None:
    _forge(tx, pulse, packed([(_unit(tx), b"", b"\5")], [b""]))


def another_put_in_its_place(tx: Connection, pulse: str) -> None:
    """By whoever may write to the database: an answer like any other, where one was."""
    tx.execute(delete(RESPONSE).where(RESPONSE.c.id == _rows(tx, pulse)[0].id))
    content = packed([(_unit(tx), b"", b"\1")], [b""])
    _store(tx, pulse, Sealer(pulses.close_key(tx, pulse)[0]).seal(pulse, content))


def forged_for_another_unit(tx: Connection, pulse: str) -> None:
    """As many as before, but not where they were."""
    tx.execute(delete(RESPONSE).where(RESPONSE.c.id == _rows(tx, pulse)[0].id))
    _forge(tx, pulse, packed([(_unit(tx) + 1, b"", b"\5")], [b""]))


def forged_beyond_all_units(tx: Connection, pulse: str) -> None:
    """Counting up to this unit would take 16 GB."""
    _forge(tx, pulse, packed([(2**31 - 1, b"", b"\5")], [b""]))


def forged_below_all_units(tx: Connection, pulse: str) -> None:
    _forge(tx, pulse, packed([(2**32 - 1, b"", b"\5")], [b""]))


def forged_off_the_scale(tx: Connection, pulse: str) -> None:
    """As many as before, in the unit they were in, with an answer that nobody can give."""
    tx.execute(delete(RESPONSE).where(RESPONSE.c.id == _rows(tx, pulse)[0].id))
    _forge(tx, pulse, packed([(_unit(tx), b"", b"\6")], [b""]))


def halves(tx: Connection, pulse: str) -> None:
    """Two batches that are one of whole rows only together, in whichever order they are read."""
    content = packed([(_unit(tx), b"", b"\5")], [b""])
    tx.execute(delete(RESPONSE))
    for half in (content[:3], content[3:]):
        _forge(tx, pulse, half)


def sealed_for_another_pulse(tx: Connection, pulse: str) -> None:
    """To the right key, so that only what the sealing is bound to tells."""
    tx.execute(delete(RESPONSE).where(RESPONSE.c.id == _rows(tx, pulse)[0].id))
    _forge(tx, pulse, packed([(_unit(tx), b"", b"\5")], [b""]), of="b" * 16)


def a_redemption_removed(tx: Connection, _: str) -> None:
    one = tx.execute(REDEMPTION.select()).first()
    assert one is not None
    tx.execute(delete(REDEMPTION).where(REDEMPTION.c.nullifier == one.nullifier))


def a_redemption_moved(tx: Connection, _: str) -> None:
    one = tx.execute(REDEMPTION.select()).first()
    assert one is not None
    tx.execute(update(REDEMPTION).where(REDEMPTION.c.nullifier == one.nullifier).values(unit=one.unit + 1))


def a_redemption_added(tx: Connection, pulse: str) -> None:
    tx.execute(insert(REDEMPTION).values(pulse_id=pulse, nullifier=bytes(32), unit=_unit(tx), receipt=bytes(32)))


def an_invitation_unspent(tx: Connection, _: str) -> None:
    one = tx.execute(INVITATION.select().where(INVITATION.c.receipt.is_not(None))).first()
    assert one is not None
    tx.execute(update(INVITATION).where(INVITATION.c.digest == one.digest).values(receipt=None))


def an_invitation_spent(tx: Connection, _: str) -> None:
    one = tx.execute(INVITATION.select().where(INVITATION.c.receipt.is_(None))).first()
    assert one is not None
    tx.execute(update(INVITATION).where(INVITATION.c.digest == one.digest).values(receipt=bytes(32)))


def a_spent_invitation_removed(tx: Connection, _: str) -> None:
    one = tx.execute(INVITATION.select().where(INVITATION.c.receipt.is_not(None))).first()
    assert one is not None
    tx.execute(delete(INVITATION).where(INVITATION.c.digest == one.digest))


NOTICED: list[Deed] = [
    flipped,
    cut,
    removed,
    all_removed,
    twice,
    forged,
    another_put_in_its_place,
    forged_for_another_unit,
    forged_beyond_all_units,
    forged_below_all_units,
    forged_off_the_scale,
    halves,
    sealed_for_another_pulse,
    a_redemption_removed,
    a_redemption_moved,
    a_redemption_added,
    an_invitation_unspent,
    an_invitation_spent,
    a_spent_invitation_removed,
]


@pytest.mark.parametrize("deed", NOTICED, ids=lambda deed: deed.__name__)
def test_what_is_not_what_was_spent_is_noticed_and_nothing_changes(doors: Any, pulse: str, deed: Deed) -> None:
    was = standing(doors)
    with doors.parts.database.begin() as tx:
        deed(tx, pulse)
    spoilt = standing(doors)
    assert spoilt != was
    reply = doors.call("POST", f"/v1/pulses/{pulse}/close")
    assert (reply.status_code, reply.json()["type"]) == (409, "altered")
    assert standing(doors) == spoilt
    assert doors.ok("GET", f"/v1/pulses/{pulse}")["state"] == "open"
    assert {doors.parts.custody.get(pulse, kind) is None for kind in ("close", "tokens")} == {False}


def test_put_back_as_it_was_it_closes(doors: Any, pulse: str) -> None:
    with doors.parts.database.begin() as tx:
        [first, *_] = _rows(tx, pulse)
        removed(tx, pulse)
    assert doors.call("POST", f"/v1/pulses/{pulse}/close").status_code == 409
    with doors.parts.database.begin() as tx:
        tx.execute(insert(RESPONSE).values(pulse_id=pulse, id=first.id, sealed=first.sealed))
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (PEOPLE, 4 * PEOPLE)


def test_a_batch_of_nobody_changes_nothing(doors: Any, pulse: str) -> None:
    with doors.parts.database.begin() as tx:
        _forge(tx, pulse, b"")
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    assert counted(doors, pulse) == (PEOPLE, 4 * PEOPLE)
