"""`/readyz` says what would become of a submission, `/healthz` only that the process is there."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import text

from service.api import readiness as readiness_route
from service.errors import Overloaded, Unavailable
from service.seal.close_key import Sealing
from service.store import collector
from service.store.collector import Collector, Submission
from service.store.database import Database
from tests.faults.serving import Server, serving
from tests.faults.world import answer, begun, body, released


def readiness(doors: Any) -> tuple[int, str | None, str | None]:
    """Status, `Retry-After` and the problem's type; the process itself answers whatever is wrong."""
    assert doors.call("GET", "/healthz", headers={}).status_code == 204
    reply = doors.call("GET", "/readyz", headers={})
    return reply.status_code, reply.headers.get("Retry-After"), reply.json()["type"] if reply.content else None


READY = (204, None, None)
NOT_READY = (503, "1", "unavailable")


@pytest.mark.parametrize("revision", ["0001", "9999"])
def test_a_database_of_another_version_is_not_ready(doors: Any, revision: str) -> None:
    assert readiness(doors) == READY
    with doors.parts.database.begin() as tx:
        was = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        tx.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    assert readiness(doors) == NOT_READY
    with doors.parts.database.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": was})
    assert readiness(doors) == READY


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_may_only_be_read_is_not_ready_and_every_write_says_so(
    doors: Any, service_on: Callable[[str], Any]
) -> None:
    pulse, tokens = begun(doors)
    url = doors.parts.settings.database_url
    assert readiness(doors) == READY
    only_read(url, "on")
    replica = service_on(url)
    assert readiness(replica) == NOT_READY
    assert answer(replica, pulse, tokens[0], 3) == 503
    assert replica.call("POST", "/v1/pulses", {"instrument": "five-blocks"}).status_code == 503
    only_read(url, "off")
    primary = service_on(url)
    assert readiness(primary) == READY
    assert answer(primary, pulse, tokens[0], 3) == 204


def only_read(url: str, whether: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = {whether}")  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can fill up the disk of one process alone")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(database_url: str) -> None:
    """For PostgreSQL there is no such limit: its disk would have to be full, for every other test as well."""
    with serving(database_url) as (server, key), httpx.Client(base_url=server.url, headers=key, timeout=30) as client:
        units = {"units": [{"id": "all", "headcount": 20}]}
        client.put("/v1/roster", json=units).raise_for_status()
        pulse = client.post("/v1/pulses", json={"instrument": "five-blocks", "items": ["WB1"]}).json()["id"]
        issued = client.post(f"/v1/pulses/{pulse}/invitations").json()["invitations"][0]["tokens"]
        client.post(f"/v1/pulses/{pulse}/open").raise_for_status()
        path = f"/v1/pulses/{pulse}/responses"
        for number, token in enumerate(issued[:10]):
            assert client.post(path, json=body(token, 1 + number % 5)).status_code == 204
        fill_disk(server, Path(database_url.removeprefix("sqlite:///") + "-wal").stat().st_size)
        replies = [client.post(path, json=body(issued[n], 1 + n % 5)) for n in (10, 11, 12)]
        assert [(it.status_code, it.headers["Retry-After"]) for it in replies] == [(503, "1")] * 3
        assert (server.status("/readyz"), server.status("/healthz")) == (503, 204)
        fill_disk(server, resource.RLIM_INFINITY)
        for number, token in enumerate(issued):
            assert client.post(path, json=body(token, 1 + number % 5)).status_code == 204
        for step in ("close", "release"):
            client.post(f"/v1/pulses/{pulse}/{step}").raise_for_status()
        row = client.get(f"/v1/results?pulse={pulse}&unit=all&item=WB1").json()["data"][0]
        assert (row["n"], row["mean"] * row["n"]) == (20, pytest.approx(sum(1 + n % 5 for n in range(20))))


def fill_disk(server: Server, size: int) -> None:
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_overload_is_shed_and_what_is_sent_again_is_taken(
    doors: Any, service_on: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDWOOD_QUEUE_LIMIT", "3")
    busy = service_on(doors.parts.settings.database_url)
    pulse, tokens = begun(doors, 40)
    sent = [body(token, 1 + number % 5) for number, token in enumerate(tokens)]

    async def all_at_once() -> list[httpx.Response]:
        return await asyncio.gather(*(busy.client.post(f"/v1/pulses/{pulse}/responses", json=it) for it in sent))

    replies = busy.run(all_at_once())
    shed = [reply for reply in replies if reply.status_code == 503]
    assert shed
    assert {reply.status_code for reply in replies} == {204, 503}
    assert {(it.headers["Retry-After"], it.json()["type"]) for it in shed} == {("1", "overloaded")}
    for number, token in enumerate(tokens):
        assert answer(busy, pulse, token, 1 + number % 5) == 204
    assert readiness(busy) == READY
    assert released(doors, pulse) == (40, sum(1 + number % 5 for number in range(40)))


class Hanging:
    """Commits when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.lost = False

    async def commit(self, batch: list[Submission]) -> list[bool]:
        await self.let.wait()
        if self.lost:
            raise Unavailable("The database cannot be reached.")
        return [True] * len(batch)

    async def close(self) -> None: ...


def test_a_collector_that_is_full_stuck_or_gets_nothing_through_is_not_going(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(collector.time, "monotonic", lambda: clock[0])

    async def live() -> None:
        committer = Hanging()
        it = Collector(committer, 2)
        it.require_going()
        first = asyncio.create_task(it.submit(submission(0)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        it.require_going()
        others = [asyncio.create_task(it.submit(submission(number))) for number in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            it.require_going()
        committer.let.set()
        assert not it.just_stored
        assert await asyncio.gather(first, *others) == [True] * 3
        assert it.just_stored
        it.require_going()

        committer.let.clear()
        slow = asyncio.create_task(it.submit(submission(3)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        clock[0] += 60
        assert not it.just_stored
        with pytest.raises(Unavailable):
            it.require_going()
        committer.lost = True
        committer.let.set()
        with pytest.raises(Unavailable):
            await slow
        with pytest.raises(Unavailable):
            it.require_going()
        clock[0] += 60
        it.require_going()

    asyncio.run(live())


def submission(number: int) -> Submission:
    return Submission("p" * 16, bytes([number]), b"", b"", b"", Sealing(b"", b""))


def test_many_who_ask_at_once_make_one_look(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    look = readiness_route.require_ready

    def counted_look(database: Database, **said: bool) -> None:
        looks.append(os.getpid())
        look(database, **said)

    monkeypatch.setattr(readiness_route, "require_ready", counted_look)

    async def many() -> list[httpx.Response]:
        return await asyncio.gather(*(doors.client.get("/readyz") for _ in range(30)))

    assert {reply.status_code for reply in doors.run(many())} == {204}
    assert len(looks) < 10
