"""A key is believed for some seconds, by its digest, and forgotten when the next one comes after them."""

from __future__ import annotations

import asyncio
import hashlib
from types import SimpleNamespace
from typing import Any, cast

import pytest

from service.api import keyring
from service.errors import NotAuthenticated
from service.operations.access import Principal

#: When a key ends, by the clock on the wall.
ENDS = 2_000_000_000


class Clock:
    """Two clocks that are set by hand, and a count of what the database was asked."""

    def __init__(self) -> None:
        self.now, self.wall, self.asked = 100.0, ENDS - 3.0, 0

    def authenticate(self, _database: object, secret: str, now: int) -> Principal:
        self.asked += 1
        if secret.startswith("wrong") or (secret == "ending" and now >= ENDS):
            raise NotAuthenticated
        return Principal(secret.upper(), "organisation", frozenset(), ends_at=ENDS if secret == "ending" else None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keyring, "time", SimpleNamespace(monotonic=lambda: clock.now, time=lambda: clock.wall))
    monkeypatch.setattr(keyring, "authenticate", clock.authenticate)
    return clock


@pytest.fixture
def ring() -> keyring.Keyring:
    return keyring.Keyring(cast("Any", None))


def test_a_key_is_asked_for_once_in_a_few_seconds(clock: Clock, ring: keyring.Keyring) -> None:
    assert ring.known("one") is None
    for _ in range(3):
        assert asyncio.run(ring.principal("one")).key == "ONE"
    assert clock.asked == 1
    clock.now += 5
    assert ring.known("one") is None
    asyncio.run(ring.principal("one"))
    assert clock.asked == 2


def test_no_key_is_held_as_it_was_sent_nor_longer_than_it_is_believed(clock: Clock, ring: keyring.Keyring) -> None:
    asyncio.run(ring.principal("one"))
    assert list(ring._known) == [hashlib.sha256(b"one").digest()]
    clock.now += 3
    asyncio.run(ring.principal("two"))
    assert len(ring._known) == 2
    clock.now += 3
    asyncio.run(ring.principal("three"))
    assert len(ring._known) == 2
    assert ring.known("two")


def test_guesses_are_not_held(clock: Clock, ring: keyring.Keyring) -> None:
    for guess in ("wrong", "wrong again"):
        with pytest.raises(NotAuthenticated):
            asyncio.run(ring.principal(guess))
    assert not ring._known


def test_a_key_is_not_believed_beyond_its_end(clock: Clock, ring: keyring.Keyring) -> None:
    asyncio.run(ring.principal("ending"))
    clock.now, clock.wall = clock.now + 2.5, clock.wall + 2.5
    assert ring.known("ending")
    clock.now, clock.wall = clock.now + 0.5, clock.wall + 0.5
    assert ring.known("ending") is None
    with pytest.raises(NotAuthenticated):
        asyncio.run(ring.principal("ending"))
