"""Refused tokens of every kind get one answer to the byte and ask the database as often: nobody learns which it was."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event

from service.tokens.unlinkable import Holder, decoded
from tests.load.oracles import forged

ITEMS = ["WB1", "PS1"]
RIGHT, OTHER = dict.fromkeys(ITEMS, 3), dict.fromkeys(ITEMS, 4)


@pytest.fixture
def opened(doors: Any) -> SimpleNamespace:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 9}]})
    ids = []
    for _ in range(2):
        ids.append(doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ITEMS})["id"])
        issued = doors.ok("POST", f"/v1/pulses/{ids[-1]}/invitations")["invitations"]
        doors.ok("POST", f"/v1/pulses/{ids[-1]}/open")
    other, pulse = ids
    tokens = issued[0]["tokens"]
    own = [unlinkable(doors, pulse, token) for token in tokens[:2]]
    for token in (tokens[2], own[0]):
        doors.ok("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": RIGHT}, {})
    return SimpleNamespace(id=pulse, other=other, plain=tokens, own=own)


def unlinkable(doors: Any, pulse: str, invitation: str) -> str:
    holder = Holder.blind(secrets.token_bytes(32))
    blinded = base64.urlsafe_b64encode(holder.blinded).rstrip(b"=").decode()
    got = doors.ok("POST", f"/v1/pulses/{pulse}/tokens", {"invitation": invitation, "blinded": blinded}, {})
    return holder.token(pulse, got["unit"], *(decoded(got[name]) for name in ("public_key", "evaluated", "proof")))


@pytest.fixture
def asked(doors: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement either database is sent from here on."""
    found: list[str] = []
    if doors.parts.database.is_sqlite:

        def traced(connection: Any, *_: object) -> None:
            connection.set_trace_callback(found.append)

        event.listen(doors.parts.database.engine, "checkout", traced)
        return found

    def noted(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(doors.parts.database.engine, "before_cursor_execute", noted)
    for name in ("fetch", "fetchrow", "execute"):
        monkeypatch.setattr(asyncpg.Connection, name, told(getattr(asyncpg.Connection, name), found))
    return found


def told(method: Callable[..., Any], found: list[str]) -> Callable[..., Any]:
    async def telling(self: Any, query: str, *values: Any, **more: Any) -> Any:
        found.append(query)
        return await method(self, query, *values, **more)

    return telling


def refused(opened: SimpleNamespace) -> dict[str, tuple[str, dict[str, int]]]:
    """Tokens by why they are refused, with the answers they come with."""
    letters = opened.plain[3].partition(".")[2]
    return {
        "unknown": (f"{opened.id}.{letters[::-1]}", RIGHT),
        "unknown, other answers": (f"{opened.id}.{letters[::-1]}", OTHER),
        "spent": (opened.plain[2], OTHER),
        "exchanged": (opened.plain[0], RIGHT),
        "exchanged and spent": (opened.plain[0], OTHER),
        "forged": (forged(opened.own[0]), RIGHT),
        "unlinkable, spent": (opened.own[0], OTHER),
        "of a unit that is not": (opened.own[1].replace(".YWxs.", ".bm8."), RIGHT),
        "unlinkable, changed by a byte": (changed(opened.own[1]), RIGHT),
    }


def changed(token: str) -> str:
    """Its output begins with another letter."""
    head, _, output = token.rpartition(".")
    return f"{head}.{'B' if output[0] == 'A' else 'A'}{output[1:]}"


def test_every_refusal_is_the_same_and_takes_the_same_way(
    doors: Any, opened: SimpleNamespace, asked: list[str]
) -> None:
    replies, ways = {}, {}
    doors.call("POST", f"/v1/pulses/{opened.id}/responses", {"token": "", "answers": RIGHT}, {})
    for why, (token, answers) in refused(opened).items():
        asked.clear()
        reply = doors.call("POST", f"/v1/pulses/{opened.id}/responses", {"token": token, "answers": answers}, {})
        replies[why] = (reply.status_code, tuple(sorted(reply.headers.raw)), reply.content)
        ways[why] = len(asked)
    assert len(set(replies.values())) == 1, replies
    assert next(iter(replies.values()))[0] == 403
    assert len(set(ways.values())) == 1, ways
    assert next(iter(ways.values())) >= 2


def test_a_token_for_elsewhere_is_refused_in_the_same_words(doors: Any, opened: SimpleNamespace) -> None:
    here = doors.call("POST", f"/v1/pulses/{opened.id}/responses", {"token": opened.plain[2], "answers": OTHER}, {})
    doors.ok("POST", f"/v1/pulses/{opened.id}/close")
    tokens = [opened.plain[2], opened.plain[5], *opened.own, forged(opened.own[0]), "", "u1....", "a.b"]
    for pulse in (opened.id, opened.other):
        for token in tokens:
            there = doors.call("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": RIGHT}, {})
            assert (there.status_code, there.content) == (403, here.content)
            assert there.headers == here.headers


def test_an_exchange_is_refused_in_the_same_words(doors: Any, opened: SimpleNamespace, asked: list[str]) -> None:
    """Unknown, spent, exchanged for another message, of another pulse: one answer, and where a pulse knows its own,
    as many questions."""
    letters = opened.plain[3].partition(".")[2]
    blinded = base64.urlsafe_b64encode(Holder.blind(secrets.token_bytes(32)).blinded).rstrip(b"=").decode()
    tried = {
        "unknown": f"{opened.id}.{letters[::-1]}",
        "spent": opened.plain[2],
        "exchanged": opened.plain[0],
        "exchanged and spent": opened.plain[1],
        "other": f"{opened.other}.{letters}",
        "none": "",
        "an unlinkable one": opened.own[1][:200],
    }
    replies, ways = {}, {}
    for why, token in tried.items():
        asked.clear()
        body = {"invitation": token, "blinded": blinded}
        reply = doors.call("POST", f"/v1/pulses/{opened.id}/tokens", body, {})
        replies[why] = (reply.status_code, tuple(sorted(reply.headers.raw)), reply.content)
        ways[why] = len(asked)
    assert len(set(replies.values())) == 1, replies
    assert next(iter(replies.values()))[0] == 403
    assert len({ways[why] for why in ("unknown", "spent", "exchanged", "exchanged and spent")}) == 1, ways
    assert ways["unknown"] >= 2
