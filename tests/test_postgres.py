"""The tests' own PostgreSQL is a real one, and a kill of it is a real kill."""

from __future__ import annotations

import os

import psycopg
import pytest

from tests.postgres import OPTIONS, PostgresServer


def test_it_is_a_postgresql_with_the_options_that_forget(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        version = connection.execute("SHOW server_version_num").fetchone()
        assert version is not None
        assert int(version[0]) >= 180000
        for name, value in OPTIONS.items():
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            assert row == (value,)


def test_what_was_committed_outlives_a_kill_and_what_was_not_does_not(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE kept (value int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    lost = psycopg.connect(postgres_url)
    lost.execute("INSERT INTO kept VALUES (2)")
    postgres_server.kill()
    # A killed server's children live on for a moment and may still answer; it starts only once they have gone.
    postgres_server.start()
    with pytest.raises(psycopg.OperationalError):
        lost.execute("SELECT 1")
    lost.close()
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchall() == [(1,)]


def test_it_does_not_run_as_root(postgres_server: PostgresServer) -> None:
    assert os.stat(postgres_server.data_directory).st_uid != 0
