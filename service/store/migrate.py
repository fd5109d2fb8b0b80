"""Bring a database to the tables of this version; Alembic is loaded only here, when asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from service.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

_CHECKOUT = Path(__file__).parents[2] / "alembic"
_INSTALLED = Path(__file__).parents[1] / "alembic"


def configuration(database: Database) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_CHECKOUT if _CHECKOUT.is_dir() else _INSTALLED))
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

    return ScriptDirectory(str(_CHECKOUT if _CHECKOUT.is_dir() else _INSTALLED)).get_current_head()


def current(database: Database) -> str | None:
    """The revision the database is at, None before the first migration."""
    with database.engine.execution_options(reading=True).begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))
