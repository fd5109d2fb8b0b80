"""What is remembered is answered again without the application, and only to the key that asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from service.api import remembered
from service.operations.report import Library


@pytest.fixture
def asked(doors: Any, released: SimpleNamespace) -> str:
    path = f"/v1/results?pulse={released.id}"
    doors.ok("GET", path)
    return path


def test_the_second_time_nothing_is_worked_out(doors: Any, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = doors.call("GET", asked)
    monkeypatch.delattr(Library, "results")
    again = doors.call("GET", asked)
    assert (again.status_code, again.content, again.headers) == (200, first.content, first.headers)
    headers = {**doors.manager, "If-None-Match": first.headers["etag"]}
    unchanged = doors.run(doors.client.get(asked, headers=headers))
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["content-security-policy"] == first.headers["content-security-policy"]
    with pytest.raises(AttributeError):
        doors.call("GET", asked + "&limit=7")


def test_another_key_is_not_answered_from_it(doors: Any, asked: str) -> None:
    north = doors.key("results", unit="north")
    manager = doors.key("manage")
    for _ in range(3):  # a key is known from its first request on, and only then can be mistaken for another
        assert {row["unit"] for row in doors.rows(asked, north)} == {"north", "n1", "n2"}
        assert doors.call("GET", asked, headers=manager).status_code == 403
        assert doors.call("GET", asked, headers={}).status_code == 401
        assert {row["unit"] for row in doors.rows(asked)} > {"north", "n1", "n2"}


def test_what_may_change_is_not_remembered(doors: Any, released: SimpleNamespace) -> None:
    before = doors.ok("GET", "/v1/pulses")["data"]
    doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})
    assert len(doors.ok("GET", "/v1/pulses")["data"]) == len(before) + 1


def test_a_key_without_its_scheme_is_not_answered_from_it(doors: Any, asked: str) -> None:
    secret = doors.manager["Authorization"].removeprefix("Bearer ")
    for sent in (secret, f"Basic {secret}"):
        assert doors.call("GET", asked, headers={"Authorization": sent}).status_code == 401


def kept(doors: Any) -> remembered.Remembered:
    return doors.client._transport.app._first._app._app


def test_junk_does_not_fill_the_memory(doors: Any, asked: str) -> None:
    doors.ok("GET", asked)
    before = len(kept(doors)._kept)
    doors.ok("GET", f"{asked}&limit={'0' * 2000}9")
    doors.ok("GET", asked, headers={**doors.manager, "Accept": f"*/*, {'x' * 2000}"})
    assert len(kept(doors)._kept) == before
    doors.ok("GET", f"{asked}&limit={'0' * 1000}9")
    assert len(kept(doors)._kept) == before + 1


def test_what_is_kept_is_weighed_with_all_that_comes_with_it(
    doors: Any, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = kept(doors)
    before, junk = memory._size, "0" * 1000
    reply = doors.call("GET", f"{asked}&limit={junk}9")
    headers = sum(len(name) + len(value) for name, value in reply.headers.raw)
    assert memory._size - before > len(reply.content) + len(junk) + headers
    monkeypatch.setattr(remembered, "_ROOM", 8 * memory._size)
    for number in range(100):
        doors.ok("GET", f"{asked}&limit={junk}{number + 1}")
    assert 0 < memory._size == sum(entry.size for entry in memory._kept.values()) <= remembered._ROOM
    assert len(memory._kept) < 100
