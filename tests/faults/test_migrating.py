"""A migration while everybody answers: nobody waits for it for long, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from sqlalchemy import text

from service.errors import Unavailable
from service.store import migrate
from service.store.database import Database
from tests.faults.test_connection import until_acknowledged
from tests.faults.world import begun, released

PEOPLE = 120
VALUES = [1 + number % 5 for number in range(PEOPLE)]

#: What a later version might do: it needs the table of pulses to itself, which every batch reads.
LATER = '''
"""A later version."""
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pulse", sa.Column("later", sa.Text(), nullable=True))
    op.execute("UPDATE pulse SET later = 'seen'")
'''

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more revision than this version has, and short patience."""
    (tmp_path / "later.py").write_text(LATER.format(newest=migrate.newest()))
    ours = migrate.configuration

    def with_later(database: Database) -> Config:
        config = ours(database)
        folders = (Path(config.get_main_option("script_location") or "") / "versions", tmp_path)
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", "\n".join(map(str, folders)))
        return config

    monkeypatch.setattr(migrate, "configuration", with_later)
    monkeypatch.setattr(migrate, "_LOCK_TIMEOUT", 50)
    monkeypatch.setattr(migrate, "_PAUSE", 0.05)


def test_a_migration_under_load_gets_through_and_loses_nothing(
    doors: Any, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulse, tokens = begun(doors, PEOPLE)
    waiting = list(zip(tokens, VALUES, strict=True))
    tried: list[int] = []
    holding, enough = threading.Event(), threading.Event()
    was_locked_out = migrate._was_locked_out

    def noticed(error: Unavailable) -> bool:
        tried.append(len(waiting))
        if len(tried) == 3:
            enough.set()
        return was_locked_out(error)

    monkeypatch.setattr(migrate, "_was_locked_out", noticed)

    def reader() -> None:
        """Somebody's long look at the pulses, which the migration cannot get past."""
        with psycopg.connect(doors.parts.settings.database_url) as connection:
            connection.execute("SELECT count(*) FROM pulse")
            holding.set()
            assert enough.wait(60)

    async def respondent() -> None:
        while waiting:
            await until_acknowledged(doors, pulse, *waiting.pop())
            # So that it lasts: half of them answer once the migration is through.
            while not done.is_set() and len(waiting) < PEOPLE // 2:
                await asyncio.sleep(0.001)

    async def migrating() -> None:
        await asyncio.to_thread(holding.wait, 60)
        await asyncio.to_thread(migrate.upgrade, doors.parts.database, "head")
        done.set()

    done = asyncio.Event()

    async def live() -> None:
        await asyncio.gather(asyncio.to_thread(reader), migrating(), *(respondent() for _ in range(4)))

    doors.run(live())
    assert len(tried) >= 3
    assert migrate.current(doors.parts.database) == "later"
    assert doors.call("GET", "/readyz").status_code == 503  # this process is of the version before
    with doors.parts.database.read() as tx:
        assert set(tx.execute(text("SELECT later FROM pulse")).scalars()) == {"seen"}
    assert released(doors, pulse) == (PEOPLE, sum(VALUES))


def test_a_migration_that_never_gets_its_lock_gives_up_and_has_changed_nothing(
    doors: Any, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_TRIES", 2)
    with psycopg.connect(doors.parts.settings.database_url) as connection:
        connection.execute("SELECT count(*) FROM pulse")
        with pytest.raises(Unavailable):
            migrate.upgrade(doors.parts.database)
    assert migrate.current(doors.parts.database) == migrate.newest()
    migrate.upgrade(doors.parts.database)
    assert migrate.current(doors.parts.database) == "later"
