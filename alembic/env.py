"""How Alembic reaches the database: the one handed over by `service.store.migrate`, in one transaction."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError, ProgrammingError

from alembic import context
from service.store.inviting_tables import metadata

#: As Alembic makes it.
_MADE = (
    "CREATE TABLE IF NOT EXISTS alembic_version "
    "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
#: PostgreSQL's codes where somebody else makes it at the same moment: who waited for them meets theirs.
_MEANWHILE = {"23505", "42P07", "42710"}
#: Whoever only reads the revision goes on.
_HELD = "LOCK TABLE alembic_version IN SHARE ROW EXCLUSIVE MODE"

database = context.config.attributes["database"]

with database.begin() as connection:
    if not database.is_sqlite:
        # Several hosts that start at once all ask: one migrates, the others wait for it and find nothing left to do.
        # By a lock on a table, which no role for BI tools may take.
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(_MADE)
        except (IntegrityError, ProgrammingError) as error:
            if error.orig.sqlstate not in _MEANWHILE:
                raise
        connection.exec_driver_sql(_HELD)
        # Whoever waits for a table's lock holds up all who come after: rather give up soon, and try again.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {context.config.attributes['lock_timeout']}")
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
    context.run_migrations()
