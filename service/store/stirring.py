"""Stirring: what an open pulse holds is written anew in an order made by chance, and what told of the old one goes.

A row of PostgreSQL keeps the number of the transaction that wrote it and its place in the heap. While few answer, the
row of an invitation that was exchanged and that of the token that was spent would stand side by side in both orders.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Table, select, text

from service.errors import Unavailable
from service.store import holds, pulses
from service.store.database import Connection, Database
from service.store.partitions import name_of
from service.store.scrub import scrub
from service.store.tables import invitation, pulse, redemption, response
from service.survey.pulse import State

#: What is held: of several processes one stirs, and none while a backup is read, to whose moment a rewritten table
#: would look empty.
HOLD = "stirring"
#: A reader may hold a table for long: nobody who answers waits for that behind us.
_PATIENCE = "2s"


def stir(database: Database) -> bool:
    """Stir every open pulse and clear the database's log. False where another process is at it, or the log stays.

    False also where somebody reads a table for so long that stirring does not come in. Raises Unavailable where the
    database cannot be reached.
    """
    with database.read() as tx:
        collecting = pulses.collecting(tx)
    stirred = _stirred_file if database.is_sqlite else _stirred
    done = [_tried(stirred, database, id) for id in collecting]
    return scrub(database) and all(done)


def _tried(stirred: Callable[[Database, str], bool], database: Database, id: str) -> bool:
    """One pulse that is held does not keep the others from being stirred."""
    try:
        return stirred(database, id)
    except Unavailable:
        return False


def _stirred_file(database: Database, id: str) -> bool:
    """On SQLite rows stand by their random keys. But a page is filled as they come, and so are those that long rows go
    on in."""
    with database.begin() as tx:
        for table in (invitation, redemption, response):
            name = table.name
            tx.exec_driver_sql(f"CREATE TEMP TABLE stirred AS SELECT * FROM {name} WHERE pulse_id = ?", (id,))
            tx.execute(table.delete().where(table.c.pulse_id == id))
            tx.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM stirred ORDER BY random()")
            tx.exec_driver_sql("DROP TABLE stirred")
    return True


def _stirred(database: Database, id: str) -> bool:
    with database.begin() as tx:
        tx.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
        if not holds.taken(tx, HOLD):
            return False
        # Batches share-lock the pulse: this waits for the one under way, and the next one for this.
        state = tx.scalar(select(pulse.c.state).where(pulse.c.id == id).with_for_update())
        if state == State.OPEN:
            for table in (invitation, redemption, response):
                _rewrite(tx, table, id)
    return True


def _rewrite(tx: Connection, table: Table, id: str) -> None:
    """One transaction's number for every row, and new files: those of before are removed."""
    name = name_of(table, id)
    tx.exec_driver_sql(f"CREATE TEMP TABLE stirred ON COMMIT DROP AS SELECT * FROM {name}")
    tx.exec_driver_sql(f"TRUNCATE {name}")
    tx.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM stirred ORDER BY random()")
    tx.exec_driver_sql("DROP TABLE stirred")
    # Without a count the planner walks a whole table for every batch.
    tx.exec_driver_sql(f"ANALYZE {name}")
