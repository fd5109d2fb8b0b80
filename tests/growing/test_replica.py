"""What never changes is read from the replica, and no figure and no refusal ever differs for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from service.errors import Unavailable
from service.store import replica as asked
from service.store.database import Database
from service.store.replica import Replica
from tests.faults.test_connection import cut_all
from tests.faults.world import answer, begun, released
from tests.growing.conftest import Standby
from tests.postgres import PostgresServer

PEOPLE = 8

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Of each server that gave contents or parts, its port, once for each time it was asked."""
    seen: list[int | None] = []

    def spy(read: Callable[..., Any]) -> Callable[..., Any]:
        def reading(tx: Any, *args: Any) -> Any:
            seen.append(tx.engine.url.port)
            return read(tx, *args)

        return reading

    monkeypatch.setattr(asked.results, "release_contents", spy(asked.results.release_contents))
    monkeypatch.setattr(asked.findings, "part", spy(asked.findings.part))
    return seen


def published(doors: Any) -> str:
    pulse, tokens = begun(doors, PEOPLE)
    for number, token in enumerate(tokens):
        assert answer(doors, pulse, token, 1 + number % 5) == 204
    released(doors, pulse)
    return str(pulse)


def read(doors: Any, pulse: str) -> list[bytes]:
    """One of each: the release as it is, what is worked out of it, and what is kept beside it."""
    paths = (f"/v1/pulses/{pulse}/release", f"/v1/results?pulse={pulse}", "/v1/trends", f"/v1/quality?pulse={pulse}")
    found = []
    for path in paths:
        reply = doors.call("GET", path)
        assert reply.status_code == 200, reply.text
        found.append(reply.content)
    return found


def test_contents_come_from_the_replica_and_are_the_same(
    doors: Any, standby: Standby, service_like: Callable[..., Any], ports: list[int | None]
) -> None:
    url = doors.parts.settings.database_url
    pulse = published(doors)
    whole = read(doors, pulse)
    standby.follow()
    ports.clear()
    assert read(service_like(replica_url=standby.url(url)), pulse) == whole
    assert len(ports) >= 3
    assert set(ports) == {Database(standby.url(url)).url.port}


def test_who_reads_right_after_a_release_waits_for_no_replica(
    doors: Any, standby: Standby, service_like: Callable[..., Any], ports: list[int | None]
) -> None:
    url = doors.parts.settings.database_url
    standby.follow()
    standby.ask("SELECT pg_wal_replay_pause()")
    reader = service_like(replica_url=standby.url(url))
    pulse = published(doors)
    ports.clear()
    found = read(reader, pulse)
    assert set(ports) == {Database(it).url.port for it in (url, standby.url(url))}
    assert found == read(doors, pulse)
    standby.ask("SELECT pg_wal_replay_resume()")


def test_without_the_replica_the_primary_answers_and_it_is_left_alone(
    doors: Any, standby: Standby, service_like: Callable[..., Any]
) -> None:
    pulse = published(doors)
    standby.follow()
    reader = service_like(replica_url=standby.url(doors.parts.settings.database_url))
    assert reader.call("GET", f"/v1/pulses/{pulse}/release").status_code == 200
    standby.server.kill()
    assert read(reader, pulse) == read(doors, pulse)
    with pytest.raises(Unavailable, match="left alone"), reader.parts.replica.read():
        pass
    standby.server.start()


def test_what_another_database_has_under_the_same_name_is_not_believed(
    doors: Any,
    service_like: Callable[..., Any],
    postgres_server: PostgresServer,
    ports: list[int | None],
) -> None:
    """As a replica of a database that was restored since, or of somebody else's, would."""
    pulse = published(doors)
    whole = read(doors, pulse)
    url = doors.parts.settings.database_url
    doors.parts.database.dispose()
    cut_all(url)
    other = postgres_server.create_database(like=url)
    with psycopg.connect(other) as connection:
        connection.execute("UPDATE release SET content = content || ' '::bytea")
        connection.execute("UPDATE analysis SET digests = replace(digests, 'sha256:', 'sha257:')")
    try:
        reader = service_like(replica_url=other)
        assert read(reader, pulse) == whole
        reader.parts.replica.dispose()
    finally:
        postgres_server.drop_database(other)


def test_nothing_is_written_through_it(doors: Any) -> None:
    replica = Replica(doors.parts.settings.database_url)
    with pytest.raises(Unavailable), replica.read() as tx:
        tx.exec_driver_sql("DELETE FROM audit")
    replica.dispose()
