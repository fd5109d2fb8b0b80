"""The reader's pages over HTTP: what a session opens, and that each figure is the API's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from service.errors import FindingsDue, Unavailable
from service.exports.table import Table
from service.operations.report import Library
from tests.pages.through import get, post

#: The pages have no SQL of their own: one test asks both databases.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ITEMS = {"WB1": 2, "PS1": 4, "CL1": 3}
TEAMS = {"north": 9, "south": 8}


@pytest.fixture
def released(doors: Any) -> SimpleNamespace:
    units = [
        {"id": "works", "name": "The works", "parent": None, "headcount": 0},
        *({"id": id, "name": id.title(), "parent": "works", "headcount": n} for id, n in TEAMS.items()),
    ]
    doors.ok("PUT", "/v1/roster", {"units": units})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": list(ITEMS), "label": "Spring"})["id"]
    invited = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    for entry in invited:
        for number, token in enumerate(entry["tokens"]):
            answers = {item: answer + (number % 2) for item, answer in ITEMS.items()}
            doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": answers, "bands": {}})
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    return SimpleNamespace(id=pulse)


@pytest.fixture
def signed_in(doors: Any) -> Iterator[Callable[..., httpx.Response]]:
    """Signs in with a new key of the given scopes; the client keeps the cookie."""

    def sign_in(*scopes: str, unit: str | None = None) -> httpx.Response:
        secret = doors.key(*scopes, unit=unit)["Authorization"].removeprefix("Bearer ")
        return post(doors, "/dashboard/sign-in", key=secret)

    yield sign_in
    doors.client.cookies.clear()


def is_a_strict_page(reply: httpx.Response) -> None:
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert reply.headers["referrer-policy"] == "no-referrer"


def test_a_session_takes_the_keys_place(doors: Any, signed_in: Callable[..., httpx.Response]) -> None:
    assert get(doors, "/dashboard").headers["location"] == "/dashboard/sign-in"
    reply = signed_in("results")
    assert (reply.status_code, reply.headers["location"]) == (303, "/dashboard")
    cookie = reply.headers["set-cookie"]
    assert re.match(r"redwood_session=rw_[\w-]{43}; ", cookie)
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Max-Age=28800"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    page = get(doors, "/dashboard")
    is_a_strict_page(page)
    assert "Nothing has been released yet" in page.text

    kept = dict(doors.client.cookies)
    gone = post(doors, "/dashboard/sign-out")
    assert (gone.status_code, gone.headers["location"]) == (303, "/dashboard/sign-in")
    assert "Max-Age=0" in gone.headers["set-cookie"]
    doors.client.cookies.update(kept)
    assert get(doors, "/dashboard").status_code == 303


@ON_SQLITE
def test_a_wrong_key_is_told_and_not_repeated(doors: Any) -> None:
    reply = post(doors, "/dashboard/sign-in", key="rw_marmalade")
    assert reply.status_code == 401
    is_a_strict_page(reply)
    assert "marmalade" not in reply.text
    assert "set-cookie" not in reply.headers


@ON_SQLITE
def test_every_figure_is_the_apis(
    doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response]
) -> None:
    signed_in("results", "analytics")
    scored = [row for row in doors.rows(f"/v1/results?pulse={released.id}&unit=works") if row["item"] is None]
    page = get(doors, "/dashboard")
    is_a_strict_page(page)
    said = re.findall(r'<span class="figure">(\d+)<.*?<span class="note">(\d+) to (\d+)', page.text, re.DOTALL)
    assert said == [tuple(str(round(row[it])) for it in ("score", "low", "high")) for row in scored] != []

    answered = [
        (row["unit"], row["block"], str(round(row["score"])))
        for row in doors.rows(f"/v1/heatmap?pulse={released.id}")
        if row["status"] == "ok"
    ]
    heat = get(doors, "/dashboard/units").text
    assert re.findall(r"unit=(\w+)&amp;block=([\w-]+)\">(\d+) <small>±", heat) == answered != []
    took = [
        (str(row["n"]), str(row["headcount"]), str(round(row["rate"])))
        for row in doors.rows(f"/v1/pulses/{released.id}/participation")
    ]
    assert (
        re.findall(r'class="part">(\d+) of (\d+) <small>(\d+) %', heat)
        == took
        == [("17", "17", "100"), ("9", "9", "100"), ("8", "8", "100")]
    )

    (summary,) = doors.rows(f"/v1/alerts?pulse={released.id}")
    changed = doors.rows(f"/v1/changes?pulse={released.id}")
    changes = get(doors, "/dashboard/changes")
    assert (summary["tested"], summary["alerts"]) == (0, 0)
    beside = [row for row in changed if row["block"] != "leadership"]
    assert changes.text.count("<small>too early to tell</small>") == len(beside) != 0


@ON_SQLITE
def test_findings_that_are_not_there_keep_nobody_waiting(
    doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    error: Unavailable = FindingsDue()

    def due(*_: object, **__: object) -> Table:
        raise error

    signed_in("results", "analytics")
    page = get(doors, f"/dashboard?pulse={released.id}")
    assert (page.status_code, "is being worked out" in page.text) == (200, True)
    monkeypatch.setattr(Library, "findings", due)
    waiting = get(doors, "/dashboard/changes")
    assert (waiting.status_code, "In a moment" in waiting.text) == (503, True)
    error = Unavailable()
    busy = get(doors, "/dashboard/changes")
    assert (busy.status_code, "In a moment" in busy.text, 'http-equiv="refresh"' in busy.text) == (503, False, False)


@ON_SQLITE
def test_pictures_are_taken_away(
    doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response]
) -> None:
    signed_in("results", "analytics")
    for path in ("overview/blocks.svg", "units/heatmap.svg", "changes/changes.svg"):
        reply = get(doors, f"/dashboard/{path}?pulse={released.id}")
        assert reply.headers["content-type"] == "image/svg+xml"
        assert reply.headers["content-disposition"] == f'attachment; filename="{path.rpartition("/")[2]}"'
        assert reply.text.startswith("<svg xmlns=")
        assert "var(--" not in reply.text


@ON_SQLITE
def test_who_may_read_what(doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response]) -> None:
    signed_in("results")
    assert "is for keys with the scope" in get(doors, "/dashboard").text
    assert get(doors, "/dashboard/units").status_code == 200
    assert get(doors, "/dashboard/changes").status_code == 403

    signed_in("results", "analytics", unit="south")
    for path in ("", "/units", "/changes"):
        page = get(doors, f"/dashboard{path}")
        assert page.status_code == 200
        assert "South" in page.text
        assert "North" not in page.text
        assert "The works" not in page.text
    for path, name in (("", "unit"), ("/units", "branch"), ("/changes", "branch"), ("/units/heatmap.svg", "branch")):
        hidden, missing = (
            get(doors, f"/dashboard{path}?pulse={released.id}&{name}={unit}") for unit in ("north", "marmalade")
        )
        assert hidden.status_code == missing.status_code == 404
        assert hidden.text == missing.text
        assert "marmalade" not in missing.text
        is_a_strict_page(hidden)


@pytest.mark.parametrize(
    "query", ["?pulse=marmalade", "?unit=marmalade", "?block=marmalade", "/units?page=marmalade", "/changes?alerts=x"]
)
@ON_SQLITE
def test_what_is_not_there_is_a_page_that_repeats_nothing(
    query: str, doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response]
) -> None:
    assert released.id
    signed_in("results", "analytics")
    reply = get(doors, f"/dashboard{query}")
    assert reply.status_code == 404
    is_a_strict_page(reply)
    assert "marmalade" not in reply.text


@ON_SQLITE
def test_a_key_without_results_is_told_or_led_on(doors: Any, signed_in: Callable[..., httpx.Response]) -> None:
    signed_in("manage")
    assert get(doors, "/dashboard").headers["location"] == "/manage"


@pytest.mark.parametrize(("scopes", "unit"), [(["collect"], None), (["analytics"], None), (["manage"], "south")])
def test_a_key_that_opens_no_page_is_told_so_at_the_door(scopes: list[str], unit: str | None, doors: Any) -> None:
    key = doors.key(*scopes, unit=unit)["Authorization"].removeprefix("Bearer ")
    reply = doors.run(doors.client.post("/dashboard/sign-in", data={"key": key}))
    assert (reply.status_code, "That key is known, and opens no page" in reply.text) == (403, True)
    assert "set-cookie" not in reply.headers
    assert get(doors, "/dashboard").headers["location"] == "/dashboard/sign-in"


def test_a_bound_key_is_told_that_nothing_of_its_unit_is_released(
    doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response]
) -> None:
    assert released.id
    signed_in("results", unit="nowhere")
    page = get(doors, "/dashboard").text
    assert "Nothing released that this key may read" in page
    assert "Nothing has been released yet" not in page


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/dashboard/attack", "*/*"),
        ("/manage/nowhere", "*/*"),
        ("/nowhere", "text/html"),
        ("/static/no.css", "text/html"),
    ],
)
def test_an_address_that_is_none_is_a_page_to_a_person(path: str, accept: str, doors: Any) -> None:
    reply = doors.run(doors.client.get(path, headers={"Accept": accept}))
    assert (reply.status_code, "There is no page here" in reply.text) == (404, True)
    is_a_strict_page(reply)


def test_programs_are_answered_with_problems(doors: Any) -> None:
    for path, accept in (("/v1/nowhere", "text/html"), ("/nowhere", "application/json"), ("/static/no.css", "*/*")):
        reply = doors.run(doors.client.get(path, headers={"Accept": accept}))
        assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")
    shown = doors.run(doors.client.get("/dashboard/sign-out"))
    assert (shown.status_code, "This address shows nothing" in shown.text, shown.headers["allow"]) == (
        405,
        True,
        "POST",
    )


def test_a_sign_in_that_cannot_be_read_says_so(doors: Any) -> None:
    reply = doors.run(doors.client.post("/dashboard/sign-in", content=b"\xff", headers={"Content-Type": "x"}))
    assert (reply.status_code, "This form cannot be read" in reply.text) == (422, True)
