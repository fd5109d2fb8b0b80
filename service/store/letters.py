"""Letters that wait to be sent, sealed, and the rounds in which everybody is written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from service.store.database import Connection
from service.store.inviting_tables import mailing, mailing_round
from service.store.tables import pulse
from service.survey.pulse import State


@dataclass(frozen=True, slots=True)
class Round:
    """The first is the invitation itself; `until` is the last day on which it can be answered, where that is known."""

    pulse: str
    number: int
    on_day: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Letter:
    """`round` is the last one in which it was sent, 0 before the first."""

    pulse: str
    id: bytes
    sealed: bytes
    round: int
    tries: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a pulse's letters: `sent` of the latest round, `failed` for good."""

    people: int
    sent: int
    failed: int
    rounds: int


def add_letters(tx: Connection, pulse: str, letters: Sequence[tuple[bytes, bytes]]) -> None:
    """Store (random id, sealed) pairs in the order of their ids, which says nothing."""
    empty = {"pulse_id": pulse, "round": 0, "tries": 0, "failed": False}
    if letters:
        tx.execute(insert(mailing), [{**empty, "id": id, "sealed": sealed} for id, sealed in sorted(letters)])


def add_round(tx: Connection, it: Round) -> None:
    """Two at once are one: the other fails as a Conflict."""
    values = {"pulse_id": it.pulse, "number": it.number, "on_day": it.on_day, "until": it.until, "done": False}
    tx.execute(insert(mailing_round).values(**values))


def forget(tx: Connection, organisation: str) -> int:
    """Destroy every letter of the organisation's pulses, and their rounds; how many letters they were."""
    mine = select(pulse.c.id).where(pulse.c.organisation_id == organisation)
    tx.execute(delete(mailing_round).where(mailing_round.c.pulse_id.in_(mine)))
    return tx.execute(delete(mailing).where(mailing.c.pulse_id.in_(mine))).rowcount


def latest_round(tx: Connection, pulse: str) -> Round | None:
    query = select(mailing_round).where(mailing_round.c.pulse_id == pulse)
    row = tx.execute(query.order_by(mailing_round.c.number.desc()).limit(1)).first()
    return None if row is None else Round(row.pulse_id, row.number, row.on_day, row.until)


def progress(tx: Connection, pulse: str) -> Progress:
    """Counts only; all 0 without letters, and after the close."""
    latest = latest_round(tx, pulse)
    number = latest.number if latest else 0
    sent = func.count().filter(mailing.c.round == number, mailing.c.round > 0)
    failed = func.count().filter(mailing.c.failed)
    row = tx.execute(select(func.count(), sent, failed).where(mailing.c.pulse_id == pulse)).one()
    return Progress(row[0], row[1], row[2], number)


def rounds_due(tx: Connection, now: int) -> list[Round]:
    """The latest round of each open pulse in which somebody may still be written to, and that nobody sends just now."""
    latest = select(mailing_round.c.pulse_id, func.max(mailing_round.c.number).label("number"))
    of = latest.group_by(mailing_round.c.pulse_id).subquery()
    query = (
        select(mailing_round)
        .join(of, and_(of.c.pulse_id == mailing_round.c.pulse_id, of.c.number == mailing_round.c.number))
        .join(pulse, pulse.c.id == mailing_round.c.pulse_id)
        .where(pulse.c.state == State.OPEN, ~mailing_round.c.done, _free(mailing_round.c.next_at, now))
        .order_by(mailing_round.c.pulse_id)
    )
    return [Round(row.pulse_id, row.number, row.on_day, row.until) for row in tx.execute(query)]


def take_turn(tx: Connection, it: Round, now: int, until: int) -> bool:
    """Whether this process sends the next letters of the round; no other does before `until`."""
    mine = _the(it).where(~mailing_round.c.done, _free(mailing_round.c.next_at, now))
    return tx.execute(mine.values(next_at=until)).rowcount > 0


def rest(tx: Connection, it: Round, until: int) -> None:
    tx.execute(_the(it).values(next_at=until))


def finish_if_sent(tx: Connection, it: Round) -> bool:
    """Whether nobody is left to be written to in the round, which is kept."""
    left = select(mailing.c.id).where(*_left(it)).limit(1)
    if tx.execute(left).first() is not None:
        return False
    tx.execute(_the(it).values(done=True, next_at=None))
    return True


def due(tx: Connection, it: Round, now: int, start: bytes, limit: int) -> list[bytes]:
    """The ids of at most `limit` letters to be sent, those after a random `start` first: in no order that is kept."""
    query = select(mailing.c.id).where(*_left(it), _free(mailing.c.next_at, now)).order_by(mailing.c.id)
    found = list(tx.scalars(query.where(mailing.c.id >= start).limit(limit)))
    if len(found) < limit:
        found += tx.scalars(query.where(mailing.c.id < start).limit(limit - len(found)))
    return [bytes(id) for id in found]


def claim(tx: Connection, it: Round, id: bytes, now: int, until: int) -> Letter | None:
    """The letter, where it is still to be sent, with this try counted; nobody else gets it before `until`."""
    mine = update(mailing).where(mailing.c.id == id, *_left(it), _free(mailing.c.next_at, now))
    if not tx.execute(mine.values(next_at=until, tries=mailing.c.tries + 1)).rowcount:
        return None
    row = tx.execute(select(mailing).where(mailing.c.pulse_id == it.pulse, mailing.c.id == id)).one()
    return Letter(it.pulse, bytes(row.id), bytes(row.sealed), row.round, row.tries)


def set_sent(tx: Connection, letter: Letter, number: int) -> None:
    _set(tx, letter, round=number, tries=0, next_at=None)


def set_failed(tx: Connection, letter: Letter) -> None:
    _set(tx, letter, failed=True, tries=0, next_at=None)


def put_off(tx: Connection, letter: Letter, until: int, *, counted: bool) -> None:
    """Try again later; a try that was not the letter's own fault is not counted."""
    _set(tx, letter, next_at=until, tries=letter.tries if counted else letter.tries - 1)


def _set(tx: Connection, letter: Letter, **values: object) -> None:
    mine = update(mailing).where(mailing.c.pulse_id == letter.pulse, mailing.c.id == letter.id)
    tx.execute(mine.values(**values))


def _the(it: Round) -> Any:
    return update(mailing_round).where(mailing_round.c.pulse_id == it.pulse, mailing_round.c.number == it.number)


def _left(it: Round) -> tuple[Any, ...]:
    return mailing.c.pulse_id == it.pulse, mailing.c.round < it.number, ~mailing.c.failed


def _free(next_at: Any, now: int) -> Any:
    return or_(next_at.is_(None), next_at <= now)
