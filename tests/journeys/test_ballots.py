"""No unit answers more often than it was invited, whoever makes the tokens; and who makes them up holds up nobody."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from service.tokens.unlinkable import Holder, Unlinkable, class_key, encoded, written
from tests.faults.world import ITEM, body
from tests.tokens.asking import token_of

PEOPLE = 8
UNITS = [
    {"id": "all", "headcount": 0},
    {"id": "north", "parent": "all", "headcount": PEOPLE},
    {"id": "south", "parent": "all", "headcount": PEOPLE},
    {"id": "nobody", "parent": "all", "headcount": 0},
]

#: Makes a unit's token of nothing but the seed.
Forge = Callable[[str], str]


def sender(doors: Any) -> Any:
    return lambda *it: doors.call(*it, {})


@pytest.fixture
def pulse(doors: Any) -> tuple[str, list[str]]:
    """An open one, and the invitations of north."""
    doors.ok("PUT", "/v1/roster", {"units": [*UNITS, {"id": "left", "parent": "all", "headcount": 5}]})
    doors.ok("PUT", "/v1/roster", {"units": UNITS})
    id = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": [ITEM]})["id"]
    issued = doors.ok("POST", f"/v1/pulses/{id}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{id}/open")
    return id, next(it["tokens"] for it in issued if it["unit"] == "north")


@pytest.fixture
def forged(doors: Any, pulse: tuple[str, list[str]]) -> Forge:
    id, _ = pulse
    seed = doors.parts.custody.get(id, "tokens")

    def forge(unit: str) -> str:
        nonce = secrets.token_bytes(32)
        return written(Unlinkable(id, unit, nonce, class_key(seed, id, unit).output(nonce)))

    return forge


def answered(doors: Any, pulse: str, tokens: list[str], value: int = 4) -> list[int]:
    """Sent at once, and so in few batches; the statuses."""

    async def sent(token: str) -> int:
        return int((await doors.client.post(f"/v1/pulses/{pulse}/responses", json=body(token, value))).status_code)

    async def all_at_once() -> list[int]:
        return list(await asyncio.gather(*map(sent, tokens)))

    return list(doors.run(all_at_once()))


def test_tokens_made_with_the_seed_take_no_more_places_than_were_exchanged(
    doors: Any, pulse: tuple[str, list[str]], forged: Forge
) -> None:
    id, invitations = pulse
    assert answered(doors, id, [forged("north") for _ in range(3)]) == [403] * 3
    fair = [token_of(sender(doors), it) for it in invitations]
    assert answered(doors, id, fair[2:]) == [204] * (PEOPLE - 2)
    # Two places are left, in whichever batch they are asked for; who has one keeps it.
    late = [forged("north") for _ in range(6)]
    outcomes = answered(doors, id, late)
    assert sorted(outcomes) == [204] * 2 + [403] * 4
    assert answered(doors, id, late) == outcomes
    assert answered(doors, id, [forged("north"), *fair[:2]]) == [403] * 3
    assert answered(doors, id, fair[2:]) == [204] * (PEOPLE - 2)
    doors.ok("POST", f"/v1/pulses/{id}/close")
    doors.ok("POST", f"/v1/pulses/{id}/release")
    assert doors.rows(f"/v1/results?pulse={id}&unit=north&item={ITEM}")[0]["n"] == PEOPLE


@pytest.mark.parametrize("unit", ["nobody", "left", "all", "never was"])
def test_a_unit_that_was_not_invited_does_not_answer(
    doors: Any, pulse: tuple[str, list[str]], forged: Forge, unit: str
) -> None:
    id, invitations = pulse
    assert answered(doors, id, [forged(unit)]) == [403]
    assert answered(doors, id, invitations) == [204] * PEOPLE
    doors.ok("POST", f"/v1/pulses/{id}/close")


def test_made_up_invitations_wait_for_nobody_and_hold_up_nobody(doors: Any, pulse: tuple[str, list[str]]) -> None:
    """Whoever closes or stirs holds the pulse; whoever guesses is told at once, and takes no lock meanwhile."""
    id, invitations = pulse
    blinded = encoded(Holder.blind(secrets.token_bytes(32)).blinded)
    assert answered(doors, id, invitations[:1]) == [204]
    guesses = [f"{id}.{secrets.token_urlsafe(32)}" for _ in range(20)]

    async def guessed() -> list[int]:
        path = f"/v1/pulses/{id}/tokens"
        sent = [
            doors.client.post(path, json={"invitation": it, "blinded": blinded}) for it in (*guesses, *invitations[:1])
        ]
        return [reply.status_code for reply in await asyncio.wait_for(asyncio.gather(*sent), 10)]

    with doors.parts.database.begin() as tx:
        if not doors.parts.database.is_sqlite:  # which has one writer: by beginning
            tx.execute(text("SELECT 1 FROM pulse FOR UPDATE"))
        assert doors.run(guessed()) == [403] * 21
