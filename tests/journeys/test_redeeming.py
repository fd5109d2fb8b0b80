"""A right to answer is used once and in one way; whatever is wrong with a token is refused without a word of which."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from service.api.app import create_app
from service.bootstrap import runtime
from service.settings import Settings
from service.store import tables
from service.tokens import unlinkable
from service.tokens.unlinkable import Holder, Unlinkable, read, written
from tests.tokens import reference
from tests.tokens.asking import checked, exchange, token_of

ROSTER = {
    "units": [
        {"id": "all", "headcount": 0},
        {"id": "north", "parent": "all", "headcount": 30},
        {"id": "south", "parent": "all", "headcount": 8},
        {"id": "nobody", "parent": "all", "headcount": 0},
    ]
}
GOOD = {"WB1": 4}
CROWD = 50


@pytest.fixture
def works(doors: Any) -> Any:
    doors.ok("PUT", "/v1/roster", ROSTER)
    return doors


def opened(doors: Any, **draft: Any) -> SimpleNamespace:
    """An open pulse with everybody's invitation, by unit; each is handed out once by `next`."""
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", **draft})["id"]
    issued = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    return SimpleNamespace(id=pulse, north=iter(issued[0]["tokens"]), south=iter(issued[1]["tokens"]))


@pytest.fixture
def pulse(works: Any) -> SimpleNamespace:
    return opened(works)


def sender(doors: Any) -> Any:
    return lambda method, path, body: doors.call(method, path, body, {})


def answer(doors: Any, pulse: str, token: str, answers: dict[str, int] | None = None) -> httpx.Response:
    return doors.call("POST", f"/v1/pulses/{pulse}/responses", {"token": token, "answers": answers or GOOD}, {})


def seen(reply: httpx.Response) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    """All that whoever sent it gets to see, save how long it took."""
    return reply.status_code, reply.content, sorted(reply.headers.raw)


def nobody_s(pulse: str) -> str:
    return f"{pulse}.{secrets.token_urlsafe(32)}"


def redeemed(doors: Any) -> int:
    with doors.parts.database.read() as tx:
        return tx.execute(select(func.count()).select_from(tables.redemption)).scalar_one()


def counted(doors: Any, pulse: str) -> tuple[int, float]:
    """What the release of a pulse says of north: how many answered the one item asked about, and their mean."""
    doors.ok("POST", f"/v1/pulses/{pulse}/close")
    doors.ok("POST", f"/v1/pulses/{pulse}/release")
    (row,) = doors.rows(f"/v1/results?pulse={pulse}&unit=north&item=WB1")
    return row["n"], row["mean"]


# One token, once.


def test_a_token_answers_once_and_the_very_same_again_is_acknowledged(works: Any, pulse: SimpleNamespace) -> None:
    token = token_of(sender(works), next(pulse.north))
    assert [answer(works, pulse.id, token).status_code for _ in range(3)] == [204] * 3
    assert answer(works, pulse.id, token, {"WB1": 5}).status_code == 403
    assert answer(works, pulse.id, token).status_code == 204
    assert redeemed(works) == 1


@pytest.fixture
def second_worker(works: Any, database_url: str) -> Iterator[httpx.AsyncClient]:
    """Another process's share of the same database, as far as one process can have it: nothing in memory is shared."""
    parts = runtime(Settings(database_url=database_url))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(create_app(parts)), base_url="http://redwood")
    yield client
    works.run(client.aclose())
    works.run(parts.close())


def crowd(works: Any, others: list[httpx.AsyncClient], pulse: str, bodies: list[dict[str, Any]]) -> list[int]:
    """The statuses of all the bodies sent at once, by turns to each worker."""
    workers = [works.client, *others]

    async def all_at_once() -> list[httpx.Response]:
        path = f"/v1/pulses/{pulse}/responses"
        sent = (workers[place % len(workers)].post(path, json=body) for place, body in enumerate(bodies))
        return await asyncio.gather(*sent)

    return [reply.status_code for reply in works.run(all_at_once())]


def others_answer(works: Any, pulse: SimpleNamespace) -> None:
    """Nine more in north, of every opinion, half of them plainly: so that there is something to publish."""
    for place in range(9):
        invitation = next(pulse.north)
        token = invitation if place % 2 else token_of(sender(works), invitation)
        assert answer(works, pulse.id, token, {"WB1": place % 5 + 1}).status_code == 204


