"""One fingerprint over the keys of all units: a Merkle tree in which a unit has one place, so that it has one key.

Everybody must be given the key everybody else is given. The fingerprint is fixed in the policy's hash before anybody
answers; a path of a few hashes shows that a unit's key is under it. Where a unit stands is said by the bits of its
id's SHA-256, from the root downwards, as far as needed to be alone there: a service that put a unit into the tree
twice, to know its people by their keys, would have to put two leaves into one place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

#: A sibling's hash, and on which side of the way up it stands.
Step = tuple[Literal["left", "right"], bytes]

#: Where no unit stands.
EMPTY = bytes(32)
#: Steps of the longest way there can be: a place has so many bits.
DEEPEST = 256

#: A unit's place, its id, its leaf.
_Placed = tuple[bytes, str, bytes]


def root(keys: Mapping[str, bytes]) -> bytes:
    """SHA-256 of the tree over the units' public keys. `keys` is not empty."""
    return _climbs(_placed(keys), 0)[0]


def paths(keys: Mapping[str, bytes]) -> dict[str, tuple[Step, ...]]:
    """For each unit the siblings from its leaf up to the root."""
    return {unit: tuple(way) for unit, way in _climbs(_placed(keys), 0)[1].items()}


def climbed(unit: str, key: bytes, steps: Sequence[Step]) -> bytes | None:
    """Where a unit's key and its path lead to: the fingerprint, or the key is not the published one. None for a path
    that is not the unit's."""
    place, at = _place(unit), _leaf(unit, key)
    if len(steps) > DEEPEST:
        return None
    for depth, (side, sibling) in zip(reversed(range(len(steps))), steps, strict=True):
        if (side == "left") is not _goes_right(place, depth):
            return None
        at = _node(sibling, at) if side == "left" else _node(at, sibling)
    return at


def _placed(keys: Mapping[str, bytes]) -> list[_Placed]:
    return [(_place(unit), unit, _leaf(unit, key)) for unit, key in keys.items()]


def _climbs(placed: Sequence[_Placed], depth: int) -> tuple[bytes, dict[str, list[Step]]]:
    """The root of the tree below `depth` that holds these units, and each one's way up to it."""
    if len(placed) < 2:
        return (placed[0][2], {placed[0][1]: []}) if placed else (EMPTY, {})
    left, lefts = _climbs([it for it in placed if not _goes_right(it[0], depth)], depth + 1)
    right, rights = _climbs([it for it in placed if _goes_right(it[0], depth)], depth + 1)
    for way in lefts.values():
        way.append(("right", right))
    for way in rights.values():
        way.append(("left", left))
    return _node(left, right), lefts | rights


def _place(unit: str) -> bytes:
    return hashlib.sha256(unit.encode()).digest()


def _goes_right(place: bytes, depth: int) -> bool:
    """The bit that says where it goes from this depth; the first is the highest of the first byte."""
    return bool(place[depth // 8] >> (7 - depth % 8) & 1)


def _leaf(unit: str, key: bytes) -> bytes:
    name = unit.encode()
    return hashlib.sha256(b"\0" + len(name).to_bytes(4, "big") + name + key).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
