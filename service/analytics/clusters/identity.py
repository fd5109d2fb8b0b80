"""An archetype keeps its letter from pulse to pulse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, product
from string import ascii_uppercase

import numpy as np

Profile = Mapping[str, float]

#: More squared points than two profiles can be apart: said of profiles without a block in common.
_ANYWHERE = 1e9


def letters(new: Sequence[Profile], earlier: Mapping[str, Profile], used: Sequence[str]) -> list[str]:
    """A letter for each of the new profiles (points by block).

    New and earlier are paired so that the squared distances, over the blocks both have, sum to the least (Kuhn
    1955, Munkres 1957). A pair as far apart as the two closest earlier archetypes are from each other is no pair, and
    costs no more however far, so that a newcomer does not push the others out of place. Whoever has none gets the
    next letter never `used`.
    """
    kept = _paired(new, earlier)
    fresh = (letter for letter in _alphabet() if letter not in used and letter not in earlier)
    return [kept[position] if position in kept else next(fresh) for position in range(len(new))]


def _paired(new: Sequence[Profile], earlier: Mapping[str, Profile]) -> dict[int, str]:
    from scipy.optimize import linear_sum_assignment

    if not new or not earlier:
        return {}
    names = list(earlier)
    cost = np.array([[_distance(profile, earlier[name]) for name in names] for profile in new])
    reach = min((_distance(earlier[a], earlier[b]) for a in names for b in names if a < b), default=_ANYWHERE)
    pairs = zip(*linear_sum_assignment(np.minimum(cost, reach)), strict=True)
    return {int(row): names[column] for row, column in pairs if cost[row, column] < reach}


def _distance(one: Profile, other: Profile) -> float:
    """Squared points."""
    shared = one.keys() & other.keys()
    return sum((one[block] - other[block]) ** 2 for block in shared) if shared else _ANYWHERE


def _alphabet() -> Iterator[str]:
    """A to Z, then AA, AB and so on."""
    for length in count(1):
        yield from map("".join, product(ascii_uppercase, repeat=length))
