"""Forgetting people in PostgreSQL's files: a row that is deleted stays in its table's file until that is written anew.

Who is still there is copied, and the tables begin with new files. VACUUM FULL would keep whatever an older transaction
may still see, and say nothing where the account does not own a table.
"""

from __future__ import annotations

import time

from sqlalchemy.exc import SQLAlchemyError

from service.errors import Unavailable
from service.store import holds
from service.store.database import Connection, Database
from service.store.inviting_tables import mailing, membership, person, person_group
from service.store.stirring import HOLD

#: Each after the one it refers to.
_TABLES = [it.name for it in (person, person_group, membership, mailing)]
#: How often a moment is looked for in which nobody uses any of them, and the seconds between.
_TRIES, _PAUSE = 40, 0.05


def rewrite(database: Database) -> bool:
    """Write the tables of people and letters anew, without what was deleted. On SQLite a deletion does that itself.

    False where somebody uses them all the time, a backup is being read, or the account may not; nothing is lost then.
    """
    if database.is_sqlite:
        return True
    try:
        return any(_came_in(database, attempt) for attempt in range(_TRIES))
    except SQLAlchemyError:
        return False


def _came_in(database: Database, attempt: int) -> bool:
    time.sleep(_PAUSE if attempt else 0)
    try:
        with database.begin() as tx:
            # While a backup is read: to its moment a table that is written anew would look empty.
            if not holds.taken(tx, HOLD):
                return False
            _rewrite(tx)
            return True
    except Unavailable:
        return False


def _rewrite(tx: Connection) -> None:
    """Nothing is waited for while anything is held: who reads one table and then another is never in the way."""
    every = ", ".join(_TABLES)
    tx.exec_driver_sql(f"LOCK TABLE {every} IN ACCESS EXCLUSIVE MODE NOWAIT")
    for name in _TABLES:
        tx.exec_driver_sql(f"CREATE TEMP TABLE kept_{name} ON COMMIT DROP AS SELECT * FROM {name}")
    tx.exec_driver_sql(f"TRUNCATE {every}")
    for name in _TABLES:
        tx.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM kept_{name}")
        # Without a count the planner would take a large table for an empty one.
        tx.exec_driver_sql(f"ANALYZE {name}")
