"""Invitations: the digest of a token, the unit it speaks for, and once used, a digest of what it was used on.

Used means spent on a response (`receipt`), or exchanged for an unlinkable token (`evaluated`): the very same again is
known for that after a lost answer, and a different one is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Function, Select, Table, func, insert, or_, select, update

from service.store.database import Connection
from service.store.partitions import of_pulse
from service.store.tables import invitation, redemption, unit
from service.store.tables import pulse as pulse_table


def add_invitations(tx: Connection, pulse: str, digests: Iterable[tuple[bytes, int]]) -> None:
    """Store (digest, unit number) pairs, in the order of the digests: order of issue is not kept."""
    rows = [{"pulse_id": pulse, "digest": digest, "unit": unit} for digest, unit in sorted(digests)]
    if rows:
        tx.execute(insert(invitation), rows)


def issued(tx: Connection, pulse: str) -> dict[int, int]:
    """How many invitations each unit number was given."""
    query = select(invitation.c.unit, func.count()).where(invitation.c.pulse_id == pulse)
    return {row[0]: row[1] for row in tx.execute(query.group_by(invitation.c.unit))}


def spent(tx: Connection, pulse: str) -> dict[int, int]:
    """How many tokens of each unit number were spent, of both kinds: as many as there are responses. Confidential
    while few. None of any unit before the pulse opened."""
    own = of_pulse(tx, invitation, pulse)
    counts = Counter(_counted(tx, own, pulse, func.count(own.c.receipt)))
    counts.update(redeemed(tx, pulse))
    return dict(counts)


def invited(tx: Connection, pulse: str) -> dict[int, int]:
    """The same as `issued`, of a pulse that collects: reading it holds up no other pulse."""
    return _counted(tx, of_pulse(tx, invitation, pulse), pulse, func.count())


def redeemed(tx: Connection, pulse: str) -> dict[int, int]:
    """How many unlinkable tokens of each unit number were spent; confidential while few."""
    return _counted(tx, of_pulse(tx, redemption, pulse), pulse, func.count())


def _counted(tx: Connection, own: Table, pulse: str, count: Function[int]) -> dict[int, int]:
    query = select(own.c.unit, count).where(own.c.pulse_id == pulse).group_by(own.c.unit)
    return {row[0]: row[1] for row in tx.execute(query)}


def unit_of(tx: Connection, pulse: str, digest: bytes) -> str | None:
    """The id of the unit an invitation was issued for, used or not; None when there is none."""
    return tx.scalar(_unit(pulse, digest))


def usable(tx: Connection, pulse: str, digest: bytes, evaluated: bytes) -> str | None:
    """The same of one that may be exchanged for this blinded message, of which `evaluated` is the digest."""
    return tx.scalar(_unit(pulse, digest).where(*_free(evaluated)))


def exchange(tx: Connection, pulse: str, digest: bytes, evaluated: bytes) -> bool:
    """Use an invitation on one blinded message, of which `evaluated` is the digest; true for the very same again."""
    mine = update(invitation).where(invitation.c.pulse_id == pulse, invitation.c.digest == digest)
    return tx.execute(mine.where(*_free(evaluated)).values(evaluated=evaluated)).rowcount > 0


def _free(evaluated: bytes) -> tuple[ColumnElement[bool], ...]:
    return invitation.c.receipt.is_(None), or_(invitation.c.evaluated.is_(None), invitation.c.evaluated == evaluated)


def _unit(pulse: str, digest: bytes) -> Select[str]:
    query = (
        select(unit.c.id)
        .join(pulse_table, pulse_table.c.organisation_id == unit.c.organisation_id)
        .join(invitation, (invitation.c.pulse_id == pulse_table.c.id) & (invitation.c.unit == unit.c.number))
    )
    return query.where(invitation.c.pulse_id == pulse, invitation.c.digest == digest)
