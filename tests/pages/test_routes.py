"""The pages over HTTP, as the two people who use them meet them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from service.errors import Overloaded
from service.pages.words import all_words

ITEMS = ["WB1", "PS1", "CL1"]
TEAMS = {"north": 9, "south": 8}
SAID = {"item.WB1": "2", "item.PS1": "5", "item.CL1": "", "band.tenure": "1-3y"}

Tokens = dict[str, list[str]]


@pytest.fixture
def opened(doors: Any) -> SimpleNamespace:
    units = [
        {"id": "works", "name": "The works", "parent": None, "headcount": 0},
        *({"id": id, "name": id.title(), "parent": "works", "headcount": n} for id, n in TEAMS.items()),
    ]
    doors.ok("PUT", "/v1/roster", {"units": units})
    pulse = doors.ok(
        "POST",
        "/v1/pulses",
        {"instrument": "five-blocks", "items": ITEMS, "bands": {"tenure": ["0-1y", "1-3y"]}, "label": "Spring"},
    )
    invited = doors.ok("POST", f"/v1/pulses/{pulse['id']}/invitations")["invitations"]
    tokens = {entry["unit"]: entry["tokens"] for entry in invited}
    draft = post(doors, "/answer", token=tokens["north"][0])
    doors.ok("POST", f"/v1/pulses/{pulse['id']}/open")
    return SimpleNamespace(id=pulse["id"], tokens=tokens, draft=draft)


@pytest.fixture
def released(doors: Any, opened: SimpleNamespace) -> SimpleNamespace:
    for tokens in opened.tokens.values():
        for token in tokens:
            assert post(doors, "/answer/send", token=token, lang="en", **SAID).status_code == 200
    doors.ok("POST", f"/v1/pulses/{opened.id}/close")
    doors.ok("POST", f"/v1/pulses/{opened.id}/release")
    return opened


@pytest.fixture
def signed_in(doors: Any) -> Iterator[Callable[..., httpx.Response]]:
    """Signs in with a new key of the given scopes; the client keeps the cookie."""

    def sign_in(*scopes: str, unit: str | None = None) -> httpx.Response:
        secret = doors.key(*scopes, unit=unit)["Authorization"].removeprefix("Bearer ")
        return post(doors, "/dashboard/sign-in", key=secret)

    yield sign_in
    doors.client.cookies.clear()


def post(doors: Any, path: str, **fields: str) -> httpx.Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply: httpx.Response = doors.run(doors.client.post(path, content=urlencode(fields), headers=headers))
    return reply


def get(doors: Any, path: str, **headers: str) -> httpx.Response:
    reply: httpx.Response = doors.run(doors.client.get(path, headers=headers))
    return reply


def is_a_strict_page(reply: httpx.Response) -> None:
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'self'; script-src 'self'"
    )
    assert reply.headers["referrer-policy"] == "no-referrer"


def test_a_person_answers_once_and_may_send_twice(
    doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any]
) -> None:
    token = opened.tokens["north"][0]
    start = get(doors, "/answer")
    asked = post(doors, "/answer", token=f" http://redwood/answer#{token} ")
    fields = {it["name"]: it.get("value") or "" for it in elements(asked.text).all("input") if "checked" in it}
    assert fields == dict.fromkeys(SAID, "")
    sent = {"token": token, "lang": "en", **SAID}
    done, again = (post(doors, "/answer/send", **sent) for _ in range(2))
    changed = post(doors, "/answer/send", **{**sent, "item.PS1": "1"})
    assert [it.status_code for it in (start, asked, done, again, changed)] == [200, 200, 200, 200, 403]
    assert all_words()["en"]["done_title"] in done.text
    for reply in (start, asked, done, again, changed):
        is_a_strict_page(reply)
        assert "set-cookie" not in reply.headers
    assert token not in done.text + changed.text


def test_what_was_chosen_is_what_is_released(doors: Any, released: SimpleNamespace) -> None:
    rows = doors.rows(f"/v1/results?pulse={released.id}&unit=works")
    found = {row["item"]: row for row in rows}
    assert (found["WB1"]["status"], found["WB1"]["mean"]) == ("ok", 2)
    # Everybody chose the highest point, and nobody is told so of everybody.
    assert (found["PS1"]["status"], found["PS1"]["mean"], found["PS1"]["at_most"]) == ("bound", None, 100)
    assert 75 < found["PS1"]["at_least"] < 100


def test_every_refusal_is_the_same_page(doors: Any, opened: SimpleNamespace) -> None:
    token, spent = opened.tokens["north"][:2]
    post(doors, "/answer/send", token=spent, lang="en", **{"item.WB1": "1"})
    wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
    said = {"lang": "en", **SAID}
    refusals = [
        opened.draft,
        post(doors, "/answer", token=""),
        post(doors, "/answer", token="<b>marmalade</b>"),
        post(doors, "/answer", token="a" * 16 + "." + "b" * 43),
        post(doors, "/answer/send", token=wrong, **said),
        post(doors, "/answer/send", token=spent, **said),
        post(doors, "/answer/send", **said),
    ]
    assert {(it.status_code, it.text) for it in refusals} == {(403, refusals[0].text)}
    assert "marmalade" not in refusals[0].text


def test_the_page_names_the_groups_and_a_spent_code_shows_the_same(doors: Any, opened: SimpleNamespace) -> None:
    """The page must not tell whoever keeps the codes which of them have been used."""
    token, other = opened.tokens["north"][:2]
    before = post(doors, "/answer", token=token, lang="en").text
    assert before.index("North") < before.index("The works") < before.index('name="item.WB1"')
    assert all_words()["en"]["exposure_invited"].format(count=9) in before
    assert post(doors, "/answer/send", token=token, lang="en", **SAID).status_code == 200
    assert post(doors, "/answer", token=token, lang="en").text == before
    assert post(doors, "/answer", token=other, lang="en").text == before.replace(token, other)
    assert post(doors, "/answer/send", token=other, lang="en", **SAID).status_code == 200


def test_a_code_nobody_was_given_names_no_group(doors: Any, opened: SimpleNamespace) -> None:
    token = opened.tokens["north"][0]
    unknown = post(doors, "/answer", token=token[:-43] + "A" * 43, lang="en")
    assert unknown.status_code == 200
    assert all_words()["en"]["exposure_lead"] not in unknown.text
    assert all_words()["en"]["readers_before"] in unknown.text


def test_nothing_answered_keeps_the_form_and_says_so(
    doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any]
) -> None:
    token = opened.tokens["south"][0]
    reply = post(doors, "/answer/send", token=token, lang="en", **{"item.WB1": "", "band.tenure": "1-3y"})
    assert reply.status_code == 422
    assert all_words()["en"]["nothing_answered"][:30] in reply.text
    checked = {it["name"]: it["value"] for it in elements(reply.text).all("input") if "checked" in it}
    assert checked["band.tenure"] == "1-3y"
    assert {it["value"] for it in elements(reply.text).all("input") if it["name"] == "token"} == {token}


def test_an_answer_off_the_scale_is_neither_kept_nor_repeated(doors: Any, opened: SimpleNamespace) -> None:
    token = opened.tokens["south"][0]
    reply = post(doors, "/answer/send", token=token, lang="en", **{"item.WB1": "4444", "item.marmalade": "1"})
    assert reply.status_code == 422
    assert all_words()["en"]["not_understood"][:30] in reply.text
    assert "4444" not in reply.text
    assert "marmalade" not in reply.text
    assert post(doors, "/answer/send", token=token, lang="en", **SAID).status_code == 200


def test_a_busy_service_keeps_the_form_to_send_again(
    doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(_: object) -> bool:
        raise Overloaded

    monkeypatch.setattr(doors.parts.collector, "submit", busy)
    reply = post(doors, "/answer/send", token=opened.tokens["south"][0], lang="en", **SAID)
    assert reply.status_code == 503
    assert all_words()["en"]["try_again"][:30] in reply.text
    assert {it["name"]: it["value"] for it in elements(reply.text).all("input") if "checked" in it} == SAID


def test_choosing_a_language_keeps_what_was_chosen(
    doors: Any, opened: SimpleNamespace, elements: Callable[[str], Any]
) -> None:
    reply = post(doors, "/answer", token=opened.tokens["north"][0], lang="en", switch="de", **SAID)
    assert {it["name"]: it["value"] for it in elements(reply.text).all("input") if "checked" in it} == SAID


def test_pages_before_the_token_speak_the_browsers_language(doors: Any) -> None:
    assert 'lang="ar" dir="rtl"' in get(doors, "/answer", **{"Accept-Language": "ar-EG,en;q=0.5"}).text
    refused = doors.run(doors.client.post("/answer", content=b"token=x", headers={"Accept-Language": "fr"}))
    assert 'lang="fr" dir="ltr"' in refused.text


@pytest.mark.parametrize("body", [b"\xff\xfe", b"marmalade", b"token=" + b"x" * 20_000])
def test_what_is_no_form_of_ours_is_refused_with_a_page(doors: Any, body: bytes) -> None:
    reply = doors.run(doors.client.post("/answer/send", content=body))
    assert reply.status_code in {413, 422}
    is_a_strict_page(reply)
    assert "marmalade" not in reply.text


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


def test_a_wrong_key_is_told_and_not_repeated(doors: Any) -> None:
    reply = post(doors, "/dashboard/sign-in", key="rw_marmalade")
    assert reply.status_code == 401
    is_a_strict_page(reply)
    assert "marmalade" not in reply.text
    assert "set-cookie" not in reply.headers


def test_the_dashboard_shows_what_the_api_answers(
    doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response]
) -> None:
    signed_in("results", "analytics")
    page = get(doors, "/dashboard")
    is_a_strict_page(page)
    shown = re.findall(r"unit=(\w+)&amp;block=[\w-]+#trend\">(\d+) <small>±", page.text)
    answered = [
        (row["unit"], str(round(row["score"])))
        for row in doors.rows(f"/v1/heatmap?pulse={released.id}")
        if row["status"] == "ok"
    ]
    assert shown == answered != []
    assert "<circle" in page.text
    assert "17</td><td>17</td><td>100 %" in page.text


def test_a_key_without_analytics_sees_no_trend(
    doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response]
) -> None:
    signed_in("results")
    page = get(doors, f"/dashboard?pulse={released.id}&unit=north")
    assert "need a key with the scope" in page.text
    assert "<circle" not in page.text


def test_a_key_of_one_unit_sees_no_other(
    doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response]
) -> None:
    signed_in("results", "analytics", unit="south")
    page = get(doors, "/dashboard").text
    assert "South" in page
    assert "North" not in page
    assert "The works" not in page
    hidden, missing = (get(doors, f"/dashboard?pulse={released.id}&unit={unit}") for unit in ("north", "marmalade"))
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text == missing.text
    is_a_strict_page(hidden)


@pytest.mark.parametrize("query", ["pulse=marmalade", "unit=marmalade", "block=marmalade"])
def test_what_is_not_there_is_a_page_that_repeats_nothing(
    query: str, doors: Any, released: SimpleNamespace, signed_in: Callable[..., httpx.Response]
) -> None:
    assert released.id
    signed_in("results", "analytics")
    reply = get(doors, f"/dashboard?{query}")
    assert reply.status_code == 404
    is_a_strict_page(reply)
    assert "marmalade" not in reply.text


def test_a_key_without_results_is_told(doors: Any, signed_in: Callable[..., httpx.Response]) -> None:
    signed_in("collect")
    reply = get(doors, "/dashboard")
    assert reply.status_code == 403
    assert "This key may not read results" in reply.text


def test_files_are_kept_for_good_under_their_own_hash(doors: Any) -> None:
    addresses = re.findall(r'"(/static/[^"]+)"', get(doors, "/answer").text)
    assert {address.split("?")[0] for address in addresses} == {
        "/static/redwood.css",
        "/static/redwood.svg",
        "/static/answer.js",
    }
    for address in addresses:
        assert get(doors, address).headers["cache-control"] == "public, max-age=31536000, immutable"
        assert get(doors, address.split("?")[0]).headers["cache-control"] == "no-cache"
    assert get(doors, "/static/answer.js").headers["content-type"].startswith("text/javascript")
    assert get(doors, "/static/..%2Fwords.toml").status_code == 404


def test_the_reference_names_every_call_and_no_page(doors: Any) -> None:
    page = get(doors, "/docs")
    is_a_strict_page(page)
    paths = doors.ok("GET", "/openapi.json")["paths"]
    assert "/v1/results" in paths
    assert not {"/answer", "/dashboard", "/docs", "/"} & set(paths)
    for path in paths:
        assert f"<code>{path}</code>" in page.text
    assert get(doors, "/").headers["location"] == "/dashboard"
