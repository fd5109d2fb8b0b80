"""Which sums may be shown exactly, and where a bound takes their place: near unanimity tells on everybody.

Whoever knows that five people's answers sum to 24 on a scale to 5 knows each of them to a point. A sum is shown only
where it lies so far inside what the scale allows that every respondent keeps three possible answers (all there are,
on a shorter scale), and so does what subtraction leaves. A group nearer to an end shows that it is near, and no
more: "at least 4.6". The bound covers every case in which this rule applies to a group by itself, so that there
knowing the rule adds nothing; beside other groups' figures, that a group shows a bound or nothing can add something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.release.shape import settled
from service.release.tree import Flags, Ints, atoms, folded, totals

#: Least number of answers every respondent may still have given.
POSSIBLE = 3


@dataclass(frozen=True)
class Edges:
    """Of the units of a tree, for one item: whose sum is shown `exactly`, whose only as `near_top` or `near_bottom`
    of the scale; `free` is each unit's own histogram (units x points) without people in groups near an end."""

    exactly: Flags
    near_top: Flags
    near_bottom: Flags
    free: Ints


def room(points: int) -> int:
    """How far, in scale units, a sum keeps from either end: p - 1 to leave everybody p possible answers.

    With sum n + r of n answers from 1 up, one of them may be anything from 1 to r + 1; and so from the other end.
    """
    return min(POSSIBLE, points) - 1


def lawful(n: Any, total: Any, points: int) -> Any:
    """Whether n answers on 1..`points` that sum to `total` may be known to (one more than `room` inside, or nobody)."""
    return (n == 0) | ((total - n > room(points)) & (points * n - total > room(points)))


def edges(parents: Sequence[int], summed: Flags, histograms: Ints) -> Edges:
    """`summed` are the units whose sum counts allow; `histograms` (units x points) each unit's own people.

    A group near an end shows its bound only where the others of its residual hold answers that its members could
    have swapped with theirs: then a swap, which no published figure sees, gives every member three answers.
    Otherwise it shows nothing and its people count with those others.
    """
    points = histograms.shape[1]
    scale = np.arange(1, points + 1)
    n, total = histograms.sum(1), histograms @ scale

    def inside(n: Any, total: Any) -> Any:
        return lawful(n, total, points)

    exactly = settled(parents, summed, [n, total], inside)
    below_n, below_total = totals(parents, n), totals(parents, total)
    withdrawn = summed & ~exactly & (below_n > 0)
    top = withdrawn & (points * below_n - below_total <= room(points))
    bottom = withdrawn & (below_total - below_n <= room(points))
    if not (top | bottom).any():
        return Edges(exactly, top, bottom, histograms)
    return _swappable(parents, exactly, top, bottom, histograms)


def _swappable(parents: Sequence[int], exactly: Flags, top: Flags, bottom: Flags, histograms: Ints) -> Edges:
    atom = atoms(parents, exactly)
    highest = _highest(parents, top | bottom, atom)
    free = np.where((highest >= 0)[:, np.newaxis], 0, histograms)
    beside = folded(atom, free)
    bad = np.zeros(len(parents), np.bool_)
    for unit in np.flatnonzero(highest == np.arange(len(parents))):
        # The greatest group near an end decides for those inside it; above the topmost exact sum nothing binds.
        others = beside[atom[unit]][:: -1 if top[unit] else 1]
        spare = room(len(others))
        bad[unit] = atom[unit] >= 0 and (others[0] < spare or (others[1 : spare + 1] < 1).any())
    dropped = np.isin(atom, np.unique(atom[bad])) & (atom >= 0)
    return Edges(exactly, top & ~dropped, bottom & ~dropped, np.where(dropped[:, np.newaxis], histograms, free))


def _highest(parents: Sequence[int], near: Flags, atom: Ints) -> Ints:
    """For each unit the highest group near an end that it is in, within its residual; -1 where there is none."""
    flags: list[bool] = near.tolist()
    own: list[int] = atom.tolist()
    highest: list[int] = []
    for unit, flag in enumerate(flags):
        above = parents[unit]
        inherited = highest[above] if above >= 0 and own[above] == own[unit] else -1
        highest.append(inherited if inherited >= 0 else unit if flag else -1)
    return np.array(highest, np.int64)
