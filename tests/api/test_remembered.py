"""What is remembered is answered again without the application, and only to the key that asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

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
