"""Bring a database to the tables of this version; Alembic is loaded only here, when asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from service.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

# Installed, the folder beside the package is the library of that name: the migrations are inside the package then.
_INSTALLED = Path(__file__).parents[1] / "alembic"
_MIGRATIONS = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2] / "alembic"


def configuration(database: Database) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["database"] = database
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    from alembic import command

    command.upgrade(configuration(database), revision)


def downgrade(database: Database, revision: str) -> None:
    from alembic import command

    command.downgrade(configuration(database), revision)


def newest() -> str | None:
    """The revision these sources end at."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(_MIGRATIONS)).get_current_head()


def current(database: Database) -> str | None:
    """The revision the database is at, None before the first migration."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))
