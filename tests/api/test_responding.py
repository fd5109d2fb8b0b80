"""The respondent's door: what it takes, what it refuses, and that it repeats and keeps nothing."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Mount

from service.store import tables
from tests.opened import how_many


def send(doors: Any, pulse: str, body: bytes | dict[str, Any]) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    reply: httpx.Response = doors.run(doors.client.post(f"/v1/pulses/{pulse}/responses", content=content))
    return reply


def stored(doors: Any) -> int:
    with doors.parts.database.read() as tx:
        pulses = tx.scalars(select(tables.pulse.c.id).where(tables.pulse.c.state == "open")).all()
    return sum(how_many(doors.parts.database, pulse) for pulse in pulses)


@pytest.mark.parametrize(
    "change",
    [
        {"answers": {"WB1": 6}},
        {"answers": {"WB1": 0}},
        {"answers": {"WB1": 2.5}},
        {"answers": {"WB1": "4"}},
        {"answers": {"WB1": True}},
        {"answers": {"WB1": [4]}},
        {"answers": {"hush-item": 4}},
        {"answers": {"WB2": 4}},
        {"answers": {}},
        {"answers": {"WB1": None}},
        {"answers": [4]},
        {"bands": {"hush-band": "x"}},
        {"bands": {"tenure": "hush-value"}},
        {"hush-field": 1},
        {"token": 7},
        {"token": None},
    ],
    ids=json.dumps,
)
def test_what_breaks_a_rule_is_refused_unrepeated_and_leaves_the_token_good(
    doors: Any, opened: SimpleNamespace, change: dict[str, Any]
) -> None:
    token = opened.tokens["n1"][0]
    good = {"token": token, "answers": {"WB1": 4}}
    refused = send(doors, opened.id, {**good, **change})
    assert refused.status_code == 422
    assert "hush" not in refused.text
    assert token not in refused.text
    assert stored(doors) == 0
    assert send(doors, opened.id, good).status_code == 204
    assert stored(doors) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"\\ud800"', b"\xff", b"{" * 10_000, b"[" * 16_000])
def test_what_is_no_json_is_refused(doors: Any, opened: SimpleNamespace, body: bytes) -> None:
    assert send(doors, opened.id, body).status_code == 422


def test_a_body_beyond_the_limit_is_refused(doors: Any, opened: SimpleNamespace) -> None:
    assert send(doors, opened.id, b" " * 16_385).status_code == 413


def test_spent_unknown_and_other_pulses_tokens_are_one_answer(doors: Any, opened: SimpleNamespace) -> None:
    other = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    others = doors.ok("POST", f"/v1/pulses/{other}/invitations", {"units": {"n1": 1}})["invitations"][0]["tokens"][0]
    spent = opened.tokens["n1"][0]
    assert send(doors, opened.id, {"token": spent, "answers": {"WB1": 4}}).status_code == 204
    refused = [
        send(doors, opened.id, {"token": token, "answers": {"WB1": 3}})
        for token in (spent, spent[:-1] + ("A" if spent[-1] != "A" else "B"), others, "", "x", spent + "x")
    ]
    assert {reply.status_code for reply in refused} == {403}
    assert len({reply.content for reply in refused}) == 1
    assert stored(doors) == 1


def test_the_very_same_submission_again_is_accepted_and_not_counted(doors: Any, opened: SimpleNamespace) -> None:
    body = {"token": opened.tokens["n1"][0], "answers": {"WB1": 4, "PS1": 2}}
    reordered = {"answers": {"PS1": 2, "WB1": 4, "CL1": None}, "token": body["token"]}
    for again in (body, body, reordered):
        reply = send(doors, opened.id, again)
        assert (reply.status_code, reply.content) == (204, b"")
    assert stored(doors) == 1


def test_before_it_opens_a_pulse_takes_nothing_and_spends_nothing(doors: Any, opened: SimpleNamespace) -> None:
    draft = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    token = doors.ok("POST", f"/v1/pulses/{draft}/invitations", {"units": {"n1": 1}})["invitations"][0]["tokens"][0]
    body = {"token": token, "answers": {"WB1": 4}}
    early, missing = send(doors, draft, body), send(doors, "a" * 16, body)
    assert (early.status_code, early.content) == (missing.status_code, missing.content)
    assert early.status_code == 404
    doors.ok("POST", f"/v1/pulses/{draft}/open")
    assert send(doors, draft, body).status_code == 204


@pytest.mark.parametrize("verbs", [["close"], ["close", "release"]])
def test_after_the_close_a_token_is_refused_like_any_other(
    doors: Any, opened: SimpleNamespace, verbs: list[str]
) -> None:
    before = send(doors, opened.id, {"token": "x", "answers": {"WB1": 3}})
    for verb in verbs:
        doors.ok("POST", f"/v1/pulses/{opened.id}/{verb}")
    reply = send(doors, opened.id, {"token": opened.tokens["n1"][0], "answers": {"WB1": 3}})
    assert (reply.status_code, reply.content) == (before.status_code, before.content)


def test_a_reply_carries_no_time_and_no_cookie(doors: Any, opened: SimpleNamespace) -> None:
    reply = send(doors, opened.id, {"token": opened.tokens["n1"][0], "answers": {"WB1": 4}})
    assert {"date", "server", "set-cookie", "etag", "last-modified"}.isdisjoint(reply.headers)
    assert reply.headers["cache-control"] == "no-store"


def test_below_a_prefix_the_framework_answers_the_same(doors: Any, opened: SimpleNamespace) -> None:
    below = Starlette(routes=[Mount("/below", doors.client._transport.app)])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(below), base_url="http://redwood")
    token = opened.tokens["n1"][0]
    bodies = [
        b"{",
        b" " * 16_385,
        json.dumps({"token": "x", "answers": {"WB1": 4}}).encode(),
        json.dumps({"token": token, "answers": {"WB1": 9}}).encode(),
        json.dumps({"token": token, "answers": {"WB1": 4}}).encode(),
    ]
    path = f"/v1/pulses/{opened.id}/responses"
    framed = [doors.run(client.post(f"/below{path}", content=body)) for body in bodies]
    direct = [doors.run(doors.client.post(path, content=body)) for body in bodies]
    assert [reply.status_code for reply in direct] == [422, 413, 403, 422, 204]
    assert [(it.status_code, it.content) for it in framed] == [(it.status_code, it.content) for it in direct]
    assert stored(doors) == 1
    doors.run(client.aclose())


def test_a_sender_who_leaves_before_the_end_is_not_counted(doors: Any, opened: SimpleNamespace) -> None:
    whole = json.dumps({"token": opened.tokens["n1"][0], "answers": {"WB1": 4}}).encode()
    messages = [{"type": "http.request", "body": whole[:9], "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        raise AssertionError(f"nobody is there to be sent {message['type']}")

    scope = {"type": "http", "method": "POST", "path": f"/v1/pulses/{opened.id}/responses"}
    doors.run(doors.client._transport.app(scope, receive, send))
    assert stored(doors) == 0


def test_the_questionnaire_speaks_the_language_asked_for(doors: Any, opened: SimpleNamespace) -> None:
    path = f"/v1/pulses/{opened.id}/questionnaire"
    english, arabic, unknown = (doors.ok("GET", f"{path}?lang={lang}", headers={}) for lang in ("en", "ar-EG", "xx"))
    assert (english["dir"], arabic["dir"], arabic["language"]) == ("ltr", "rtl", "ar")
    assert unknown == english
    assert [item["id"] for item in english["items"]] == ["WB1", "PS1", "CL1"]
    assert all(a["text"] != e["text"] for a, e in zip(arabic["items"], english["items"], strict=True))
    assert len(arabic["scale"]["labels"]) == 5
    assert english["privacy"]["hash"] == doors.ok("GET", f"/v1/pulses/{opened.id}")["policy_hash"]
    assert "reverse" not in json.dumps(english)


def test_exposure_needs_no_key_and_only_an_open_pulse_has_one(doors: Any, opened: SimpleNamespace) -> None:
    path = f"/v1/pulses/{opened.id}/exposure?unit="
    told = doors.ok("GET", f"{path}n1", headers={})
    assert [(it["unit"], it["invited"]) for it in told["counted_in"]] == [("n1", 8), ("north", 17), ("all", 29)]
    assert told["policy_hash"] == doors.ok("GET", f"/v1/pulses/{opened.id}")["policy_hash"]
    draft = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
    missing = [
        doors.call("GET", f"/v1/pulses/{pulse}/exposure?unit={unit}", headers={})
        for pulse, unit in ((opened.id, "hush"), (opened.id, ""), (draft, "n1"), ("a" * 16, "n1"), ("%00", "%00"))
    ]
    doors.ok("POST", f"/v1/pulses/{opened.id}/close")
    missing.append(doors.call("GET", f"{path}n1", headers={}))
    doors.ok("POST", f"/v1/pulses/{opened.id}/release")
    missing.append(doors.call("GET", f"{path}n1", headers={}))
    assert {(it.status_code, it.content) for it in missing} == {(404, missing[0].content)}
    assert "hush" not in missing[0].text
    assert doors.call("GET", f"/v1/pulses/{opened.id}/exposure", headers={}).status_code == 422
