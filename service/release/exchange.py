"""Whether a distribution beside the sums of groups inside it tells what the members of one of them answered.

Two answers in a group may be exchanged for two in another that add up to the same: neither sum changes, nor does
anything that counts both groups together. And within a group everybody may have given what anybody gave. So a
member of a group keeps three possible answers where the group gave three, and where it gave fewer if some other group
could give it a third by such an exchange.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np

from service.release.edge import POSSIBLE
from service.release.tree import Flags, Ints, atoms, folded


def telling(parents: Sequence[int], summed: Flags, together: Flags, histograms: Ints) -> Flags:
    """The units of `together` in which the sums of the units `summed` would tell beside a distribution.

    `together` are the units whose figures count all at once what the groups inside exchange; `histograms` (units x
    points) are each unit's own people. One flag a unit.
    """
    points = histograms.shape[1]
    groups = folded(atoms(parents, summed), histograms)
    above = atoms(parents, together)
    pairs = list(combinations_with_replacement(range(points), 2))
    holding = _holding(groups, pairs)
    # For each unit of `together` how many groups inside hold each pair of answers.
    beside = folded(np.where(summed, above, -1), holding.astype(np.int64))
    found = np.zeros(len(parents), np.bool_)
    different = (groups > 0).sum(1)
    for unit in np.flatnonzero(summed & (different > 0) & (different < min(POSSIBLE, points)) & (above >= 0)):
        own = set(np.flatnonzero(groups[unit]).tolist())
        sums = {sum(pair) for pair, held in zip(pairs, holding[unit], strict=True) if held}
        others = beside[above[unit]] - holding[unit]
        third = any(
            others[at] and sum(pair) in sums and len(own | set(pair)) >= POSSIBLE for at, pair in enumerate(pairs)
        )
        found[above[unit]] |= not third
    return found


def _holding(groups: Ints, pairs: Sequence[tuple[int, int]]) -> Flags:
    """Which groups hold both answers of each pair, two people's if they are the same: groups x pairs."""
    columns = [
        groups[:, one] >= 2 if one == other else (groups[:, one] >= 1) & (groups[:, other] >= 1) for one, other in pairs
    ]
    return np.stack(columns, axis=1)
