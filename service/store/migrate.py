"""Bring a database to the tables of this version; Alembic is loaded only here, when asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from service.errors import Unavailable
from service.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

# Installed, the folder beside the package is the library of that name: the migrations are inside the package then.
_INSTALLED = Path(__file__).parents[1] / "alembic"
_MIGRATIONS = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2] / "alembic"

#: Milliseconds a migration waits for a lock, which is as long as it makes others wait; how often it tries, and seconds
#: in between, in which they catch up.
_LOCK_TIMEOUT, _TRIES, _PAUSE = 1_000, 60, 1.0
#: PostgreSQL's codes for a lock not had in time and for two that wait for each other.
_LOCKED_OUT = {"55P03", "40P01"}


def configuration(database: Database) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["database"] = database
    config.attributes["lock_timeout"] = _LOCK_TIMEOUT
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """May run while others work: all of it is one transaction, and where that gets no lock it is undone and tried
    again. Raises Unavailable when it never gets one."""
    from alembic import command

    _patiently(lambda: command.upgrade(configuration(database), revision))


def downgrade(database: Database, revision: str) -> None:
    from alembic import command

    _patiently(lambda: command.downgrade(configuration(database), revision))


def _patiently(migration: Callable[[], None]) -> None:
    for _ in range(_TRIES - 1):
        try:
            return migration()
        except Unavailable as error:
            if not _was_locked_out(error):
                raise
        time.sleep(_PAUSE)
    return migration()


def _was_locked_out(error: Unavailable) -> bool:
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) in _LOCKED_OUT


def newest() -> str | None:
    """The revision these sources end at, by the names of their files: a process that only asks loads no Alembic."""
    return max((file.name.partition("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py")), default=None)


def current(database: Database) -> str | None:
    """The revision the database is at, None before the first migration."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))
