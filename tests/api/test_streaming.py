"""Long tables leave as they are written: nothing done twice, nothing held for a slow reader, no half taken for all."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from service.api import replies
from service.exports import text
from service.operations.stored import StoredFindings
from service.store import findings
from tests.api.conftest import open_pulse, release
from tests.doors import Doors, standing
from tests.journeys.test_replay import live

FORMATS = ("csv", "ndjson", "parquet", "arrow")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory, migrated_file: Any) -> Iterator[Doors]:
    file = tmp_path_factory.mktemp("streaming") / "redwood.db"
    file.write_bytes(migrated_file.read_bytes())
    with standing(f"sqlite:///{file}") as doors:
        release(doors, open_pulse(doors))
        doors.ok("GET", "/v1/trends")
        yield doors


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table is longer than what is sent whole, and written two rows at a time."""
    monkeypatch.setattr(replies, "_SHORT", 0)
    monkeypatch.setattr(text, "_PIECE", 2)


@pytest.mark.parametrize("format", FORMATS)
def test_a_stream_holds_what_a_short_reply_holds(doors: Any, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (f"/v1/trends?format={format}", f"/v1/results?format={format}"):
        short = doors.call("GET", path)
        with monkeypatch.context() as patched:
            patched.setattr(replies, "_SHORT", 0)
            patched.setattr(text, "_PIECE", 2)
            streamed = doors.call("GET", path)
        assert "content-length" in short.headers
        assert "content-length" not in streamed.headers
        assert (streamed.content, streamed.headers["etag"]) == (short.content, short.headers["etag"])


@pytest.mark.parametrize("format", ["json", *FORMATS])
def test_what_the_caller_has_is_told_without_reading_a_part(
    doors: Any, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/v1/trends?format={format}"
    etag = doors.call("GET", path).headers["etag"]
    monkeypatch.setattr(StoredFindings, "_part", lambda *_: pytest.fail("a part was read"))
    held = {**doors.manager, "If-None-Match": etag}
    for method in ("GET", "HEAD"):
        again = doors.call(method, path, headers=held)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


def test_the_entity_tag_tells_apart_whatever_differs(doors: Any) -> None:
    paths = [f"/v1/trends?format={it}" for it in ("json", *FORMATS)]
    paths += ["/v1/trends?limit=7", "/v1/trends?block=safety&format=csv", "/v1/results?format=csv"]
    paths += ["/v1/trends?lineage=now&format=csv", doors.call("GET", "/v1/trends?limit=2").links["next"]["url"]]
    keys = [doors.manager, doors.key("analytics", "results", unit="north")]
    tags = [doors.call("GET", path, headers=key).headers["etag"] for path in paths for key in keys]
    assert len(set(tags)) == len(tags)
    again = [doors.call("GET", path, headers=key).headers["etag"] for path in paths for key in keys]
    assert again == tags


def test_head_of_a_long_table_is_its_headers(doors: Any, long: None) -> None:
    got, headed = doors.call("GET", "/v1/trends?format=csv"), doors.call("HEAD", "/v1/trends?format=csv")
    assert (headed.status_code, headed.content) == (200, b"")
    assert dict(headed.headers) == dict(got.headers)


def test_every_table_leads_to_its_dictionary(doors: Any) -> None:
    for format in ("json", *FORMATS):
        reply = doors.call("GET", f"/v1/trends?format={format}&limit=2")
        described = doors.ok("GET", reply.links["describedby"]["url"])["data"]
        assert {row["table"] for row in described} == {"trends"}
        assert ("next" in reply.links) == (format == "json")
    assert doors.call("GET", "/v1/dictionary?table=secrets").status_code == 422


def test_a_read_is_recorded_before_the_first_byte(doors: Any, long: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of one that breaks off: that it was begun is what was read."""
    breaking(monkeypatch)
    path = "/v1/trends?format=csv&block=safety"
    with pytest.raises(RuntimeError, match="gone"):
        doors.call("GET", path)
    assert "GET /v1/trends?block=safety" in [it["subject"] for it in doors.rows("/v1/audit")]


def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third piece of CSV is never written."""
    pieces = text.csv_pieces

    def break_off(table: Any) -> Iterator[bytes]:
        written = pieces(table)
        for _ in range(2):
            yield next(written)
        raise RuntimeError("gone")

    monkeypatch.setitem(replies._PIECES, "csv", break_off)


def test_what_breaks_off_ends_in_a_broken_connection(doors: Any, long: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = doors.call("GET", "/v1/trends?format=csv").content
    breaking(monkeypatch)
    with live(doors.client._transport.app) as url, httpx.Client(base_url=url, headers=doors.manager) as client:
        got = list[bytes]()
        with client.stream("GET", "/v1/trends?format=csv") as reply:
            assert reply.status_code == 200
            with pytest.raises(httpx.RemoteProtocolError):
                got.extend(reply.iter_bytes())
    assert whole.startswith(b"".join(got))
    assert b"".join(got) != whole


def test_findings_that_are_replaced_while_they_are_read_are_not_mixed(
    doors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known by its digest no longer: the reader is told to come back, or, in the middle, broken off."""
    part = findings.part
    with monkeypatch.context() as patched:
        patched.setattr(findings, "part", lambda *of: (part(*of)[0], findings.Analysis("other", {"changes": "other"})))
        reply = doors.call("GET", "/v1/changes?format=csv")
    assert (reply.status_code, reply.json()["type"]) == (503, "findings-due")


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch, doors: Any) -> dict[str, int]:
    """CSV that has no end, and how many pieces of it were written and generators of it closed."""
    said = {"written": 0, "closed": 0}

    def pieces(_table: Any) -> Iterator[bytes]:
        try:
            while True:
                said["written"] += 1
                yield b"x" * 100_000
        finally:
            said["closed"] += 1

    monkeypatch.setattr(replies, "_SHORT", 0)
    monkeypatch.setitem(replies._PIECES, "csv", pieces)
    return said


def asked(url: str, doors: Any) -> socket.socket:
    """Somebody who asks for all of it and reads nothing."""
    host, port = url.removeprefix("http://").split(":")
    made = socket.create_connection((host, int(port)))
    key = doors.manager["Authorization"]
    made.sendall(f"GET /v1/trends?format=csv HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n\r\n".encode())
    return made


def settled(said: dict[str, int]) -> int:
    """How many pieces were written when no more are."""
    for _ in range(200):
        before = said["written"]
        time.sleep(0.1)
        if said["written"] == before > 0:
            return before
    raise AssertionError("it never stops")


def test_slow_readers_hold_up_nobody_and_one_that_leaves_ends_the_work(doors: Any, endless: dict[str, int]) -> None:
    """More of them than there are threads for routes, or connections in the pool."""
    with live(doors.client._transport.app) as url:
        slow = [asked(url, doors) for _ in range(50)]
        settled(endless)
        assert doors.parts.database.engine.pool.checkedout() == 0
        quick = httpx.get(f"{url}/v1/results?limit=1", headers=doors.manager, timeout=20)
        assert quick.status_code == 200
        assert endless["closed"] == 0
        for one in slow:
            one.close()
        for _ in range(200):
            if endless["closed"] == len(slow):
                break
            time.sleep(0.1)
        assert endless["closed"] == len(slow)
        settled(endless)


def test_pages_of_a_long_table_go_on_where_they_ended(doors: Any) -> None:
    every = [json.loads(line) for line in doors.call("GET", "/v1/trends?format=ndjson").text.splitlines()]
    for limit in (1, 7, 1000):
        assert doors.rows(f"/v1/trends?limit={limit}") == every
