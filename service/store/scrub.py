"""Forgetting in the files too: what a deleted row leaves behind in pages and logs is overwritten or cut off."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from service.store.database import Database


def scrub(database: Database) -> bool:
    """Clear the write-ahead log of what was deleted before. May be repeated at any time.

    Returns False when something still reads the old state (SQLite), or the account may not do it (PostgreSQL). Every
    close does it anew, and so does `redwood scrub`, which tells the operator whether it could.
    """
    if database.is_sqlite:
        with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            return connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0
    try:
        # The dropped files are unlinked at a checkpoint. A second segment switch lets the next one remove the log
        # in which the rows were written; with wal_recycle off it is removed and not kept for reuse.
        database.maintain("CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT")
    except DBAPIError:
        return False
    return True
