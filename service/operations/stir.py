"""While pulses are open, the order in which people came is taken out of the database again and again."""

from __future__ import annotations

from service.store import stirring
from service.store.database import Database


def stir(database: Database) -> bool:
    """Rows written anew in an order made by chance, the log cleared; whether all of it could be done here and now.

    Raises Unavailable where the database cannot be reached.
    """
    return stirring.stir(database)
