"""A database that is lost in the middle: told within moments, nothing acknowledged is lost, and all goes on after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from service.api import readiness
from service.store import postgres_committer
from tests.faults.proxy import Proxy
from tests.faults.world import answer, begun, body, released

PEOPLE = 120
VALUES = [1 + number % 5 for number in range(PEOPLE)]

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def proxy(doors: Any) -> Iterator[Proxy]:
    proxy = Proxy(doors.parts.database.url.port)
    yield proxy
    proxy.close()


def through(doors: Any, port: int) -> str:
    url = doors.parts.database.url.set(port=port)
    return str(url.render_as_string(hide_password=False))


def cut_all(url: str) -> int:
    """End every connection to the database but this one."""
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
        assert ended is not None
        return int(ended[0])


async def until_acknowledged(doors: Any, pulse: str, token: str, value: int) -> int:
    """How often it took; 503 says that it may be sent again."""
    for times in range(1, 500):
        reply = await doors.client.post(f"/v1/pulses/{pulse}/responses", json=body(token, value))
        if reply.status_code == 204:
            return times
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1"), reply.text
        await asyncio.sleep(0.01)
    raise AssertionError("never acknowledged")


def test_connections_that_are_ended_again_and_again_lose_and_double_nothing(doors: Any) -> None:
    pulse, tokens = begun(doors, PEOPLE)
    waiting = list(zip(tokens, VALUES, strict=True))
    ended = 0

    async def respondent() -> None:
        while waiting:
            await until_acknowledged(doors, pulse, *waiting.pop())

    async def harm() -> None:
        nonlocal ended
        while waiting:
            ended += await asyncio.to_thread(cut_all, doors.parts.settings.database_url)
            left = len(waiting)
            while waiting and len(waiting) > left - PEOPLE // 6:
                await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(harm(), *(respondent() for _ in range(8)))

    doors.run(both())
    assert ended >= 4
    assert released(doors, pulse) == (PEOPLE, sum(VALUES))


def test_a_network_that_falls_silent_is_told_and_forgotten_once_it_is_back(
    doors: Any, service_on: Callable[[str], Any], proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_committer, "_PATIENCE", 0.3)
    monkeypatch.setattr(readiness, "_PATIENCE", 0.3)
    pulse, tokens = begun(doors, PEOPLE)
    far = service_on(through(doors, proxy.port))
    half = PEOPLE // 2
    for token, value in zip(tokens[:half], VALUES[:half], strict=True):
        assert answer(far, pulse, token, value) == 204
    assert far.call("GET", "/readyz").status_code == 204

    proxy.silent()
    assert answer(far, pulse, tokens[half], VALUES[half]) == 503
    silent = far.call("GET", "/readyz")
    assert (silent.status_code, silent.headers["Retry-After"], silent.json()["type"]) == (503, "1", "unavailable")
    assert far.call("GET", "/healthz").status_code == 204

    proxy.cut()
    for token, value in zip(tokens[half - 1 :], VALUES[half - 1 :], strict=True):
        doors.run(until_acknowledged(far, pulse, token, value))
    assert released(far, pulse) == (PEOPLE, sum(VALUES))
