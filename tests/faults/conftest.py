"""A second database of the other kind, and a service on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from service.api.app import create_app
from service.bootstrap import runtime
from service.settings import from_environment
from service.store.database import Database
from tests.doors import AtOnce, Doors


@pytest.fixture
def elsewhere(doors: Doors, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of an empty database: PostgreSQL where `doors` are on SQLite, and the other way round."""
    if doors.parts.database.is_sqlite:
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'elsewhere.db'}"


@pytest.fixture
def service_on(doors: Doors) -> Iterator[Callable[[str], Doors]]:
    """The same doors, with the same key, before another database."""
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(_service(doors, url))


@contextmanager
def _service(doors: Doors, url: str) -> Iterator[Doors]:
    parts = runtime(from_environment(database_url=url))
    transport = httpx.ASGITransport(create_app(parts, AtOnce(parts.database)))
    client = httpx.AsyncClient(transport=transport, base_url="http://redwood")
    yield replace(doors, parts=parts, client=client)
    doors.run(client.aclose())
    doors.run(parts.close())


@pytest.fixture
def databases() -> Iterator[Callable[[str], Database]]:
    opened: list[Database] = []

    def open_one(url: str) -> Database:
        opened.append(Database(url))
        return opened[-1]

    yield open_one
    for database in opened:
        database.dispose()
