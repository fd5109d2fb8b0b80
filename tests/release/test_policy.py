"""The hash that binds a pulse: every promise moves it, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.release.policy import Keys, digest_of, policy_document
from service.survey.pulse import Band, Pool, Pulse, State
from service.survey.roster import Roster, Unit, arranged
from tests.survey.asked import INSTRUMENT

UNITS = (Unit("a", "Ash", None, 3), Unit("b", "Birch", "a", 9))
TENURE = Band("tenure", ("0-1y", "1-3y"))
SITE = Band("site", ("north", "south"))
POOLS = (Pool("p", "Both", ("b", "c")),)


PULSE = Pulse(
    id="p1",
    organisation="o1",
    label="Spring",
    series="s",
    instrument=INSTRUMENT,
    items=("A1", "A2"),
    bands=(TENURE, SITE),
    threshold=5,
    state=State.DRAFT,
    crosses=(("tenure", "site"),),
    classes={"b": {"tenure": {"0-1y": 4, "1-3y": 5}}},
    pools=POOLS,
)


KEYS = Keys("ristretto255-SHA512", "ab" * 32, "cd" * 32)


def digest(units: tuple[Unit, ...] = UNITS, keys: Keys = KEYS, **changes: Any) -> str:
    return digest_of(policy_document(replace(PULSE, **changes), Roster(units), keys))


def test_the_same_promises_have_the_same_hash() -> None:
    assert digest() == digest()
    assert len(digest()) == 64
    assert digest(units=arranged(reversed(UNITS)).units) == digest()
    assert digest(units=(UNITS[0], replace(UNITS[1], name="Beech"))) == digest()
    assert digest(pools=(replace(POOLS[0], name="The two"),)) == digest()


def test_small_numbers_cannot_be_guessed_from_the_hash() -> None:
    assert digest(units=(UNITS[0], replace(UNITS[1], headcount=10))) == digest()
    assert digest(classes={"b": {"tenure": {"0-1y": 3, "1-3y": 6}}}) == digest()


@pytest.mark.parametrize(
    "other",
    [
        {"threshold": 6},
        {"tokens": ("plain",)},
        {"keys": replace(KEYS, fingerprint="ef" * 32)},
        {"keys": replace(KEYS, sealed_to="ef" * 32)},
        {"items": ("A1",)},
        {"items": ("A2", "A1")},
        {"bands": ()},
        {"bands": (Band("tenure", ("0-1y", "1-4y")), SITE)},
        {"crosses": ()},
        {"crosses": (("site", "tenure"),)},
        {"pools": ()},
        {"pools": (Pool("q", "Both", ("b", "c")),)},
        {"pools": (Pool("p", "Both", ("b", "d")),)},
        {"instrument": replace(INSTRUMENT, version="2")},
        {"units": UNITS[:1]},
        {"units": (UNITS[0], replace(UNITS[1], parent=None))},
    ],
)
def test_every_other_promise_has_another_hash(other: dict[str, Any]) -> None:
    assert digest(**other) != digest()
