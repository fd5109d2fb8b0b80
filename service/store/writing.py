"""Whether a database takes what is written to it, found out by writing."""

from __future__ import annotations

from sqlalchemy import text

from service.errors import Unavailable
from service.store.database import Connection, Database

#: The least that goes through everything a commit does: a page of the file's log, flushed.
_SQLITE = "UPDATE alembic_version SET version_num = version_num"
#: A record in the log and nothing in any table, so that a migration under way is not waited for.
_POSTGRESQL = "SELECT pg_logical_emit_message(true, 'redwood', '')"


def require_writable(database: Database) -> None:
    """Commit something that changes nothing. Raises Unavailable where a disk is full, or all may only be read."""
    with database.begin() as tx:
        if database.is_sqlite:
            tx.execute(text(_SQLITE))
        elif _is_read_only(tx):
            raise Unavailable("The database may only be read.")
        else:
            tx.execute(text(_POSTGRESQL))


def _is_read_only(tx: Connection) -> bool:
    return tx.execute(text("SELECT current_setting('transaction_read_only')")).scalar_one() == "on"
