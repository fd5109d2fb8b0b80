"""How Alembic reaches the database: the one handed over by `service.store.migrate`, in one transaction."""

from __future__ import annotations

from alembic import context
from service.store.tables import metadata

database = context.config.attributes["database"]

with database.begin() as connection:
    if not database.is_sqlite:
        # Whoever waits for a table's lock holds up all who come after: rather give up soon, and try again.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {context.config.attributes['lock_timeout']}")
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
    context.run_migrations()
