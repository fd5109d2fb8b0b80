"""The tree over keys a second time, from the text of examples/interop: as it is told, and as somebody would cheat.

A tree is None where nobody stands, a unit with its key, or a pair of trees; nothing here sees to it that a unit stands
where it has to, or once. Steps are as in `service.tokens.fingerprint`, from the leaf to the root.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.tokens.fingerprint import Step

EMPTY = b"\0" * 32


@dataclass(frozen=True)
class Leaf:
    unit: str
    key: bytes


@dataclass(frozen=True)
class Pair:
    left: Tree
    right: Tree


Tree = Leaf | Pair | None


def bits(unit: str) -> str:
    """The unit's place as 256 characters 0 and 1, the root's first."""
    return "".join(f"{octet:08b}" for octet in hashlib.sha256(unit.encode()).digest())


def leaf(unit: str, key: bytes) -> bytes:
    name = unit.encode()
    return hashlib.sha256(b"\x00" + len(name).to_bytes(4, "big") + name + key).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def digest(tree: Tree) -> bytes:
    if tree is None:
        return EMPTY
    if isinstance(tree, Leaf):
        return leaf(tree.unit, tree.key)
    return node(digest(tree.left), digest(tree.right))


def told(keys: Mapping[str, bytes], at: str = "") -> Tree:
    """The tree as it has to be; of its units those below `at`."""
    here = [unit for unit in keys if bits(unit).startswith(at)]
    if len(here) < 2:
        return Leaf(here[0], keys[here[0]]) if here else None
    return Pair(told(keys, at + "0"), told(keys, at + "1"))


def ways(tree: Tree, above: tuple[Step, ...] = ()) -> Iterator[tuple[Leaf, tuple[Step, ...]]]:
    """Every leaf, wherever it stands, with its way up."""
    if isinstance(tree, Leaf):
        yield tree, above
    elif isinstance(tree, Pair):
        yield from ways(tree.left, (("right", digest(tree.right)), *above))
        yield from ways(tree.right, (("left", digest(tree.left)), *above))


def up(at: bytes, way: Sequence[Step]) -> bytes:
    """Where a way leads, whosever it is."""
    for side, sibling in way:
        at = node(sibling, at) if side == "left" else node(at, sibling)
    return at


def steps(unit: str, siblings: Sequence[bytes]) -> list[Step]:
    """The unit's own way past these siblings, the deepest first."""
    sides = reversed(bits(unit)[: len(siblings)])
    return [("left" if bit == "1" else "right", it) for bit, it in zip(sides, siblings, strict=True)]


def turned(way: Sequence[Step]) -> list[Step]:
    return [("left" if side == "right" else "right", sibling) for side, sibling in way]
