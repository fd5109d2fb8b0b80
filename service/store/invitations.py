"""Invitations: the digest of a token, the unit it speaks for, and once used, a digest of what it was used on.

Used means spent on a response (`receipt`), or exchanged for an unlinkable token (`evaluated`): the very same again is
known for that after a lost answer, and a different one is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, insert, or_, select, update

from service.store.database import Connection
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
    while few."""
    plain = select(invitation.c.unit, func.count(invitation.c.receipt)).where(invitation.c.pulse_id == pulse)
    unlinkable = select(redemption.c.unit, func.count()).where(redemption.c.pulse_id == pulse)
    counts: Counter[int] = Counter()
    for query in (plain.group_by(invitation.c.unit), unlinkable.group_by(redemption.c.unit)):
        counts.update({row[0]: row[1] for row in tx.execute(query)})
    return dict(counts)


def unit_of(tx: Connection, pulse: str, digest: bytes) -> str | None:
    """The id of the unit an invitation was issued for, used or not; None when there is none."""
    query = (
        select(unit.c.id)
        .join(pulse_table, pulse_table.c.organisation_id == unit.c.organisation_id)
        .join(invitation, (invitation.c.pulse_id == pulse_table.c.id) & (invitation.c.unit == unit.c.number))
    )
    return tx.scalar(query.where(invitation.c.pulse_id == pulse, invitation.c.digest == digest))


def exchange(tx: Connection, pulse: str, digest: bytes, evaluated: bytes) -> bool:
    """Use an invitation on one blinded message, of which `evaluated` is the digest; true for the very same again."""
    mine = update(invitation).where(invitation.c.pulse_id == pulse, invitation.c.digest == digest)
    unused = or_(invitation.c.evaluated.is_(None), invitation.c.evaluated == evaluated)
    done = tx.execute(mine.where(invitation.c.receipt.is_(None), unused).values(evaluated=evaluated))
    return done.rowcount > 0
