"""Removing a pulse that no release will ever come of, with everything that hangs on it."""

from __future__ import annotations

from sqlalchemy import delete

from service.store.database import Connection
from service.store.inviting_tables import metadata
from service.store.responses import forget
from service.store.tables import pulse


def remove_pulse(tx: Connection, id: str) -> None:
    """Destroy the pulse, its invitations and what came in."""
    forget(tx, id)
    for table in reversed(metadata.sorted_tables):
        if any(key.column is pulse.c.id for key in table.foreign_keys):
            tx.execute(delete(table).where(table.c.pulse_id == id))
    tx.execute(delete(pulse).where(pulse.c.id == id))
