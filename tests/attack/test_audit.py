"""The auditor of any groups agrees with trying everything."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from service.release.audit import Verdict, audit
from tests.attack.exhaustive import involves, least

CASES = (
    Path(os.environ.get("REDWOOD_SDC_CASES", Path(__file__).parents[3] / "shared" / "sdc_cases"))
    / "ours"
    / "level2_random_150.json"
)
SAFE = Verdict(safe=True, least=None, cells=(), complete=True)

Case = tuple[list[int], list[list[int]], int]


def drawn(chance: Random) -> Case:
    """A few cells, some empty, in a few groups at random; every other time most groups are large."""
    threshold = chance.randint(2, 5)
    cells = chance.randint(2, 10)
    many = chance.choice([1, 2, 3, threshold + 1])
    counts = [chance.choice([0, 1, chance.randint(1, many), chance.randint(1, many)]) for _ in range(cells)]
    share = chance.choice([0.3, 0.5, 0.8])
    groups = [[cell for cell in range(cells) if chance.random() < share] for _ in range(chance.randint(1, 7))]
    return counts, groups, threshold


def overlapping(chance: Random) -> Case:
    """A table of ones with margins and blocks published: safe as often as not, and only a search can tell."""
    rows, across, threshold = chance.randint(2, 4), chance.randint(2, 4), chance.randint(2, 4)
    counts = [chance.choice([0, 1, 1, 2]) for _ in range(rows * across)]
    margins = [[row * across + column for column in range(across)] for row in range(rows)]
    margins += [[row * across + column for row in range(rows)] for column in range(across)]
    return counts, [margin for margin in margins if chance.random() < 0.8], threshold


def agrees(case: Case) -> bool:
    """The verdict is the exhaustive one and names cells that bear it out; whether it is safe."""
    counts, groups, threshold = case
    verdict = audit(counts, groups, threshold)
    expected = least(counts, groups, threshold)
    assert (verdict.safe, verdict.least, verdict.complete) == (expected is None, expected, True), case
    if expected is not None:
        assert sum(counts[cell] for cell in verdict.cells) == expected, case
        assert involves(counts, groups, verdict.cells), case
    return verdict.safe


@pytest.mark.parametrize(("draw", "times"), [(drawn, 3000), (overlapping, 1500)])
def test_verdicts_are_those_of_trying_everything(draw: Callable[[Random], Case], times: int) -> None:
    chance = Random(20)
    safe = sum(agrees(draw(chance)) for _ in range(times))
    assert times / 10 < safe < times * 9 / 10, "both verdicts must be put to the test"


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not shipped here")
def test_verdicts_are_those_of_the_cases() -> None:
    for case in json.loads(CASES.read_text())["cases"]:
        verdict = audit(case["cell_counts"], case["groups"], case["k"])
        assert (verdict.safe, verdict.least) == (case["safe"], case["min_isolated"]), case


def test_what_is_left_by_subtraction_is_found() -> None:
    groups = [[0, 1, 2], [0, 1]]
    assert audit([9, 8, 3], groups, 5) == Verdict(safe=False, least=3, cells=(2,), complete=True)
    assert audit([9, 8, 5], groups, 5) == SAFE


def test_pairs_around_a_ring_give_people_away_only_when_odd() -> None:
    assert audit([1, 1, 1, 1], [[0, 1], [1, 2], [2, 3], [3, 0]], 2) == SAFE
    assert audit([1, 1, 1], [[0, 1], [1, 2], [2, 0]], 2).least == 1


def test_cells_in_the_same_groups_count_together() -> None:
    assert audit([2, 3, 9], [[0, 1], [0, 1, 2]], 5) == SAFE
    assert audit([2, 2, 9], [[0, 1], [0, 1, 2]], 5).cells == (0, 1)


def test_who_is_in_no_group_and_cells_of_nobody_do_not_count() -> None:
    assert audit([0, 6, 1], [[0], [0, 1], [1]], 5) == SAFE
    assert audit([], [], 5) == audit([3], [], 5) == audit([0], [[0]], 5) == SAFE


def test_a_cell_named_twice_in_a_group_is_in_it_once() -> None:
    assert audit([2, 6], [[0, 0, 1], [1]], 3).least == 2


def test_a_search_that_is_cut_off_is_not_safe() -> None:
    chance = Random(7)
    cases = [overlapping(chance) for _ in range(300)]
    cut = [case for case in cases if not audit(*case, patience=0).complete]
    assert all(audit(*case, patience=0) == Verdict(safe=False, least=None, cells=(), complete=False) for case in cut)
    assert {audit(*case).safe for case in cut} == {True, False}
