"""The fingerprint over all keys: a path climbs to it from its own leaf, and no tree has two keys of one unit."""

from __future__ import annotations

import hashlib
import random
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tokens import fingerprint
from service.tokens.fingerprint import Step
from tests.tokens import by_hand
from tests.tokens.by_hand import EMPTY, Leaf, Pair, Tree

COUNTS = range(1, 41)
ONE, TWO = b"1" * 32, b"2" * 32


def keys_of(count: int) -> dict[str, bytes]:
    chance = random.Random(count)
    names = [f"unit-{place}" if place % 3 else f"Abteilung Ä{place}" for place in range(count)]
    chance.shuffle(names)
    return {name: chance.randbytes(32) for name in names}


def shared(one: str, other: str) -> int:
    """How many bits of their places agree before the first that does not."""
    bits = zip(by_hand.bits(one), by_hand.bits(other), strict=True)
    return next(depth for depth, (first, second) in enumerate(bits) if first != second)


# An honest tree.


@pytest.mark.parametrize("count", COUNTS)
def test_the_tree_is_the_one_that_is_told(count: int) -> None:
    keys = keys_of(count)
    tree = by_hand.told(keys)
    assert fingerprint.root(keys) == by_hand.digest(tree)
    assert fingerprint.paths(keys) == {it.unit: way for it, way in by_hand.ways(tree)}


@pytest.mark.parametrize("count", COUNTS)
def test_every_path_climbs_to_the_root_and_is_as_long_as_it_has_to_be(count: int) -> None:
    keys = keys_of(count)
    root = fingerprint.root(keys)
    paths = fingerprint.paths(keys)
    assert paths.keys() == keys.keys()
    for unit, key in keys.items():
        assert fingerprint.climbed(unit, key, paths[unit]) == root
        assert len(paths[unit]) == max((shared(unit, other) + 1 for other in keys if other != unit), default=0)


def test_one_unit_is_its_own_leaf() -> None:
    root = fingerprint.root({"only": ONE})
    assert fingerprint.paths({"only": ONE}) == {"only": ()}
    assert root == hashlib.sha256(b"\x00" + b"\x00\x00\x00\x04only" + ONE).digest()


def neighbours() -> tuple[str, str]:
    """Of some thousand units the two whose places agree the longest."""
    units = sorted((f"unit-{place}" for place in range(3_000)), key=by_hand.bits)
    return max(pairwise(units), key=lambda pair: shared(*pair))


def test_two_that_stand_close_have_a_long_way_past_empty_sides() -> None:
    one, other = neighbours()
    keys = {one: ONE, other: TWO}
    (deepest, *rest) = fingerprint.paths(keys)[one]
    assert deepest[1] == by_hand.leaf(other, TWO)
    assert len(rest) == shared(one, other) > 15
    assert {sibling for _, sibling in rest} == {EMPTY}
    assert {side for side, _ in rest} == {"left", "right"}
    assert fingerprint.climbed(one, ONE, [deepest, *rest]) == by_hand.digest(by_hand.told(keys))


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=9), st.binary(min_size=32, max_size=32), min_size=1)
)
def test_neither_order_nor_names_of_units_confuse_it(keys: dict[str, bytes]) -> None:
    root = fingerprint.root(keys)
    assert fingerprint.root(dict(reversed(keys.items()))) == root == by_hand.digest(by_hand.told(keys))
    for unit, steps in fingerprint.paths(keys).items():
        assert fingerprint.climbed(unit, keys[unit], steps) == root


def test_a_key_more_or_another_changes_it() -> None:
    keys = keys_of(12)
    roots = {fingerprint.root(keys)}
    for unit in keys:
        others = {name: key for name, key in keys.items() if name != unit}
        roots.add(fingerprint.root({**keys, unit: bytes(32)}))
        roots.add(fingerprint.root(others))
        roots.add(fingerprint.root({**others, unit + "x": keys[unit]}))
    assert len(roots) == 1 + 3 * len(keys)


# A path that was tampered with.


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
        for place, step in enumerate(steps):
            for bent in instead_of(step):
                assert fingerprint.climbed(unit, key, [*steps[:place], *bent, *steps[place + 1 :]]) != root


