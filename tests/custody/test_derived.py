"""Secrets from one in the environment: the same each time, another for each name, and never said to be destroyed."""

from __future__ import annotations

import hmac

from service.custody.custody import LENGTHS, Kind
from service.custody.derived import Derived

MASTER = "correct horse battery staple, and some more"
KINDS: tuple[Kind, ...] = tuple(LENGTHS)


def test_it_is_hkdf_of_the_name() -> None:
    """RFC 5869 by hand: extract without salt, expand by the purpose and the secret's name."""
    key = hmac.digest(bytes(32), MASTER.encode(), "sha256")
    for kind in KINDS:
        info, out, block = b"redwood/custody/1 " + f"{'a' * 16}.{kind}".encode(), b"", b""
        for number in range(1, 4):
            block = hmac.digest(key, block + info + bytes([number]), "sha256")
            out += block
        assert Derived(MASTER).get("a" * 16, kind) == out[: LENGTHS[kind]]


def test_it_is_the_same_each_time_and_another_for_each_name() -> None:
    made = [Derived(MASTER).make(pulse, kind) for pulse in ("a" * 16, "b" * 16) for kind in KINDS]
    assert made == [Derived(MASTER).get(pulse, kind) for pulse in ("a" * 16, "b" * 16) for kind in KINDS]
    starts = {it[:32] for it in made} | {Derived(MASTER + "!").get("a" * 16, kind)[:32] for kind in KINDS}
    assert len(starts) == 3 * len(KINDS)


def test_it_cannot_be_destroyed_and_says_so() -> None:
    keeper = Derived(MASTER)
    before = keeper.get("a" * 16, "close")
    assert keeper.destroy("a" * 16, "close") is False
    assert keeper.get("a" * 16, "close") == before
    [worry] = keeper.worries(None)
    assert "cannot be destroyed" in worry
    assert MASTER not in worry
