"""One fingerprint over the keys of all units: a Merkle tree (RFC 6962, 2.1), so that a phone need not fetch them all.

Everybody must be given the key everybody else is given. The fingerprint is fixed in the policy's hash before anybody
answers; a path of a few hashes shows that a unit's key is under it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

#: A sibling's hash, and on which side of the way up it stands.
Step = tuple[Literal["left", "right"], bytes]


def root(keys: Mapping[str, bytes]) -> bytes:
    """SHA-256 of the tree over the units' public keys, in the order of their ids' UTF-8. `keys` is not empty."""
    return _climbs(_leaves(keys))[0]


def paths(keys: Mapping[str, bytes]) -> dict[str, tuple[Step, ...]]:
    """For each unit the siblings from its leaf up to the root."""
    _, ways = _climbs(_leaves(keys))
    return dict(zip(sorted(keys, key=str.encode), map(tuple, ways), strict=True))


def climbed(unit: str, key: bytes, steps: Sequence[Step]) -> bytes:
    """Where a unit's key and its path lead to: the fingerprint, or the key is not the published one."""
    at = _leaf(unit, key)
    for side, sibling in steps:
        at = _node(sibling, at) if side == "left" else _node(at, sibling)
    return at


def _leaves(keys: Mapping[str, bytes]) -> list[bytes]:
    return [_leaf(unit, keys[unit]) for unit in sorted(keys, key=str.encode)]


def _leaf(unit: str, key: bytes) -> bytes:
    name = unit.encode()
    return hashlib.sha256(b"\0" + len(name).to_bytes(4, "big") + name + key).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _half(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _climbs(leaves: Sequence[bytes]) -> tuple[bytes, list[list[Step]]]:
    """The root of these leaves, and each one's way up to it."""
    if len(leaves) == 1:
        return leaves[0], [[]]
    half = _half(len(leaves))
    (left, lefts), (right, rights) = _climbs(leaves[:half]), _climbs(leaves[half:])
    ways: list[list[Step]] = [[*way, ("right", right)] for way in lefts]
    ways += [[*way, ("left", left)] for way in rights]
    return _node(left, right), ways
