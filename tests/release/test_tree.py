"""The choice of published units against exhaustive search, and its safety against linear algebra."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest

from service.release.tree import atoms, folded, publishable, totals


@dataclass(frozen=True)
class Forest:
    parents: list[int]
    n: list[int]
    headcount: list[int]
    threshold: int

    def inside(self, unit: int) -> frozenset[int]:
        return frozenset(each for each in range(len(self.parents)) if unit in self.line(each))

    def line(self, unit: int) -> list[int]:
        line = []
        while unit >= 0:
            line.append(unit)
            unit = self.parents[unit]
        return line


def forests(count: int, seed: int, units: int = 9) -> Iterator[Forest]:
    """Bushes, chains and separate trees; empty units, units where nobody answered, people in inner units."""
    chance = random.Random(seed)
    for _ in range(count):
        size, reach = chance.randint(1, units), chance.choice((1, 2, 9))
        parents = [-1] + [chance.randrange(max(-1, at - reach), at) for at in range(1, size)]
        headcount = [chance.choice((0, chance.randint(0, 8), chance.randint(0, 3))) for _ in parents]
        n = [chance.choice((0, heads, chance.randint(0, heads))) for heads in headcount]
        yield Forest(parents, n, headcount, chance.randint(2, 6))


def lawful(forest: Forest, chosen: frozenset[int], inside: list[frozenset[int]]) -> bool:
    """By the definition alone: sets of units, minus the published sets within them."""
    for unit in chosen:
        within = [inside[other] for other in chosen if other != unit and other in inside[unit]]
        for part in (inside[unit], inside[unit] - frozenset().union(*within)):
            for weights in (forest.n, forest.headcount):
                weight = sum(weights[each] for each in part)
                if weight < forest.threshold and (weight > 0 or part is inside[unit]):
                    return False
    return True


def best_by_search(forest: Forest) -> tuple[int, int]:
    inside = [forest.inside(unit) for unit in range(len(forest.parents))]
    cover = [sum(forest.n[each] for each in part) for part in inside]
    large = [unit for unit, weight in enumerate(cover) if weight >= forest.threshold]
    choices = (frozenset(some) for count in range(len(large) + 1) for some in combinations(large, count))
    return max((len(some), sum(cover[unit] for unit in some)) for some in choices if lawful(forest, some, inside))


def test_the_choice_is_lawful_and_no_other_is_better() -> None:
    for forest in forests(2500, seed=1):
        shown = publishable(forest.parents, forest.n, forest.headcount, forest.threshold)
        chosen = frozenset(np.flatnonzero(shown).tolist())
        inside = [forest.inside(unit) for unit in range(len(forest.parents))]
        assert lawful(forest, chosen, inside), forest
        reached = len(chosen), sum(forest.n[each] for unit in chosen for each in inside[unit])
        assert reached == best_by_search(forest), forest


def rank(rows: list[list[int]]) -> int:
    """Over the rationals, without fractions: rows are only ever combined with whole factors."""
    rows, found = [row[:] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in rows[found:] if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(found, pivot)
        for at in range(found + 1, len(rows)):
            factor = rows[at][column]
            rows[at] = [pivot[column] * a - factor * b for a, b in zip(rows[at], pivot, strict=True)]
        found += 1
    return found


def least_weight(rows: list[list[int]], weights: list[int], below: int) -> int | None:
    """The fewest people any combination of the rows involves, when fewer than `below`; by trying every set of
    cells: a combination lies inside a set exactly when the rows lose rank outside it."""
    cells = [cell for cell, weight in enumerate(weights) if weight]
    rows = [[row[cell] for cell in cells] for row in rows]
    full = rank(rows)
    least = None
    for count in range(1, len(cells) + 1):
        for some in combinations(range(len(cells)), count):
            weight = sum(weights[cells[at]] for at in some)
            if weight < (least or below):
                outside = [[value for at, value in enumerate(row) if at not in some] for row in rows]
                if rank(outside) < full:
                    least = weight
    return least


def test_no_combination_of_published_units_involves_fewer_than_the_threshold() -> None:
    published = 0
    for forest in forests(500, seed=2, units=8):
        shown = publishable(forest.parents, forest.n, forest.headcount, forest.threshold)
        rows = [[int(unit in forest.line(each)) for each in range(len(shown))] for unit in np.flatnonzero(shown)]
        published += len(rows)
        for weights in (forest.n, forest.headcount):
            assert least_weight(rows, weights, forest.threshold) is None, forest
    assert published > 500


def test_the_search_for_small_combinations_finds_them() -> None:
    assert least_weight([[1, 1, 1], [1, 1, 0]], [5, 5, 2], 5) == 2
    assert least_weight([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [3, 4, 4], 5) == 3


@pytest.mark.parametrize(
    ("parents", "n", "headcount", "expected"),
    [
        ([-1], [4], [9], [False]),
        ([-1], [5], [5], [True]),
        ([-1], [5], [0], [False]),
        ([-1, 0], [0, 5], [0, 5], [True, True]),
        ([-1, 0], [0, 5], [3, 5], [True, False]),
        ([-1, 0], [3, 5], [3, 5], [True, False]),
        ([-1, 0, 0], [0, 6, 3], [0, 6, 3], [True, False, False]),
        ([-1, 0, 0, 0], [0, 6, 7, 3], [0, 6, 7, 3], [True, False, True, False]),
        ([-1, -1], [5, 4], [5, 4], [True, False]),
        ([], [], [], []),
    ],
    ids=[
        "small",
        "just enough",
        "nobody invited",
        "empty rest",
        "few invited above",
        "few above",
        "lone small sibling",
        "complement",
        "apart",
        "no units",
    ],
)
def test_known_choices(parents: list[int], n: list[int], headcount: list[int], expected: list[bool]) -> None:
    assert publishable(parents, n, headcount, 5).tolist() == expected


def test_only_eligible_units_are_chosen() -> None:
    assert publishable([-1, 0, 0], [0, 6, 6], [0, 6, 6], 5, [True, False, True]).tolist() == [True, False, True]


def test_depth_and_width_need_no_recursion() -> None:
    size = 10_000
    chain = publishable(range(-1, size - 1), [1] * size, [1] * size, 5)
    assert int(chain.sum()) == size // 5
    wide = publishable([-1] + [0] * size, [0] + [4, 6] * (size // 2), [0] + [4, 6] * (size // 2), 5)
    assert int(wide.sum()) == 1 + size // 2


def test_atoms_totals_and_folding() -> None:
    parents = [-1, 0, 1, 1, -1, 4]
    atom_of = atoms(parents, [True, False, True, False, False, True])
    assert atom_of.tolist() == [0, 0, 2, 0, -1, 5]
    assert totals(parents, [1, 2, 3, 4, 5, 6]).tolist() == [10, 9, 3, 4, 11, 6]
    assert folded(atom_of, [1, 2, 3, 4, 5, 6]).tolist() == [7, 0, 3, 0, 0, 6]
