"""Invitations: the digest of a token, the unit it speaks for, and once spent, a receipt of what it was spent on.

The receipt is a keyed digest (the token is the key), so that the very same submission sent again after a lost
answer is known, and a different one is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, insert, select

from service.store.database import Connection
from service.store.tables import invitation, unit
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
    """How many invitations of each unit number have been spent; confidential while few."""
    query = select(invitation.c.unit, func.count(invitation.c.receipt)).where(invitation.c.pulse_id == pulse)
    return {row[0]: row[1] for row in tx.execute(query.group_by(invitation.c.unit))}


def unit_of(tx: Connection, pulse: str, digest: bytes) -> str | None:
    """The id of the unit an invitation was issued for, spent or not; None when there is none."""
    query = (
        select(unit.c.id)
        .join(pulse_table, pulse_table.c.organisation_id == unit.c.organisation_id)
        .join(invitation, (invitation.c.pulse_id == pulse_table.c.id) & (invitation.c.unit == unit.c.number))
    )
    return tx.scalar(query.where(invitation.c.pulse_id == pulse, invitation.c.digest == digest))
