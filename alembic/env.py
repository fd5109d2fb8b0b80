"""How Alembic reaches the database: the one handed over by `service.store.migrate`, in one transaction."""

from __future__ import annotations

from alembic import context
from service.store.tables import metadata

database = context.config.attributes["database"]

with database.begin() as connection:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
    context.run_migrations()
