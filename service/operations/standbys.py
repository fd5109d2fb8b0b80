"""What `redwood doctor` says of standbys: whether the replica is one, and whether any keeps what a close cuts off."""

from __future__ import annotations

from collections.abc import Iterator

from service.errors import Unavailable
from service.operations.doctor import Finding
from service.store.database import Database
from service.store.standbys import following, replica_condition

#: Bytes of the log: a few of its files, which a standby that follows has in moments.
_FAR = 64_000_000


def standby_findings(database: Database, replica: Database) -> Iterator[Finding]:
    """`replica` may be the database itself: then there is none that figures are read from."""
    if database.is_sqlite:
        return
    yield from _following(database)
    if replica is not database:
        yield from _replica(database, replica)


def _following(database: Database) -> Iterator[Finding]:
    """A standby, and its place in the log for which the primary keeps it, hold what was destroyed until they follow."""
    try:
        found = following(database)
    except Unavailable:
        return  # a database that is a standby itself has none to tell of, and is not ready
    for it in found:
        if it.behind is None:
            words = "how far it is behind is not told to this account: grant pg_monitor"
            yield Finding(f"standby {it.name}", "unsafe", words)
        elif it.behind > _FAR:
            words = f"{it.behind:,} bytes behind: it holds what closes have destroyed since, and has the log kept"
            yield Finding(f"standby {it.name}", "unsafe", words)
        else:
            yield Finding(f"standby {it.name}", "ok", f"follows, {it.behind:,} bytes behind")


def _replica(database: Database, replica: Database) -> Iterator[Finding]:
    try:
        condition = replica_condition(database, replica)
    except Unavailable:
        yield Finding("replica", "broken", "cannot be reached, the primary answers for it; check REDWOOD_REPLICA_URL")
        return
    if condition.behind is None:
        yield Finding("replica", "broken", "is no standby of this database: nothing it has is believed")
    elif condition.paused or condition.behind > _FAR:
        yield Finding("replica", "unsafe", f"{condition.behind:,} bytes behind{', and paused' * condition.paused}")
    else:
        yield Finding("replica", "ok", f"a standby, {condition.behind:,} bytes behind")
    if condition.recycles:
        words = "is on at the replica: recycled log files keep destroyed answers; turn it off there too"
        yield Finding("replica wal_recycle", "unsafe", words)
