"""Stirring: what an open pulse holds is written anew in an order made by chance, and what told of the old one goes.

A row of PostgreSQL keeps the number of the transaction that wrote it and its place in the heap. While few answer, the
row of an invitation that was exchanged and that of the token that was spent would stand side by side in both orders.
"""

from __future__ import annotations

from sqlalchemy import Table, select, text

from service.store.database import Connection, Database
from service.store.scrub import scrub
from service.store.tables import invitation, pulse, redemption, response
from service.survey.pulse import State

#: Any number nobody else uses: of several processes one stirs, the others go on.
_TURN = 7_214_771


def stir(database: Database) -> bool:
    """Stir every open pulse and clear the database's log. False where another process is at it, or the log stays.

    On SQLite rows have no place but that of their random keys: only the log holds an order.
    """
    if not database.is_sqlite:
        with database.read() as tx:
            collecting = list(tx.scalars(select(pulse.c.id).where(pulse.c.state == State.OPEN)))
        if not all(_stirred(database, id) for id in collecting):
            return False
    return scrub(database)


def _stirred(database: Database, id: str) -> bool:
    with database.begin() as tx:
        if not tx.scalar(text("SELECT pg_try_advisory_xact_lock(:turn)"), {"turn": _TURN}):
            return False
        # Batches share-lock the pulse: this waits for the one under way, and the next one for this.
        state = tx.scalar(select(pulse.c.state).where(pulse.c.id == id).with_for_update())
        if state == State.OPEN:
            for table in (invitation, redemption, response):
                _rewrite(tx, table, id)
    return True


def _rewrite(tx: Connection, table: Table, id: str) -> None:
    """One transaction's number for every row, and new files: those of before are removed."""
    name = f"{table.name}_{id}"
    tx.exec_driver_sql(f"CREATE TEMP TABLE stirred ON COMMIT DROP AS SELECT * FROM {name}")
    tx.exec_driver_sql(f"TRUNCATE {name}")
    tx.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM stirred ORDER BY random()")
    tx.exec_driver_sql("DROP TABLE stirred")
    # Without a count the planner walks a whole table for every batch.
    tx.exec_driver_sql(f"ANALYZE {name}")
