"""A service that is set up with a provider, and a browser that goes from one to the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.api.app import create_app
from service.bootstrap import Runtime, runtime
from service.operations import access, reorganise
from service.settings import Settings
from service.store.access import organisations
from service.survey.roster import Unit, arranged
from tests.doors import AtOnce
from tests.signin.provider import AUDIENCE, CLIENT, SECRET, Provider, provided

ADDRESS = "http://127.0.0.1:8000"
ROLES = """
claim = "roles"
organisation = "Own Works"

[[role]]
value = "all"
scopes = ["manage", "results", "analytics"]

[[role]]
value = "north readers"
scopes = ["results"]
unit = "north"

[[role]]
value = "collector"
scopes = ["collect"]

[[role]]
claim = "realm_access.roles"
value = "foreign"
organisation = "Foreign Works"
scopes = ["manage", "results", "analytics"]

[[role]]
claim = "scope"
value = "read"
scopes = ["results"]
"""


@dataclass
class Service:
    """What answers to `client`, which keeps cookies as a browser does, and follows nobody."""

    parts: Runtime
    app: Any
    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop
    organisations: dict[str, str] = field(default_factory=dict)

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def get(self, address: str, bearer: str | None = None) -> httpx.Response:
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        reply: httpx.Response = self.run(self.client.get(address, headers=headers))
        return reply

    def begin(self) -> str:
        """The provider's address a browser is sent to."""
        reply = self.get("/dashboard/sign-in/provider")
        assert reply.status_code == 303, reply.text
        return reply.headers["location"]

    def sign_in(self) -> httpx.Response:
        """The reply to the browser that comes back."""
        return self.get(returned(self.begin()))

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ADDRESS)


def returned(address: str) -> str:
    """Where the provider sends a browser that comes to this address."""
    reply = httpx.get(address)
    assert reply.status_code == 302, reply.text
    location: str = reply.headers["location"]
    return location


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provided() as made:
        yield made


@pytest.fixture
def roles(tmp_path: Path) -> Path:
    file = tmp_path / "roles.toml"
    file.write_text(ROLES)
    return file


@pytest.fixture
def said(provider: Provider, roles: Path) -> dict[str, Any]:
    """The settings."""
    return {
        "oidc_issuer": provider.issuer,
        "oidc_client": CLIENT,
        "oidc_secret": SECRET,
        "oidc_audience": AUDIENCE,
        "oidc_roles": str(roles),
        "public_url": f"{ADDRESS}/",
    }


@pytest.fixture
def served(database_url: str, said: dict[str, Any]) -> Iterator[Callable[..., Service]]:
    """Makes a service; another one on the same database is what a restart leaves."""
    made: list[Service] = []

    def serve(**changed: Any) -> Service:
        parts = runtime(Settings(database_url=database_url, **{**said, **changed}))
        organisations = found(parts)
        app = create_app(parts, AtOnce(parts.database))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS)
        made.append(Service(parts, app, client, asyncio.new_event_loop(), organisations))
        return made[-1]

    yield serve
    for service in made:
        service.run(service.client.aclose())
        service.run(service.parts.close())
        service.run(service.loop.shutdown_default_executor())
        service.loop.close()


@pytest.fixture
def service(served: Callable[..., Service]) -> Service:
    return served()


def found(parts: Runtime) -> dict[str, str]:
    """Two organisations with a roster each, made where they are not there yet."""
    with parts.database.read() as tx:
        known = {name: id for id, name in organisations(tx)}
    for name in set() if known else {"Own Works", "Foreign Works"}:
        known[name] = access.create_organisation(parts.database, name)
        units = [
            Unit("works", "Works", None, 0),
            Unit("north", "North", "works", 9),
            Unit("south", "South", "works", 8),
        ]
        day = datetime.now(UTC).date()
        reorganise.put_roster(parts.database, access.operator(known[name]), arranged(units), day, today=day)
    return known
