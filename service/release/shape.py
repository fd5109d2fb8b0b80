"""Where more than a sum may be shown: the favourable count and the distribution of one item.

A sum with a favourable count can leave a respondent one or two possible answers (five people, sum 20, all
favourable: everyone answered 4), and so can a distribution with nearly everybody in one bucket. Withholding
speaks too: a reader who knows this rule learns that it applied. So each rule withholds a whole end of what the
figures already shown allow, never one telling value.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import product
from operator import and_
from typing import Any

import numpy as np

from service.release.tree import Flags, Ints, atoms, folded, publishable, totals

#: Of one column a statistic, the first n: may this group show its figure? For arrays and single numbers alike.
Rule = Callable[..., Any]


def favourable_shown(parents: Sequence[int], summed: Flags, histograms: Ints, first: int) -> Flags:
    """The units, among those `summed` that show the item's sum, that may show its favourable count too.

    `histograms` (units x points) counts the people directly in each unit's atom; points from position `first` up
    are favourable. In a lawful group the count lies so far inside the range the sums alone allow, that it rules
    out no answer of any respondent beyond what the sums did.
    """
    groups = folded(atoms(parents, summed), histograms)
    low, high = favourable_range(groups, first)
    below, above = margins(histograms.shape[1], first)

    def inside(n: Any, count: Any, least: Any, most: Any) -> Any:
        return (n == 0) | ((least + below <= count) & (count <= most - above))

    return settled(parents, summed, [groups.sum(1), groups[:, first:].sum(1), low, high], inside)


def favourable_range(histograms: Ints, first: int) -> tuple[Ints, Ints]:
    """The least and the most favourable answers that each group's n and sum allow.

    f favourable answers of n, on points 1..P of which g..P are favourable, sum to between g f + (n - f) and
    P f + (g - 1)(n - f).
    """
    points = histograms.shape[1]
    n, total = histograms.sum(1), histograms @ np.arange(1, points + 1)
    low = np.maximum(0, -((n * first - total) // (points - first)))
    return low, np.minimum(n, (total - n) // first)


def margins(points: int, first: int) -> tuple[int, int]:
    """How far fixing one respondent's answer can move the two ends of that range.

    The answer furthest from the bound it should sit at takes up to its distance from the sum, and one favourable
    answer more or less makes up for `points - first` at the lower end and for `first` at the upper.
    """
    distance_fav, distance_other = points - first - 1, first - 1
    reach = max(distance_fav, distance_other)
    return max(1, -(-reach // (points - first))), max(1, -(-reach // first))


def counts_shown(
    parents: Sequence[int], eligible: Flags, histograms: Ints, first: int | None, least: int, told: Flags
) -> Flags:
    """The units among `eligible` that may show the item's distribution.

    Each group has at least `least` respondents and holds none of the groups in which the sums inside would tell
    beside it (`told`). Where favourable counts are shown (`first` given) two people are on either side of
    favourable, and no two answers alone, one on either side, could make the sum: then the group gave at least three,
    which can be read off what is shown already, so that a missing distribution tells nothing new. Elsewhere the
    group gave at least three different answers (all there are on a shorter scale) and has two people outside its
    fullest bucket.
    """
    n = histograms.sum(1)
    # Withdrawing units only ever adds groups up, so each keeps the `least` it has here.
    shown = publishable(parents, n, n, least, eligible)
    points = histograms.shape[1]

    def several(n: Any, told: Any, *buckets: Any) -> Any:
        different = sum((bucket > 0) * 1 for bucket in buckets)
        spread = reduce(and_, (n - bucket >= 2 for bucket in buckets))
        return (n == 0) | ((told == 0) & (different >= min(3, points)) & spread)

    def apart(n: Any, told: Any, good: Any, total: Any) -> Any:
        pairs = product(range(1, (first or 0) + 1), range((first or 0) + 1, points + 1))
        lawful = (told == 0) & (good >= 2) & (n - good >= 2)
        if points == 2:
            return (n == 0) | lawful
        return (n == 0) | reduce(and_, (low * (n - good) + high * good != total for low, high in pairs), lawful)

    if first is None:
        return settled(parents, shown, [n, told * 1, *histograms.T], several)
    total = histograms @ np.arange(1, points + 1)
    return settled(parents, shown, [n, told * 1, histograms[:, first:].sum(1), total], apart)


def settled(parents: Sequence[int], shown: Flags, columns: Sequence[Ints], rule: Rule) -> Flags:
    """`shown` with units withdrawn until every residual passes `rule`; `columns` are each unit's own, n first.

    From the leaves up, a residual that fails takes in the smallest published unit below it, and when there is
    none is withdrawn into the one above: figures nearer the root are kept. Every step withdraws one unit, so it
    ends; what was settled below is only ever taken in whole, so one pass suffices.
    """
    atom_of = atoms(parents, shown)
    sums = [folded(atom_of, column) for column in columns]
    failing = shown & ~np.asarray(rule(*sums), np.bool_)
    if not failing.any():
        return shown
    above = [int(atom_of[parent]) if parent >= 0 else -1 for parent in parents]
    return _withdrawn(above, shown, np.stack(sums, axis=1), failing, totals(parents, columns[0]), rule)


def _withdrawn(above: list[int], shown: Flags, sums: Ints, failing: Flags, below: Ints, rule: Rule) -> Flags:
    kept: list[bool] = shown.tolist()
    fails: list[bool] = failing.tolist()
    size: list[int] = below.tolist()
    held: list[list[int]] = sums.tolist()
    under: dict[int, list[tuple[int, int]]] = {}
    for unit in range(len(kept) - 1, -1, -1):
        if not kept[unit]:
            continue
        children = under.setdefault(unit, [])
        heapq.heapify(children)
        while fails[unit] and children:
            child = heapq.heappop(children)[1]
            kept[child] = False
            held[unit] = _added(held[unit], held[child])
            for grandchild in under.pop(child):
                heapq.heappush(children, grandchild)
            fails[unit] = not rule(*held[unit])
        kept[unit] = not fails[unit]
        parent = above[unit]
        if parent >= 0 and kept[unit]:
            under.setdefault(parent, []).append((size[unit], unit))
        elif parent >= 0:
            held[parent] = _added(held[parent], held[unit])
            fails[parent] = not rule(*held[parent])
    return np.array(kept, np.bool_)


def _added(one: list[int], other: list[int]) -> list[int]:
    return [a + b for a, b in zip(one, other, strict=True)]
