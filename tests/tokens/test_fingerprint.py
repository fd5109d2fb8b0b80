"""The fingerprint over all keys: a path climbs to it from its own leaf, and from nothing else."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tokens import fingerprint

COUNTS = range(1, 41)


def keys_of(count: int) -> dict[str, bytes]:
    chance = random.Random(count)
    names = [f"unit-{place}" if place % 3 else f"Abteilung Ä{place}" for place in range(count)]
    chance.shuffle(names)
    return {name: chance.randbytes(32) for name in names}


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, with the split found by counting up."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


@pytest.mark.parametrize("count", COUNTS)
def test_the_root_is_what_the_rfc_says(count: int) -> None:
    keys = keys_of(count)
    named = sorted((name.encode(), key) for name, key in keys.items())
    leaves = [len(name).to_bytes(4, "big") + name + key for name, key in named]
    assert fingerprint.root(keys) == by_definition(leaves)


@pytest.mark.parametrize("count", COUNTS)
def test_every_path_climbs_to_the_root_and_is_short(count: int) -> None:
    keys = keys_of(count)
    root = fingerprint.root(keys)
    paths = fingerprint.paths(keys)
    assert paths.keys() == keys.keys()
    for unit, key in keys.items():
        assert fingerprint.climbed(unit, key, paths[unit]) == root
        assert len(paths[unit]) <= (count - 1).bit_length()


def test_one_unit_is_its_own_leaf() -> None:
    root = fingerprint.root({"only": b"k" * 32})
    assert not fingerprint.paths({"only": b"k" * 32})["only"]
    assert root == hashlib.sha256(b"\x00" + b"\x00\x00\x00\x04only" + b"k" * 32).digest()


@pytest.mark.parametrize("count", COUNTS)
def test_the_path_of_one_unit_shows_no_other(count: int) -> None:
    keys = keys_of(count)
    root = fingerprint.root(keys)
    paths = fingerprint.paths(keys)
    for unit in keys:
        climbing = [other for other in keys if fingerprint.climbed(unit, keys[unit], paths[other]) == root]
        assert climbing == [unit]
        assert all(fingerprint.climbed(unit, keys[other], paths[unit]) != root for other in keys if other != unit)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 33])
def test_any_step_bent_leads_elsewhere(count: int) -> None:
    keys = keys_of(count)
    root = fingerprint.root(keys)
    for unit, steps in fingerprint.paths(keys).items():
        key = keys[unit]
        assert fingerprint.climbed(unit + " ", key, steps) != root
        assert fingerprint.climbed(unit, bytes([key[0] ^ 1]) + key[1:], steps) != root
        for place, (side, sibling) in enumerate(steps):
            for bent in (
                [("left" if side == "right" else "right", sibling)],
                [(side, bytes([sibling[0] ^ 1]) + sibling[1:])],
                [],
                [(side, sibling)] * 2,
            ):
                assert fingerprint.climbed(unit, key, [*steps[:place], *bent, *steps[place + 1 :]]) != root


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=9), st.binary(min_size=32, max_size=32), min_size=1)
)
def test_neither_order_nor_names_of_units_confuse_it(keys: dict[str, bytes]) -> None:
    root = fingerprint.root(keys)
    assert fingerprint.root(dict(reversed(keys.items()))) == root
    for unit, steps in fingerprint.paths(keys).items():
        assert fingerprint.climbed(unit, keys[unit], steps) == root


def test_a_key_more_or_another_changes_it() -> None:
    keys = keys_of(12)
    roots = {fingerprint.root(keys)}
    for unit in keys:
        roots.add(fingerprint.root({**keys, unit: bytes(32)}))
        roots.add(fingerprint.root({name: key for name, key in keys.items() if name != unit}))
        roots.add(
            fingerprint.root({**{name: key for name, key in keys.items() if name != unit}, unit + "x": keys[unit]})
        )
    assert len(roots) == 1 + 3 * len(keys)


def test_a_leaf_is_never_a_node() -> None:
    """A tree that shows a node as a leaf could hide units: the first byte tells them apart."""
    keys = {"a": b"1" * 32, "b": b"2" * 32}
    left, right = (hashlib.sha256(b"\x00" + b"\x00\x00\x00\x01" + it.encode() + keys[it]).digest() for it in keys)
    assert fingerprint.root(keys) == hashlib.sha256(b"\x01" + left + right).digest()
    assert fingerprint.root({"": right}) != fingerprint.root(keys)
