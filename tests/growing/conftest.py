"""A streaming replica, and services that read from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import psycopg
import pytest

from service.api.app import create_app
from service.bootstrap import runtime
from service.settings import from_environment
from tests.doors import AtOnce, Doors
from tests.postgres import PostgresServer

_SECONDS = 60


@dataclass
class Standby:
    """A replica of the server that the tests of a module use."""

    primary: PostgresServer
    server: PostgresServer

    def url(self, primary_url: str) -> str:
        return self.server.url(primary_url.rpartition("/")[2])

    def ask(self, statement: str) -> Any:
        return _asked(self.server, statement)

    def follow(self) -> None:
        """Return when it has all that the primary has."""
        wanted = _asked(self.primary, "SELECT pg_current_wal_lsn()")
        deadline = time.monotonic() + _SECONDS
        while not self.ask(f"SELECT pg_last_wal_replay_lsn() >= '{wanted}'"):
            assert time.monotonic() < deadline, "the replica does not follow"
            time.sleep(0.01)


def _asked(server: PostgresServer, statement: str) -> Any:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return None if row is None else row[0]


@pytest.fixture
def standby(postgres_server: PostgresServer) -> Iterator[Standby]:
    server = postgres_server.standby()
    yield Standby(postgres_server, server)
    server.stop()


@pytest.fixture
def service_like(doors: Doors) -> Iterator[Callable[..., Doors]]:
    """Another service on the same database, with the same key and other settings."""
    with ExitStack() as stack:
        yield lambda **chosen: stack.enter_context(_service(doors, chosen))


@contextmanager
def _service(doors: Doors, chosen: dict[str, str]) -> Iterator[Doors]:
    parts = runtime(from_environment(**{"database_url": doors.parts.settings.database_url, **chosen}))
    transport = httpx.ASGITransport(create_app(parts, AtOnce(parts.database)))
    client = httpx.AsyncClient(transport=transport, base_url="http://redwood")
    yield replace(doors, parts=parts, client=client)
    doors.run(client.aclose())
    doors.run(parts.close())
