"""Migrations go up and down on both databases and add up to exactly the tables of `service.store.tables`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from service.store.database import Database
from service.store.inviting_tables import metadata
from service.store.migrate import current, downgrade, newest, upgrade
from service.store.responses import prepare_collecting, prepare_inviting
from service.store.tables import response


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    yield database
    database.dispose()


def names(database: Database) -> set[str]:
    with database.read() as tx:
        return set(inspect(tx).get_table_names()) - {"alembic_version"}


def test_up_is_the_tables(database: Database) -> None:
    upgrade(database)
    assert current(database) == newest()
    with database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_down_leaves_nothing_and_up_works_again(database: Database) -> None:
    upgrade(database)
    downgrade(database, "base")
    assert names(database) == set()
    upgrade(database)
    assert names(database) == set(metadata.tables)


def test_up_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    upgrade(database)
    assert names(database) == set(metadata.tables)


def test_several_hosts_that_ask_at_once_all_find_it_done(postgres_url: str) -> None:
    asked = [sys.executable, "-c", "from service.cli import main; main()", "migrate"]
    environment = {**os.environ, "REDWOOD_DATABASE_URL": postgres_url}
    hosts = [subprocess.Popen(asked, env=environment, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [host.wait(60) for host in hosts] == [0, 0, 0]


def test_who_migrates_waits_for_another_who_does_and_readers_for_neither(postgres_url: str) -> None:
    database = Database(postgres_url)
    upgrade(database)
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'alembic_version'::regclass"
    with ThreadPoolExecutor(1) as aside, database.begin() as other:
        other.execute(text("LOCK TABLE alembic_version IN SHARE ROW EXCLUSIVE MODE"))
        asked = aside.submit(upgrade, database)
        while not other.scalar(text(waits)):
            assert not asked.done()
        assert current(database) == newest()
        other.commit()
        asked.result(60)
    database.dispose()


def test_what_respondents_write_keeps_no_order_of_arrival(database: Database) -> None:
    """No rowid on SQLite; one partition a pulse on PostgreSQL: what the comparison of columns cannot see."""
    upgrade(database)
    with database.read() as tx:
        if database.is_sqlite:
            query = "SELECT sql FROM sqlite_master WHERE name IN ('response', 'invitation', 'redemption')"
            statements = list(tx.execute(text(query)).scalars())
            assert len(statements) == 3
            assert all("WITHOUT ROWID" in statement for statement in statements)
        else:
            query = "SELECT relname, relkind FROM pg_class WHERE relname IN ('response', 'invitation', 'redemption')"
            assert {tuple(row) for row in tx.execute(text(query))} == {
                ("response", "p"),
                ("invitation", "p"),
                ("redemption", "p"),
            }


def test_postgresql_samples_nothing_of_what_respondents_write(postgres_url: str) -> None:
    """Samples stand in a catalogue and outlive the rows; ANALYZE of everything is what an operator may run any time."""
    database = Database(postgres_url)
    upgrade(database)
    with database.begin() as tx:
        prepare_inviting(tx, "a" * 16)
        prepare_collecting(tx, "a" * 16)
        rows = [{"pulse_id": "a" * 16, "id": b"%16d" % n, "sealed": b"%d" % n} for n in range(99)]
        tx.execute(response.insert(), rows)
    database.maintain("ANALYZE")
    with database.read() as tx:
        query = "SELECT count(*) FROM pg_stats WHERE tablename ~ '^(response|invitation|redemption)'"
        assert tx.execute(text(query)).scalar_one() == 0
        assert tx.execute(text("SELECT count(*) FROM pg_stats WHERE tablename ~ '^alembic'")).scalar_one() > 0
    database.dispose()
