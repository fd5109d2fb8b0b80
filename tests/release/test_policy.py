"""The hash that binds a pulse: every promise moves it, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.release.policy import Policy, digest_of, policy_document
from service.survey.pulse import Band
from service.survey.roster import Roster, Unit, arranged

UNITS = (Unit("a", "Ash", None, 3), Unit("b", "Birch", "a", 9))
TENURE = Band("tenure", ("0-1y", "1-3y"))


def digest(
    threshold: int = 5,
    items: tuple[str, ...] = ("PS1", "PS2"),
    bands: tuple[Band, ...] = (TENURE,),
    version: str = "1",
    units: tuple[Unit, ...] = UNITS,
) -> str:
    return digest_of(policy_document(Policy(threshold), items, bands, "base", version, Roster(units)))


def test_the_same_promises_have_the_same_hash() -> None:
    assert digest() == digest()
    assert len(digest()) == 64
    assert digest(units=arranged(reversed(UNITS)).units) == digest()
    assert digest(units=(UNITS[0], replace(UNITS[1], name="Beech"))) == digest()


def test_headcounts_cannot_be_guessed_from_the_hash() -> None:
    assert digest(units=(UNITS[0], replace(UNITS[1], headcount=10))) == digest()


@pytest.mark.parametrize(
    "other",
    [
        {"threshold": 6},
        {"items": ("PS1",)},
        {"items": ("PS2", "PS1")},
        {"bands": ()},
        {"bands": (Band("tenure", ("0-1y", "1-4y")),)},
        {"version": "2"},
        {"units": UNITS[:1]},
        {"units": (UNITS[0], replace(UNITS[1], parent=None))},
    ],
)
def test_every_other_promise_has_another_hash(other: dict) -> None:
    assert digest(**other) != digest()