def instead_of(step: Step) -> list[list[Step]]:
    side, sibling = step
    (turned,) = by_hand.turned([step])
    swapped: list[list[Step]] = [[(side, bytes([sibling[0] ^ 1]) + sibling[1:])], [(side, sibling[:-1])], [turned], []]
    doubled: list[list[Step]] = [[step, step], [turned, step], [(side, EMPTY), step], [(turned[0], EMPTY), step]]
    return swapped + doubled + ([[(side, EMPTY)]] if sibling != EMPTY else [])


@pytest.mark.parametrize("count", [1, 2, 5, 33])
def test_a_path_of_another_length_leads_elsewhere(count: int) -> None:
    keys = keys_of(count)
    root = fingerprint.root(keys)
    for unit, steps in fingerprint.paths(keys).items():
        said = [steps[cut:] for cut in range(1, len(steps) + 1)] + [steps[:cut] for cut in range(len(steps))]
        for sibling, more in product((EMPTY, root), range(1, 9)):
            longer = by_hand.steps(unit, [sibling] * (len(steps) + more))
            said += [(*longer[:more], *steps), (*steps, *longer[len(steps) :])]
            # The one that has the right sides all the way: its own siblings, further down.
            said.append(tuple(by_hand.steps(unit, [*(it for _, it in steps), *[sibling] * more])))
        assert not any(fingerprint.climbed(unit, keys[unit], way) == root for way in said)


@pytest.mark.parametrize("unit", ["north", "south"])
def test_sides_are_the_place_s_and_not_the_path_s(unit: str) -> None:
    """Of all ways past the same siblings one is the unit's; the others lead somewhere, but not a client."""
    own = by_hand.steps(unit, [bytes([it]) * 32 for it in range(8)])
    for way in product(*zip(own, by_hand.turned(own), strict=True)):
        taken = fingerprint.climbed(unit, ONE, way)
        assert taken == (by_hand.up(by_hand.leaf(unit, ONE), own) if list(way) == own else None)


def test_a_path_has_no_more_steps_than_a_place_has_bits() -> None:
    deepest = by_hand.steps("north", [EMPTY] * 256)
    assert fingerprint.climbed("north", ONE, deepest) == by_hand.up(by_hand.leaf("north", ONE), deepest)
    for more in (deepest[:1], by_hand.turned(deepest[:1]), deepest, deepest * 20):
        assert fingerprint.climbed("north", ONE, more + deepest) is None
        assert fingerprint.climbed("north", ONE, deepest + more) is None


# A tree made to hold a unit twice. Whoever makes it may put leaves anywhere, and tell a client of any hash in it.


def taken(unit: str, tree: Tree, most: int = 4) -> set[bytes]:
    """The keys that a client takes for the unit's under this tree, of all it could be told in so many steps."""
    root = by_hand.digest(tree)
    found = {it.key for it, way in by_hand.ways(tree) if fingerprint.climbed(unit, it.key, way) == root}
    for length in range(most + 1):
        for siblings in product(hashes_of(tree), repeat=length):
            way = by_hand.steps(unit, siblings)
            found |= {key for key in (ONE, TWO) if fingerprint.climbed(unit, key, way) == root}
    return found


def hashes_of(tree: Tree) -> set[bytes]:
    below = hashes_of(tree.left) | hashes_of(tree.right) if isinstance(tree, Pair) else set()
    return below | {EMPTY, by_hand.digest(tree)}


def leaf_of(it: Leaf) -> bytes:
    return by_hand.leaf(it.unit, it.key)


def down(unit: str, depth: int, tree: Tree, beside: Tree = None) -> Tree:
    """`tree` at the unit's place in this depth; beside every step the same."""
    for bit in reversed(by_hand.bits(unit)[:depth]):
        tree = Pair(beside, tree) if bit == "1" else Pair(tree, beside)
    return tree


