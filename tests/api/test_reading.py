"""Formats, pages, ETag and HEAD of what the readers' routes answer."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pyarrow import ipc, parquet

from service.operations.report import Library
from tests.api.conftest import open_pulse, release
from tests.doors import Doors, standing

TABLES = ["/v1/results", "/v1/heatmap", "/v1/trends", "/v1/quality", "/v1/pulses/{}/participation", "/v1/dictionary"]


@pytest.fixture(scope="module")
def doors(kept_database_url: str) -> Iterator[Doors]:
    with standing(kept_database_url) as doors:
        yield doors


@pytest.fixture(scope="module")
def released(doors: Doors) -> SimpleNamespace:
    return release(doors, open_pulse(doors))


@pytest.mark.parametrize("path", TABLES)
def test_every_format_holds_the_same_table(doors: Any, released: SimpleNamespace, path: str) -> None:
    path = path.format(released.id)
    rows = doors.rows(path)
    assert rows
    lines = doors.call("GET", f"{path}?format=ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == rows
    accepted = doors.run(doors.client.get(path, headers={**doors.manager, "Accept": "text/csv;q=0.9"}))
    assert accepted.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(accepted.text)))
    assert [list(row) for row in table] == [list(row) for row in rows]
    for shown, row in zip(table, rows, strict=True):
        assert [cell == "" for cell in shown.values()] == [value in (None, "") for value in row.values()]


COLUMNAR = pytest.mark.parametrize(
    ("format", "media", "read"),
    [
        ("parquet", "application/vnd.apache.parquet", lambda it: parquet.read_table(io.BytesIO(it))),
        ("arrow", "application/vnd.apache.arrow.stream", lambda it: ipc.open_stream(it).read_all()),
    ],
    ids=["parquet", "arrow"],
)


ONE_DATABASE = pytest.mark.parametrize("kept_database_url", ["sqlite"], indirect=True)


@COLUMNAR
@ONE_DATABASE
def test_columns_hold_the_same_table(
    doors: Any, released: SimpleNamespace, format: str, media: str, read: Callable[[bytes], Any]
) -> None:
    headers = {**doors.manager, "Accept": f"application/json;q=0.5, {media}"}
    for path in (path.format(released.id) for path in TABLES):
        reply = doors.call("GET", path, headers=headers)
        assert (reply.status_code, reply.headers["content-type"]) == (200, media)
        table = read(reply.content)
        assert json.loads(json.dumps(table.to_pylist(), default=date.isoformat)) == doors.rows(path)
        assert table.schema.metadata[b"table"].decode() == path.rpartition("/")[2]
        asked = doors.call("GET", f"{path}?format={format}")
        assert (asked.content, asked.headers["etag"]) == (reply.content, reply.headers["etag"])
        held = doors.call("GET", path, headers={**headers, "If-None-Match": reply.headers["etag"]})
        assert (held.status_code, held.content) == (304, b"")


@COLUMNAR
@ONE_DATABASE
def test_remembered_columns_are_the_same_bytes(
    doors: Any, released: SimpleNamespace, format: str, media: str, read: Callable[[bytes], Any]
) -> None:
    path = f"/v1/results?pulse={released.id}&format={format}"
    first, again = doors.call("GET", path), doors.call("GET", path)
    assert (again.content, again.headers) == (first.content, first.headers)
    assert read(again.content).num_rows == len(doors.rows(f"/v1/results?pulse={released.id}"))


@COLUMNAR
@ONE_DATABASE
def test_a_format_whose_library_is_missing_is_told(
    doors: Any, monkeypatch: pytest.MonkeyPatch, format: str, media: str, read: object
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for query, accept in ((f"?format={format}", "*/*"), ("", media)):
        reply = doors.call("GET", f"/v1/dictionary{query}", headers={**doors.manager, "Accept": accept})
        assert (reply.status_code, reply.json()["type"]) == (422, "invalid-query")
        assert reply.json()["errors"][0]["where"] == "format"
        assert "`tables`" in reply.json()["errors"][0]["why"]


@pytest.mark.parametrize("path", TABLES)
def test_pages_add_up_to_the_whole(doors: Any, released: SimpleNamespace, path: str) -> None:
    path = path.format(released.id)
    assert doors.rows(f"{path}?limit=1") == doors.rows(path)


def test_a_cursor_of_ones_own_making_is_refused(doors: Any, released: SimpleNamespace) -> None:
    for cursor in ("%21", "cm93IC0x", "cm93IDk5OTk5OTk5OTk5OTk5OTk5"):
        assert doors.call("GET", f"/v1/results?cursor={cursor}").status_code == 422


@pytest.mark.parametrize("path", [*TABLES, "/v1/pulses/{}/release", "/v1/pulses/{}/attack-report"])
def test_what_the_caller_has_is_not_sent_again(doors: Any, released: SimpleNamespace, path: str) -> None:
    path = path.format(released.id)
    first = doors.call("GET", path)
    again = doors.run(doors.client.get(path, headers={**doors.manager, "If-None-Match": first.headers["etag"]}))
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = doors.run(doors.client.get(path, headers={**doors.manager, "If-None-Match": '"other"'}))
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("path", [*TABLES, "/v1/pulses/{}/release", "/v1/pulses", "/v1/roster", "/healthz"])
def test_head_is_get_without_the_body(doors: Any, released: SimpleNamespace, path: str) -> None:
    path = path.format(released.id)
    got, headed = doors.call("GET", path), doors.call("HEAD", path)
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert dict(headed.headers) == dict(got.headers)


def test_the_release_is_its_digest_and_never_changes(doors: Any, released: SimpleNamespace) -> None:
    path = f"/v1/pulses/{released.id}/release"
    reply = doors.call("GET", path)
    digest = "sha256:" + hashlib.sha256(reply.content).hexdigest()
    assert reply.headers["x-release-digest"] == digest
    assert doors.ok("GET", f"/v1/pulses/{released.id}")["release_digest"] == digest
    assert doors.ok("GET", f"/v1/pulses/{released.id}/attack-report", headers={})["release"] == digest
    canonical = json.dumps(reply.json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical.encode() == reply.content
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "renamed", "headcount": 50}]})
    assert doors.call("GET", path).content == reply.content


def test_a_misspelt_filter_is_told(doors: Any, released: SimpleNamespace) -> None:
    for query in ("block=saftey", "item=XX1"):
        reply = doors.call("GET", f"/v1/results?{query}")
        assert (reply.status_code, reply.json()["type"]) == (422, "invalid-query")
    assert doors.call("GET", "/v1/results?unit=nowhere").status_code == 404
    assert doors.call("GET", "/v1/results?pulse=nowhere").status_code == 404


def test_every_declared_filter_is_one_that_filters(doors: Any) -> None:
    contract = doors.ok("GET", "/openapi.json")["paths"]
    declared = {
        path: {entry["name"] for entry in contract[path]["get"]["parameters"]} - {"format", "cursor", "limit"}
        for path in TABLES[:4]
    }
    assert declared == {
        "/v1/results": {"pulse", "unit", "block", "item", "by"},
        "/v1/heatmap": {"pulse", "unit", "block"},
        "/v1/trends": {"unit", "block", "from", "to", "lineage"},
        "/v1/quality": {"pulse", "block"},
    }
    (pulse,) = (entry for entry in contract["/v1/heatmap"]["get"]["parameters"] if entry["name"] == "pulse")
    assert pulse["description"] == "One released pulse; the last to close when left out."


def test_quality_is_of_the_block_asked_for(doors: Any, released: SimpleNamespace) -> None:
    every = doors.rows("/v1/quality")
    assert len({row["block"] for row in every}) > 1
    chosen = every[-1]["block"]
    assert doors.rows(f"/v1/quality?block={chosen}") == [row for row in every if row["block"] == chosen]
    misspelt = doors.call("GET", "/v1/quality?block=saftey")
    assert (misspelt.status_code, misspelt.json()["type"]) == (422, "invalid-query")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("{}", 304),
        ("W/{}", 304),
        ('"other", W/"third" ,{}', 304),
        ("*", 304),
        ("", 200),
        ('W/"other"', 200),
        ('"x{}', 200),
        ("bare", 200),
        ("{}, *", 304),
        ('"other", *', 200),
    ],
)
@pytest.mark.parametrize("path", ["/v1/dictionary", "/v1/results?pulse={}"])
def test_if_none_match_is_a_list_of_entity_tags(
    doors: Any, released: SimpleNamespace, path: str, sent: str, status: int
) -> None:
    path = path.format(released.id)
    etag = doors.call("GET", path).headers["etag"]  # from here on the second path is answered from memory
    sent = etag.strip('"') if sent == "bare" else sent.format(etag)
    assert doors.call("GET", path, headers={**doors.manager, "If-None-Match": sent}).status_code == status


@pytest.mark.parametrize(
    ("accept", "served"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("text/*", "text/csv"),
        ("text/html, application/json;q=0.1, text/csv;q=0.2", "text/csv"),
        ("text/csv;q=0.5, */*;q=0.1", "text/csv"),
        ("text/csv, */*", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("application/json;q=0, application/*;q=0.2, text/*;q=0.1", "application/x-ndjson"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/vnd.apache.parquet;q=0.4, text/csv;q=0.3", "application/vnd.apache.parquet"),
        ("application/vnd.apache.arrow.stream, */*", "application/vnd.apache.arrow.stream"),
    ],
)
def test_accept_is_weighed(doors: Any, accept: str | None, served: str) -> None:
    request = doors.client.build_request("GET", "/v1/dictionary", headers=doors.manager)
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    reply = doors.run(doors.client.send(request))
    assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (200, served)


@pytest.mark.parametrize(
    "accept", ["text/html", "application/pdf, image/*", "*/*;q=0", "text/csv;q=0.000", "*/*;q=nan"]
)
def test_nothing_acceptable_is_told(doors: Any, accept: str) -> None:
    headers = {**doors.manager, "Accept": accept}
    reply = doors.call("GET", "/v1/results", headers=headers)
    assert (reply.status_code, reply.json()["type"]) == (406, "not-acceptable")
    assert reply.headers["content-type"] == "application/problem+json"
    assert doors.call("GET", "/v1/results?format=csv", headers=headers).status_code == 200


def test_only_stored_bytes_are_kept_for_good_by_callers(doors: Any, released: SimpleNamespace) -> None:
    for path in TABLES:
        reply = doors.call("GET", f"{path.format(released.id)}?limit=500")
        assert reply.headers["cache-control"] == "private, no-cache", path
        assert not [name for name in reply.headers if "redwood" in name or "lasting" in name]
    for document in ("release", "attack-report"):
        reply = doors.call("GET", f"/v1/pulses/{released.id}/{document}")
        assert reply.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_what_nobody_foresaw_is_a_problem_that_tells_nothing(
    doors: Any, released: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("hush")

    monkeypatch.setattr(Library, "heatmap", broken)
    transport = httpx.ASGITransport(doors.client._transport.app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://redwood", headers=doors.manager)
    reply = doors.run(client.get("/v1/heatmap?block=safety"))
    assert (reply.status_code, reply.json()["type"]) == (500, "unexpected")
    assert "hush" not in reply.text
    doors.run(client.aclose())
