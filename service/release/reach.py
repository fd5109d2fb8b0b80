"""How far sums let an answer range, by linear programmes: for who is counted in the groups nearest to an end.

With slices an answer is hemmed in by several sums at once, and no rule on single groups sees all of that. What a
respondent may have answered lies between the least and the most that her cell's sum can be while every published sum
of the neighbourhood stays what it is (Fischetti and Salazar 2001 call it the protection interval of a cell).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from service.release.edge import POSSIBLE
from service.release.tree import Ints, totals

#: Of each item so many cells are looked at, those in groups at most `_NEAR` from an end, the nearest first; in an
#: organisation of no more than `_SMALL` cells every one.
_LOOKED_AT, _NEAR, _SMALL = 6, 5, 40
#: A neighbourhood is the greatest part of the tree around a cell that has at most so many cells.
_CELLS = 100


class Group(NamedTuple):
    """A unit, or with a family and value its slice (positions; -1 for none), and what its sum is known to lie
    between, in points from 1 up."""

    unit: int
    family: int
    value: int
    least: int
    most: int


@dataclass(frozen=True)
class Knowledge:
    """One item as seen by who knows in which cell everybody answered: C cells of `n` answers, in the order of their
    `unit`, with their `values` in each family, and what is published of them."""

    parents: Sequence[int]
    unit: Ints
    values: tuple[Ints, ...]
    n: Ints
    points: int
    groups: Sequence[Group]


def told_on(it: Knowledge) -> tuple[int, list[int]]:
    """How many cells were looked at, and the units in whose parts of the tree somebody is left too few answers."""
    ends = _ends(it.parents)
    near = _nearness(it, ends)
    if len(it.n) <= _SMALL:
        chosen = np.flatnonzero(near < np.iinfo(np.int64).max).tolist()
    else:
        chosen = [cell for cell in np.argsort(near, kind="stable")[:_LOOKED_AT].tolist() if near[cell] <= _NEAR]
    around: dict[int, list[int]] = {}
    for cell in chosen:
        around.setdefault(_neighbourhood(it, ends, int(it.unit[cell])), []).append(cell)
    return len(chosen), [unit for unit, cells in around.items() if _hemmed_in(it, ends, unit, cells)]


def _ends(parents: Sequence[int]) -> Ints:
    """Where each unit's part of the tree ends: units stand depth first."""
    return np.arange(len(parents)) + totals(parents, np.ones(len(parents), np.int64))


def _part(it: Knowledge, ends: Ints, unit: int) -> tuple[int, int]:
    """Where the cells of a unit's part of the tree begin and end: cells stand by unit."""
    first, last = np.searchsorted(it.unit, (unit, ends[unit]))
    return int(first), int(last)


def _cells(it: Knowledge, ends: Ints, group: Group) -> Ints:
    first, last = _part(it, ends, group.unit)
    if group.family < 0:
        return np.arange(first, last)
    return first + np.flatnonzero(it.values[group.family][first:last] == group.value)


def _nearness(it: Knowledge, ends: Ints) -> Ints:
    """Of each cell how near to an end the nearest group is that it is counted in."""
    near = np.full(len(it.n), np.iinfo(np.int64).max)
    for group in it.groups:
        cells = _cells(it, ends, group)
        n = int(it.n[cells].sum())
        near[cells] = np.minimum(near[cells], min(group.most - n, it.points * n - group.least))
    return near


def _neighbourhood(it: Knowledge, ends: Ints, unit: int) -> int:
    around = unit
    while unit >= 0:
        first, last = _part(it, ends, unit)
        if last - first > _CELLS:
            break
        around, unit = unit, it.parents[unit]
    return around


def _hemmed_in(it: Knowledge, ends: Ints, unit: int, cells: Iterable[int]) -> bool:
    # Imported here, because a process that closes no pulse with bands need not carry it.
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    first, last = _part(it, ends, unit)
    groups = [group for group in it.groups if unit <= group.unit < ends[unit]]
    if not groups:
        return False
    rows = [_cells(it, ends, group) - first for group in groups]
    counts = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    matrix = csr_array((np.ones(len(counts)), (counts, np.concatenate(rows))), shape=(len(rows), last - first))
    limits = np.array([[group.least, group.most] for group in groups], np.float64)
    exact = limits[:, 0] == limits[:, 1]
    bounded = matrix[~exact]
    programme = {
        "A_eq": matrix[exact],
        "b_eq": limits[exact, 0],
        "A_ub": None if exact.all() else csr_array(np.vstack((bounded.toarray(), -bounded.toarray()))),
        "b_ub": None if exact.all() else np.concatenate((limits[~exact, 1], -limits[~exact, 0])),
        "bounds": np.stack((it.n[first:last], it.points * it.n[first:last]), axis=1),
    }
    for cell in cells:
        aim = np.zeros(last - first)
        aim[cell - first] = 1.0
        lower, upper = linprog(aim, **programme), linprog(-aim, **programme)
        if not (lower.success and upper.success):
            return True
        least, most = lower.fun, -upper.fun
        others = int(it.n[cell]) - 1
        lowest = max(1, math.ceil(least - 1e-6) - it.points * others)
        highest = min(it.points, math.floor(most + 1e-6) - others)
        if highest - lowest + 1 < min(POSSIBLE, it.points):
            return True
    return False