UNIT, USUAL, TAGGED, OTHER = "north", Leaf("north", ONE), Leaf("north", TWO), Leaf("south", TWO)
TWICE = {
    "side by side": Pair(USUAL, TAGGED),
    "side by side, turned": Pair(TAGGED, USUAL),
    "at the place and across from it": down(UNIT, 3, USUAL, TAGGED),
    "at the place and across, turned": down(UNIT, 3, TAGGED, USUAL),
    "far apart": Pair(Pair(USUAL, OTHER), Pair(OTHER, TAGGED)),
    "more than twice": Pair(Pair(USUAL, TAGGED), Pair(TAGGED, USUAL)),
    "above and below": Pair(USUAL, Pair(TAGGED, OTHER)),
    "above and below, turned": Pair(Pair(TAGGED, OTHER), USUAL),
    "at the place below, and above across": down(UNIT, 1, Pair(TAGGED, OTHER), USUAL),
    "at the place below, and above across, turned": down(UNIT, 1, Pair(OTHER, TAGGED), USUAL),
    "beside nobody": Pair(Pair(None, USUAL), Pair(TAGGED, None)),
    "both below the place": down(UNIT, 2, Pair(USUAL, TAGGED)),
    "both below the place, turned": down(UNIT, 2, Pair(TAGGED, USUAL)),
    "both below the place, at two depths": down(UNIT, 1, Pair(USUAL, Pair(TAGGED, USUAL))),
}


@pytest.mark.parametrize("name", TWICE)
def test_no_tree_has_two_keys_of_one_unit(name: str) -> None:
    tree = TWICE[name]
    climbing = {it.key for it, way in by_hand.ways(tree) if by_hand.up(leaf_of(it), way) == by_hand.digest(tree)}
    assert climbing == {ONE, TWO}, "whoever takes sides as they come would take both"
    assert len(taken(UNIT, tree)) <= 1


def test_what_stands_right_is_taken() -> None:
    """The search above finds what there is to find: of both keys the one at the unit's place, however deep."""
    for usual, other in ((ONE, TWO), (TWO, ONE)):
        for depth in range(1, 5):
            assert taken(UNIT, down(UNIT, depth, Leaf(UNIT, usual), Leaf(UNIT, other))) == {usual}


@given(
    st.recursive(
        st.sampled_from([None, USUAL, TAGGED, OTHER, Leaf("west", ONE)]),
        lambda below: st.builds(Pair, below, below),
        max_leaves=24,
    )
)
def test_nor_has_any_tree_made_by_chance(tree: Tree) -> None:
    for unit in (UNIT, "south", "west"):
        assert len(taken(unit, tree, most=1)) <= 1


@pytest.mark.parametrize("above", [0, 1, 2, 7, 100, 254, 255])
@pytest.mark.parametrize("below", [1, 2, 8, 101, 255, 256])
def test_a_key_above_and_another_below_have_no_root_in_common(above: int, below: int) -> None:
    """Where the one needs a leaf the other needs a node, and the first byte under a hash tells them apart."""
    for beside in (EMPTY, leaf_of(USUAL), leaf_of(TAGGED)):
        high, low = (by_hand.steps(UNIT, [beside] * depth) for depth in (above, below))
        ends = [fingerprint.climbed(UNIT, ONE, high), fingerprint.climbed(UNIT, TWO, low)]
        assert None not in ends
        assert ends[0] != ends[1]


def test_a_node_shown_as_a_leaf_or_a_leaf_as_a_node_leads_nowhere() -> None:
    left, right = leaf_of(USUAL), leaf_of(TAGGED)
    root = by_hand.node(left, right)
    said = (left, right, root, EMPTY)
    for unit, key in product(("", UNIT, left.hex()), (*said, left + right, b"\x01" + left + right)):
        ways = [siblings for length in range(3) for siblings in product(said, repeat=length)]
        assert all(fingerprint.climbed(unit, key, by_hand.steps(unit, siblings)) != root for siblings in ways)


def test_a_leaf_and_a_node_of_the_same_bytes_are_two() -> None:
    """A node whose two sides, one after the other, are a unit and a key as a leaf has them."""
    unit = "u" * 28
    sides = len(unit).to_bytes(4, "big") + unit.encode(), ONE
    assert fingerprint.climbed(unit, ONE, ()) == hashlib.sha256(b"\0" + sides[0] + sides[1]).digest()
    assert fingerprint.climbed(unit, ONE, ()) != by_hand.node(*sides)


def test_units_and_keys_are_not_read_into_each_other() -> None:
    """The leaf says where the one ends and the other begins: no unit's key is a longer unit's."""
    text = UNIT.encode() + ONE
    leaves = {fingerprint.climbed(text[:cut].decode(), text[cut:], ()) for cut in range(len(text))}
    assert len(leaves) == len(text)


def test_nobody_has_a_key_where_nobody_stands() -> None:
    assert [taken(UNIT, tree) for tree in (None, Pair(None, None), down(UNIT, 3, None))] == [set()] * 3
