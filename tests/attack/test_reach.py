"""How far sums let answers range, against every whole-number solution of tiny organisations."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

import numpy as np
import pytest

from service.release import reach
from service.release.reach import Group, Knowledge, told_on

TREES = ([-1], [-1, 0, 0], [-1, 0, 1], [-1, 0, 0, 0])


def drawn(seed: int, points: int) -> Knowledge:
    """Up to eight people in a few cells of one tree and two families; true sums of some groups, a few as bounds."""
    chance = Random(seed)
    parents = chance.choice(TREES)
    cells = sorted(chance.sample(list(product(range(len(parents)), range(2), range(-1, 2))), chance.randint(2, 4)))
    n = [chance.choice((1, 2, 2, 3)) for _ in cells]
    ends = chance.choice(((1,), (points,), *[tuple(range(1, points + 1))] * 6))
    total = [sum(chance.choice(ends) for _ in range(count)) for count in n]
    groups, share = [], chance.choice((0.1, 0.2, 0.4))
    for unit, (family, value) in product(range(len(parents)), ((-1, -1), *product(range(2), range(2)))):
        inside = counted(parents, cells, Group(unit, family, value, 0, 0))
        if inside and chance.random() < share:
            exact = sum(total[cell] for cell in inside)
            low = exact if chance.random() < 0.8 else max(sum(n[cell] for cell in inside), exact - chance.randint(0, 2))
            high = low if low == exact and chance.random() < 0.8 else exact + chance.randint(0, 1)
            groups.append(Group(unit, family, value, low, max(exact, high)))
    units, first, second = (np.array(column, np.int64) for column in zip(*cells, strict=True))
    return Knowledge(parents, units, (first, second), np.array(n, np.int64), points, groups)


def counted(parents: list[int], cells: list[tuple[int, int, int]], group: Group) -> list[int]:
    """The cells in the group's unit or below it that have its value."""
    inside = []
    for at, cell in enumerate(cells):
        unit = cell[0]
        while unit > group.unit:
            unit = parents[unit]
        if unit == group.unit and (group.family < 0 or cell[1 + group.family] == group.value):
            inside.append(at)
    return inside


def fewest_answers(it: Knowledge) -> int:
    """Of everybody the fewest answers anybody may have given, by every sheet of answers that fits."""
    cells = list(zip(it.unit.tolist(), *(values.tolist() for values in it.values), strict=True))
    cell_of = np.repeat(np.arange(len(cells)), it.n)
    sheets = np.array(list(product(range(1, it.points + 1), repeat=len(cell_of))))
    for group in it.groups:
        inside = np.isin(cell_of, counted(list(it.parents), cells, group))
        total = sheets[:, inside].sum(axis=1)
        sheets = sheets[(group.least <= total) & (total <= group.most)]
    return min(len(np.unique(column)) for column in sheets.T)


def tiny(points: int) -> Iterator[tuple[int, Knowledge]]:
    """Few enough people that every sheet can be written down."""
    for seed in range(200):
        it = drawn(seed, points)
        if it.groups and it.n.sum() <= (6 if points == 5 else 8):
            yield seed, it


@pytest.mark.parametrize("points", [2, 3, 5])
def test_who_is_told_on_is_who_has_fewer_than_three_answers(points: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linear programmes look at fractions of answers too; in these organisations that leaves nobody more of them."""
    monkeypatch.setattr(reach, "_NEAR", 1000)
    said = {True: 0, False: 0}
    for seed, it in tiny(points):
        few = fewest_answers(it) < min(3, points)
        assert bool(told_on(it)[1]) == few, (seed, it)
        said[few] += 1
    assert min(said.values()) > 25, said


def test_looking_near_the_ends_only_overlooks_few_and_accuses_nobody() -> None:
    """What is overlooked is what a difference of two published groups shows: other attempts look at these."""
    told, overlooked = 0, 0
    for _, it in tiny(5):
        said, few = bool(told_on(it)[1]), fewest_answers(it) < 3
        assert few or not said
        told, overlooked = told + said, overlooked + (few and not said)
    assert told > 30
    assert overlooked <= 3


def test_cells_are_looked_at_nearest_first_and_no_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "_SMALL", 10)
    units = np.arange(20)
    parents = [-1, *[0] * 19]
    n = np.full(20, 4, np.int64)
    groups = [Group(unit, -1, -1, 9, 9) for unit in range(1, 19)] + [Group(19, -1, -1, 4, 4)]
    assert told_on(Knowledge(parents, units, (), n, 5, groups)) == (6, [0])
    assert told_on(Knowledge(parents, units, (), n, 5, groups[:-1])) == (6, [])
    assert told_on(Knowledge(parents, units, (), n, 5, [])) == (0, [])
