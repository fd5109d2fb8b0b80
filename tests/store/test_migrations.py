"""Migrations go up and down on both databases and add up to exactly the tables of `service.store.tables`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from service.store import tables
from service.store.database import Database
from service.store.migrate import current, downgrade, newest, upgrade
from service.store.responses import prepare_collecting, prepare_inviting


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
        assert compare_metadata(context, tables.metadata) == []


def test_down_leaves_nothing_and_up_works_again(database: Database) -> None:
    upgrade(database)
    downgrade(database, "base")
    assert names(database) == set()
    upgrade(database)
    assert names(database) == set(tables.metadata.tables)


def test_up_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    upgrade(database)
    assert names(database) == set(tables.metadata.tables)


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
        tx.execute(tables.response.insert(), rows)
    database.maintain("ANALYZE")
    with database.read() as tx:
        query = "SELECT count(*) FROM pg_stats WHERE tablename ~ '^(response|invitation|redemption)'"
        assert tx.execute(text(query)).scalar_one() == 0
        assert tx.execute(text("SELECT count(*) FROM pg_stats WHERE tablename ~ '^alembic'")).scalar_one() > 0
    database.dispose()
