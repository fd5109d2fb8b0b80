"""Settings become a Runtime: the only place that chooses implementations."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from service.custody.command import Command
from service.custody.custody import Custody
from service.custody.derived import Derived
from service.custody.folder import Folder
from service.errors import Fault, InvalidSettings
from service.settings import Settings
from service.store.collector import Collector
from service.store.database import Database
from service.store.postgres_committer import PostgresCommitter
from service.store.replica import Replica
from service.store.sqlite_committer import SqliteCommitter

#: Characters of a master secret.
_LEAST = 32


@dataclass(frozen=True)
class Runtime:
    """One process's parts. The collector needs a running event loop when first used."""

    settings: Settings
    database: Database
    #: Where released figures are read; the database itself where there is no replica.
    replica: Database
    collector: Collector
    custody: Custody

    async def close(self) -> None:
        await self.collector.close()
        self.database.dispose()
        self.replica.dispose()


def runtime(settings: Settings) -> Runtime:
    database = Database(settings.database_url)
    committer = SqliteCommitter(database) if database.is_sqlite else PostgresCommitter(settings.database_url)
    collector = Collector(committer, settings.queue_limit)
    return Runtime(settings, database, replica_of(settings, database), collector, custody_of(settings))


def replica_of(settings: Settings, database: Database) -> Database:
    """Raises InvalidSettings where there can be none."""
    if not settings.replica_url:
        return database
    if database.is_sqlite:
        raise InvalidSettings([Fault("REDWOOD_REPLICA_URL", "is for a PostgreSQL, and the database is an SQLite file")])
    return Replica(settings.replica_url)


def custody_of(settings: Settings) -> Custody:
    """Raises InvalidSettings where a secret that is to stand in the environment does not, or is too short to be one."""
    kind, _, where = settings.custody.partition(":")
    if kind == "file":
        return Folder(Path(where).expanduser())
    if kind == "command":
        return Command(shlex.split(where))
    master = os.environ.get(where, "")
    if len(master) < _LEAST:
        rule = f"names a variable that must hold a secret of at least {_LEAST} characters, made by chance"
        raise InvalidSettings([Fault("REDWOOD_CUSTODY", rule)])
    return Derived(master)
