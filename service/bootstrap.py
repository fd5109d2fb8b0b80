"""Settings become a Runtime: the only place that chooses implementations."""

from __future__ import annotations

from dataclasses import dataclass

from service.settings import Settings
from service.store.collector import Collector
from service.store.database import Database
from service.store.postgres_committer import PostgresCommitter
from service.store.sqlite_committer import SqliteCommitter


@dataclass(frozen=True)
class Runtime:
    """One process's parts. The collector needs a running event loop when first used."""

    settings: Settings
    database: Database
    collector: Collector

    async def close(self) -> None:
        await self.collector.close()
        self.database.dispose()


def runtime(settings: Settings) -> Runtime:
    database = Database(settings.database_url)
    committer = SqliteCommitter(database) if database.is_sqlite else PostgresCommitter(settings.database_url)
    return Runtime(settings, database, Collector(committer, settings.queue_limit))