def test_fifty_at_once_with_the_very_same_submission_are_one_response(
    works: Any, pulse: SimpleNamespace, second_worker: httpx.AsyncClient
) -> None:
    others_answer(works, pulse)
    body = {"token": token_of(sender(works), next(pulse.north)), "answers": {"WB1": 5}}
    before = redeemed(works)
    assert crowd(works, [second_worker], pulse.id, [body] * CROWD) == [204] * CROWD
    assert redeemed(works) == before + 1
    assert counted(works, pulse.id) == (10, pytest.approx((25 + 5) / 10))


def test_of_fifty_at_once_with_different_answers_exactly_one_stands(
    works: Any, pulse: SimpleNamespace, second_worker: httpx.AsyncClient
) -> None:
    others_answer(works, pulse)
    token = token_of(sender(works), next(pulse.north))
    # Each differs from all others by an item that is not looked at; what stands is told by the one that is.
    bodies = [
        {"token": token, "answers": {"WB1": place % 5 + 1, "WB2": place // 5 % 5 + 1, "PS1": place // 25 + 1}}
        for place in range(CROWD)
    ]
    before = redeemed(works)
    statuses = crowd(works, [second_worker], pulse.id, bodies)
    assert sorted(statuses) == [204] + [403] * (CROWD - 1)
    standing = bodies[statuses.index(204)]["answers"]["WB1"]
    assert redeemed(works) == before + 1
    assert counted(works, pulse.id) == (10, pytest.approx((25 + standing) / 10))


# Refused alike.


def bent(octets: bytes) -> bytes:
    return octets[:-1] + bytes([octets[-1] ^ 1])


def wrong_tokens(works: Any, pulse: SimpleNamespace) -> dict[str, str]:
    """Everything that is no right to answer, or no more; for each a token that would be good was got first."""
    send = sender(works)
    good = read(token_of(send, next(pulse.north)))
    assert good is not None
    spent, plainly_spent, exchanged = token_of(send, next(pulse.north)), next(pulse.south), next(pulse.south)
    for token in (spent, plainly_spent):
        assert answer(works, pulse.id, token, {"WB1": 1}).status_code == 204
    token_of(send, exchanged)
    elsewhere = opened(works)
    foreign, foreign_plain = token_of(send, next(elsewhere.north)), next(elsewhere.north)
    theirs = read(foreign)
    assert theirs is not None
    fake = unlinkable.class_key(secrets.token_bytes(32), pulse.id, "north")
    forged = Unlinkable(pulse.id, "north", good.nonce, fake.output(good.nonce))
    return {
        "an output bent by a bit": written(Unlinkable(pulse.id, "north", good.nonce, bent(good.output))),
        "a nonce bent by a bit": written(Unlinkable(pulse.id, "north", bent(good.nonce), good.output)),
        "spent, with other answers": spent,
        "another unit's name": written(Unlinkable(pulse.id, "south", good.nonce, good.output)),
        "a unit nobody was invited in": written(Unlinkable(pulse.id, "nobody", good.nonce, good.output)),
        "a unit there is not": written(Unlinkable(pulse.id, "nowhere", good.nonce, good.output)),
        "a unit of no letters": written(Unlinkable(pulse.id, "", good.nonce, good.output)),
        "another pulse's": foreign,
        "named as another pulse's": written(Unlinkable(elsewhere.id, "north", good.nonce, good.output)),
        "another pulse's, renamed": written(Unlinkable(pulse.id, "north", theirs.nonce, theirs.output)),
        "made with a key of one's own": written(forged),
        "made of nothing": written(Unlinkable(pulse.id, "north", bytes(32), bytes(64))),
        "half a token": written(good)[:90],
        "a token and more": written(good) + ".x",
        "plain, of nobody": nobody_s(pulse.id),
        "plain, spent, with other answers": plainly_spent,
        "plain, another pulse's": foreign_plain,
        "plain, another pulse's, renamed": f"{pulse.id}.{foreign_plain.partition('.')[2]}",
        "plain, but exchanged": exchanged,
        "no token": "open, please",
        "empty": "",
        "not ASCII": "ü1.\u0661.😀.\x7f.ß",
    }


def test_whatever_is_wrong_with_a_token_the_refusal_is_the_same(works: Any, pulse: SimpleNamespace) -> None:
    wrong = wrong_tokens(works, pulse)
    before = redeemed(works)
    usual = seen(answer(works, pulse.id, nobody_s(pulse.id)))
    assert usual[0] == 403
    replies = {name: seen(answer(works, pulse.id, token)) for name, token in wrong.items()}
    assert {name: reply for name, reply in replies.items() if reply != usual} == {}
    assert redeemed(works) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_closed_pulse_refuses_good_tokens_of_both_kinds_the_same_way(works: Any, pulse: SimpleNamespace) -> None:
    others_answer(works, pulse)
    token, plain, unused = token_of(sender(works), next(pulse.north)), next(pulse.north), next(pulse.north)
    usual = seen(answer(works, pulse.id, nobody_s(pulse.id)))
    works.ok("POST", f"/v1/pulses/{pulse.id}/close")
    assert [seen(answer(works, pulse.id, it)) for it in (token, plain, nobody_s(pulse.id))] == [usual] * 3
    assert seen(exchange(sender(works), unused, reference.GENERATOR)) == usual
    assert works.call("GET", f"/v1/pulses/{pulse.id}/issuer?unit=north", headers={}).status_code == 404


# The exchange.


def test_an_invitation_is_used_in_one_way(works: Any, pulse: SimpleNamespace) -> None:
    plainly, blindly = next(pulse.north), next(pulse.north)
    send = sender(works)
    token = token_of(send, blindly)
    assert answer(works, pulse.id, plainly).status_code == 204
    assert exchange(send, plainly, Holder.blind(b"n" * 32).blinded).status_code == 403
    assert answer(works, pulse.id, blindly).status_code == 403
    # Neither refusal cost anybody anything.
    assert answer(works, pulse.id, plainly).status_code == 204
    assert answer(works, pulse.id, token).status_code == 204


def test_the_same_blinded_message_is_answered_again_and_no_other(works: Any, pulse: SimpleNamespace) -> None:
    send = sender(works)
    invitation = next(pulse.north)
    holder, another = Holder.blind(secrets.token_bytes(32)), Holder.blind(secrets.token_bytes(32))
    first = exchange(send, invitation, holder.blinded).json()
    again = exchange(send, invitation, holder.blinded).json()
    assert exchange(send, invitation, another.blinded).status_code == 403
    last = exchange(send, invitation, holder.blinded).json()
    assert first["evaluated"] == again["evaluated"] == last["evaluated"]
    assert len({checked(send, holder, issued) for issued in (first, again, last)}) == 1
    assert answer(works, pulse.id, checked(send, holder, last)).status_code == 204
    # Even then: whoever lost the last of these answers may ask for it.
    assert exchange(send, invitation, holder.blinded).json()["evaluated"] == first["evaluated"]


def test_of_twenty_messages_at_once_one_is_evaluated(
    works: Any, pulse: SimpleNamespace, second_worker: httpx.AsyncClient
) -> None:
    invitation = next(pulse.north)
    blinded = [unlinkable.encoded(Holder.blind(secrets.token_bytes(32)).blinded) for _ in range(20)]
    workers = [works.client, second_worker]

    async def all_at_once() -> list[httpx.Response]:
        path = f"/v1/pulses/{pulse.id}/tokens"
        bodies = [{"invitation": invitation, "blinded": it} for it in blinded]
        return await asyncio.gather(*(workers[at % 2].post(path, json=body) for at, body in enumerate(bodies)))

    statuses = sorted(reply.status_code for reply in works.run(all_at_once()))
    assert statuses == [200] + [403] * 19


def test_spending_and_exchanging_at_once_leaves_one_right_to_answer(
    works: Any, pulse: SimpleNamespace, second_worker: httpx.AsyncClient
) -> None:
    send = sender(works)
    for _ in range(5):
        invitation, holder = next(pulse.north), Holder.blind(secrets.token_bytes(32))

        async def both(invitation: str = invitation, holder: Holder = holder) -> list[httpx.Response]:
            plain = {"token": invitation, "answers": GOOD}
            blind = {"invitation": invitation, "blinded": unlinkable.encoded(holder.blinded)}
            return await asyncio.gather(
                works.client.post(f"/v1/pulses/{pulse.id}/responses", json=plain),
                second_worker.post(f"/v1/pulses/{pulse.id}/tokens", json=blind),
            )

        spent, evaluated = works.run(both())
        assert (spent.status_code, evaluated.status_code) in {(204, 403), (403, 200)}
        if evaluated.status_code == 200:
            assert answer(works, pulse.id, checked(send, holder, evaluated.json())).status_code == 204


def test_whatever_is_wrong_with_an_invitation_the_refusal_is_the_same(works: Any, pulse: SimpleNamespace) -> None:
    send = partial(exchange, sender(works))
    fresh = Holder.blind(secrets.token_bytes(32)).blinded
    spent, exchanged = next(pulse.north), next(pulse.north)
    assert answer(works, pulse.id, spent).status_code == 204
    token = token_of(sender(works), exchanged)
    elsewhere, plain_only = opened(works), opened(works, tokens=["plain"])
    usual = seen(send(nobody_s(pulse.id), fresh))
    assert usual[0] == 403
    replies = {
        "spent": send(spent, fresh),
        "exchanged for another": send(exchanged, fresh),
        "another pulse's": send(next(elsewhere.north), fresh, pulse.id),
        "of a pulse that takes plain tokens only": send(next(plain_only.north), fresh),
        "an unlinkable token": send(token, fresh, pulse.id) if len(token) <= 200 else send("u1.x", fresh, pulse.id),
        "malformed": send("x" * 60, fresh, pulse.id),
        "not ASCII": send(pulse.id + ".ß", fresh, pulse.id),
        "empty": send("", fresh, pulse.id),
    }
    assert {name: seen(reply) for name, reply in replies.items() if seen(reply) != usual} == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_element_is_said_to_be_none_and_costs_nothing(works: Any, pulse: SimpleNamespace) -> None:
    invitation = next(pulse.north)
    path = f"/v1/pulses/{pulse.id}/tokens"
    good = unlinkable.encoded(Holder.blind(b"n" * 32).blinded)
    wrong = ["", "A" * 43, "AQ" + "A" * 41, good + "A", good[:-4], good + "=", "+" + good[1:], "hush" * 10, good + good]
    for blinded in wrong:
        for asked in (invitation, nobody_s(pulse.id)):
            reply = works.call("POST", path, {"invitation": asked, "blinded": blinded}, {})
            assert (reply.status_code, [it["where"] for it in reply.json()["errors"]]) == (422, ["blinded"]), blinded
            assert "hush" not in reply.text
    assert works.call("POST", path, {"invitation": invitation, "blinded": good}, {}).status_code == 200


# What a pulse accepts, and what anybody may know of its keys.


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_pulse_takes_the_kinds_it_says_and_a_refusal_spends_nothing(works: Any) -> None:
    send = sender(works)
    blind_only, plain_only = opened(works, tokens=["unlinkable"]), opened(works, tokens=["plain"])
    invitation = next(blind_only.north)
    assert answer(works, blind_only.id, invitation).status_code == 403
    assert answer(works, blind_only.id, token_of(send, invitation)).status_code == 204
    invitation = next(plain_only.north)
    assert exchange(send, invitation, Holder.blind(b"n" * 32).blinded).status_code == 403
    assert answer(works, plain_only.id, invitation).status_code == 204
    for pulse, kinds in ((blind_only, ["unlinkable"]), (plain_only, ["plain"])):
        asked = works.ok("GET", f"/v1/pulses/{pulse.id}/questionnaire", headers={})
        assert asked["privacy"]["tokens"]["kinds"] == kinds


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_everybody_is_shown_one_key_a_unit_under_one_fingerprint(works: Any, pulse: SimpleNamespace) -> None:
    send = sender(works)
    shown = {
        unit: works.ok("GET", f"/v1/pulses/{pulse.id}/issuer?unit={unit}", headers={}) for unit in ("north", "south")
    }
    issued = [exchange(send, next(pulse.north), Holder.blind(secrets.token_bytes(32)).blinded).json() for _ in range(3)]
    for one in issued:
        assert {name: value for name, value in one.items() if name not in {"evaluated", "proof"}} == shown["north"]
    assert shown["north"]["public_key"] != shown["south"]["public_key"]
    assert shown["north"]["fingerprint"] == shown["south"]["fingerprint"]
    places = [
        f"/v1/pulses/{pulse.id}/issuer?unit=nowhere",
        f"/v1/pulses/{pulse.id}/issuer?unit=nobody",
        f"/v1/pulses/{pulse.id}/issuer?unit=all",
        f"/v1/pulses/{pulse.id}/issuer?unit=",
        "/v1/pulses/aaaaaaaaaaaaaaaa/issuer?unit=north",
    ]
    assert len({str(seen(works.call("GET", place, headers={}))) for place in places}) == 1
    assert works.call("GET", places[0], headers={}).status_code == 404
