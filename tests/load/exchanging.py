"""Invitations written down as exchanged, past the service: for tokens that a driver makes with the seed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, update

from service.store.database import Database
from service.store.tables import invitation
from service.tokens import plain


def exchange_past_the_service(url: str, pulse: str, invitations: Iterable[str]) -> None:
    database = Database(url)
    mine = update(invitation).where(invitation.c.pulse_id == pulse, invitation.c.digest == bindparam("used"))
    with database.begin() as tx:
        tx.execute(mine.values(evaluated=bytes(32)), [{"used": plain.digest_of(it)} for it in invitations])
    database.dispose()
