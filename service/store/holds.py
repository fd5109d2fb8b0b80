"""What one transaction holds until its end so that others wait for it, or let it be: rows of a table for that.

Rows, which only this service's account can reach, and not PostgreSQL's advisory locks: those are anybody's who may
connect, so that a role for BI tools could stop whatever waits for one. On SQLite a transaction that writes holds all.
"""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from service.store.database import Connection
from service.store.tables import hold


def take(tx: Connection, name: str) -> None:
    """Wait until nobody else holds it."""
    _held(tx, _row(name).with_for_update(), name)


def share(tx: Connection, name: str) -> None:
    """Wait until nobody has taken it; others may share it meanwhile."""
    _held(tx, _row(name).with_for_update(read=True), name)


def taken(tx: Connection, name: str) -> bool:
    """Take it where nobody else holds it; where somebody does, leave it at that."""
    return _held(tx, _row(name).with_for_update(skip_locked=True), name)


def _held(tx: Connection, locking: Select[tuple[str]], name: str) -> bool:
    """A row that is not there is made, and the others wait for that the first time."""
    if tx.scalar(locking) is not None:
        return True
    if tx.scalar(_row(name)) is not None:
        return False
    tx.execute(insert(hold).values(name=name).on_conflict_do_nothing())
    return tx.scalar(locking) is not None


def _row(name: str) -> Select[tuple[str]]:
    return select(hold.c.name).where(hold.c.name == name)
