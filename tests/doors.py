"""A migrated service with one organisation and a key for each door, spoken to over HTTP without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from service.api.app import create_app
from service.bootstrap import Runtime, runtime
from service.operations import access
from service.operations.analyse import analyse
from service.settings import Settings
from service.store.database import Database


@dataclass
class Doors:
    """The service behind `client`, and the header of a key with every scope."""

    parts: Runtime
    organisation: str
    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop
    manager: dict[str, str]

    def key(self, *scopes: str, unit: str | None = None) -> dict[str, str]:
        secret = access.create_key(self.parts.database, self.organisation, list(scopes), unit, "test")
        return {"Authorization": f"Bearer {secret}"}

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        chosen = self.manager if headers is None else headers
        return self.run(self.client.request(method, path, json=body, headers=chosen))

    def ok(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        reply = self.call(method, path, body, headers)
        assert reply.is_success, reply.text
        return reply.json() if reply.content else None

    def rows(self, path: str, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Every row of a table, following the Link to the end."""
        found: list[dict[str, Any]] = []
        while True:
            reply = self.call("GET", path, headers=headers)
            assert reply.status_code == 200, reply.text
            found += reply.json()["data"]
            if "next" not in reply.links:
                return found
            path = reply.links["next"]["url"]


class AtOnce:
    """Findings are computed here and now when somebody asks, so that tests start no process and wait for none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    is_running = False

    def wake(self) -> None: ...

    def close(self) -> None: ...

    def settle(self, pulse: str, _stored: Callable[[], bool], /) -> None:
        analyse(self._database, pulse)


@pytest.fixture
def doors(database_url: str) -> Iterator[Doors]:
    with standing(database_url) as doors:
        yield doors


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch, database_url: str, request: pytest.FixtureRequest) -> Any:
    """Doors of a service whose keys can be worked out again, and so never destroyed."""
    monkeypatch.setenv("MASTER", "a master secret of more than 32 characters")
    monkeypatch.setenv("REDWOOD_CUSTODY", "env:MASTER")
    return request.getfixturevalue("doors")


@contextmanager
def standing(database_url: str) -> Iterator[Doors]:
    """Doors on a migrated database with nothing in it."""
    loop = asyncio.new_event_loop()
    parts = runtime(Settings(database_url=database_url))
    organisation = access.create_organisation(parts.database, "Test Works")
    secret = access.create_key(
        parts.database, organisation, ["manage", "results", "analytics", "collect", "scim"], None, "test"
    )
    transport = httpx.ASGITransport(create_app(parts, AtOnce(parts.database)))
    client = httpx.AsyncClient(transport=transport, base_url="http://redwood")
    yield Doors(parts, organisation, client, loop, {"Authorization": f"Bearer {secret}"})
    loop.run_until_complete(client.aclose())
    loop.run_until_complete(parts.close())
    loop.close()
