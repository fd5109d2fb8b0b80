"""Can this process do its work: is the database there, of this version, and does it take what is written?"""

from __future__ import annotations

from service.errors import Unavailable
from service.store import migrate
from service.store.database import Database
from service.store.writing import require_writable


def require_ready(database: Database, *, written: bool) -> None:
    """Raises Unavailable with what is amiss. `written` says that something was stored just now: then SQLite's one
    writer need not be waited for, who may be busy storing more."""
    if not database.reachable():
        raise Unavailable("The database cannot be reached.")
    if migrate.current(database) != migrate.newest():
        raise Unavailable("The database is not at this version's revision: run 'redwood migrate'.")
    if not written:
        require_writable(database)
