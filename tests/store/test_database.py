"""What each connection asks of the database before anything is entrusted to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from service.store import postgres_committer
from service.store.condition import server_condition
from service.store.database import Database
from tests.faults.world import answer, begun


@pytest.fixture
def careless(doors: Any) -> Any:
    """A database that by default acknowledges what it may still lose."""
    database = doors.parts.database
    database.maintain(f"ALTER DATABASE {database.url.database} SET synchronous_commit = off")
    return doors


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_acknowledged_is_on_the_disk_whatever_the_server_would_do(
    careless: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = Database(database_url)
    with fresh.read() as tx:
        assert tx.scalar(text("SHOW synchronous_commit")) == "on"
        tx.execute(text("RESET synchronous_commit"))
        assert tx.scalar(text("SHOW synchronous_commit")) == "off", "else this would prove nothing"
    fresh.dispose()

    asked = []
    spend = postgres_committer._spend

    async def asking(connection: Any, *others: Any) -> Any:
        asked.append(await connection.fetchval("SHOW synchronous_commit"))
        return await spend(connection, *others)

    monkeypatch.setattr(postgres_committer, "_spend", asking)
    pulse, tokens = begun(careless)
    assert answer(careless, pulse, tokens[0], 4) == 204
    assert asked == ["on"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_slot_that_nobody_reads_is_seen(doors: Any) -> None:
    """A slot is the server's, not a database's: it must go again whatever happens."""
    database = doors.parts.database
    assert not server_condition(database).held_back
    with database.begin() as tx:
        tx.execute(text("SELECT pg_create_physical_replication_slot('forgotten')"))
    try:
        assert server_condition(database).held_back
    finally:
        with database.begin() as tx:
            tx.execute(text("SELECT pg_drop_replication_slot('forgotten')"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_log_that_is_kept_is_seen(doors: Any) -> None:
    database = doors.parts.database
    assert not server_condition(database).keeps_log
    try:
        database.maintain("ALTER SYSTEM SET wal_keep_size = '16MB'", "SELECT pg_reload_conf()")
        assert until(lambda: server_condition(database).keeps_log)
    finally:
        database.maintain("ALTER SYSTEM RESET wal_keep_size", "SELECT pg_reload_conf()")
        assert until(lambda: not server_condition(database).keeps_log)


def until(told: Callable[[], bool]) -> bool:
    """A server reads its settings again when it comes to it."""
    for _ in range(600):
        if told():
            return True
        time.sleep(0.05)
    return False
