"""Row reduction over a prime field: what follows from the equations that a tree's published figures are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from service.release.basis import PRIME, subtract

#: Coefficients by column; columns below 0 hold known right-hand sides and are never solved for.
Equation = dict[int, int]

#: Equations are solved in branches of at most so many units, and in so many units altogether.
BRANCH, TRIED = 60, 2000


def reduced(equations: Iterable[Equation]) -> list[Equation]:
    """The reduced row echelon form, up to the order of rows and columns; dependent equations vanish."""
    solved: dict[int, Equation] = {}
    for equation in equations:
        rest = dict(equation)
        for column in [column for column in rest if column in solved]:
            subtract(rest, rest[column], solved[column].items())
        pivot = next((column for column in rest if column >= 0), None)
        if pivot is None:
            continue
        inverse = pow(rest[pivot], -1, PRIME)
        rest = {column: value * inverse % PRIME for column, value in rest.items()}
        for other in solved.values():
            if pivot in other:
                subtract(other, other[pivot], rest.items())
        solved[pivot] = rest
    return list(solved.values())


def branches_of(tree: list[int]) -> Iterator[set[int]]:
    """The greatest subtrees of at most BRANCH units, the first of them until TRIED units are covered."""
    size = [1] * len(tree)
    for unit in range(len(tree) - 1, -1, -1):
        if tree[unit] >= 0:
            size[tree[unit]] += size[unit]
    top: list[int] = []
    branches: dict[int, set[int]] = {}
    for unit, up in enumerate(tree):
        top.append(-1 if size[unit] > BRANCH else top[up] if up >= 0 and top[up] >= 0 else unit)
        if top[unit] >= 0:
            branches.setdefault(top[unit], set()).add(unit)
    covered = 0
    for branch in branches.values():
        covered += len(branch)
        if covered > TRIED:
            return
        yield branch


def equations_of(tree: list[int], members: set[int], published: dict[int, list[int]]) -> list[Equation]:
    """One equation a published member: the sum over the units in it equals its figures (columns -1, -2, ...)."""
    rows = {
        unit: {-1 - column: value for column, value in enumerate(published[unit])}
        for unit in members
        if unit in published
    }
    for member in members:
        unit = member
        while unit in members:
            if unit in rows:
                rows[unit][member] = 1
            unit = tree[unit]
    return [rows[unit] for unit in sorted(rows, reverse=True)]
