"""Forgetting in the files too: what a deleted row leaves behind in pages and logs is overwritten or cut off."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from service.store.database import Connection, Database

#: Milliseconds.
_PATIENCE = 2_000


def scrub(database: Database) -> bool:
    """Clear the write-ahead log of what was deleted before. May be repeated at any time.

    Returns False when something still reads the old state (SQLite), the account may not do it (PostgreSQL), or the
    database cannot be reached. Every close does it anew, and so does `redwood scrub`, which tells the operator whether
    it could.
    """
    try:
        if database.is_sqlite:
            with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                return _cut(connection)
        # The dropped files are unlinked at a checkpoint. A second segment switch lets the next one remove the log
        # in which the rows were written; with wal_recycle off it is removed and not kept for reuse.
        database.maintain("CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT")
    except SQLAlchemyError:
        return False
    return True


def _cut(connection: Connection) -> bool:
    """Cut SQLite's log off. Whoever writes waits while this waits for a reader: so it does not for long."""
    patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {_PATIENCE}")
    try:
        return connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
