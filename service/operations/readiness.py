"""Can this process do its work: is the database there, of this version, and does it take what is written?"""

from __future__ import annotations

from service.errors import Unavailable
from service.store import migrate
from service.store.database import Database
from service.store.writing import require_writable


def require_ready(database: Database) -> None:
    """Raises Unavailable with what is amiss."""
    if not database.reachable():
        raise Unavailable("The database cannot be reached.")
    if migrate.current(database) != migrate.newest():
        raise Unavailable("The database is not at this version's revision: run 'redwood migrate'.")
    require_writable(database)
