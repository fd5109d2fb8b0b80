"""Formats, pages, ETag and HEAD of what the readers' routes answer."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

TABLES = ["/v1/results", "/v1/heatmap", "/v1/trends", "/v1/quality", "/v1/pulses/{}/participation", "/v1/dictionary"]


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


def test_pulses_come_in_pages(doors: Any) -> None:
    made = {doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"] for _ in range(5)}
    assert {row["id"] for row in doors.rows("/v1/pulses?limit=2")} == made
