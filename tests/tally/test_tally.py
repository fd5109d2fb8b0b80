"""Folding responses into atoms, against counting them one by one."""

from __future__ import annotations

import numpy as np
import pytest

from service.tally import codec
from service.tally.count import respondents
from service.tally.tally import Tally, tally

POINTS, SCORED = [5, 4, 3, 5], [True, True, False, True]
ATOM_OF = np.array([0, 0, 2, -1, 2, 5, 6], np.int64)
HEADCOUNTS = np.array([10, 20, 30, 40, 50, 60, 0], np.int64)


def sheets(seed: int, missing: float, people: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Units (some outside the roster) and answers; nobody is in the last unit."""
    chance = np.random.default_rng(seed)
    answers = chance.integers(1, POINTS, (people, 4), endpoint=True)
    answers[chance.random(answers.shape) < missing] = 0
    return chance.integers(-1, 6, people), answers.astype(np.uint8)


def made(units: np.ndarray, answers: np.ndarray, pool: int = 50) -> Tally:
    return tally(units, answers, ATOM_OF, HEADCOUNTS, POINTS, SCORED, pool)


def test_respondents_are_counted_in_their_own_units() -> None:
    assert respondents(np.array([2, 0, 2, -1]), 4).tolist() == [1, 0, 2, 0]
    assert respondents(np.array([], np.int64), 2).tolist() == [0, 0]


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.7])
def test_counts_are_those_of_the_people_in_each_atom(missing: float) -> None:
    units, answers = sheets(1, missing)
    folded = made(units, answers)
    assert folded.atoms == (0, 2, 5, 6)
    assert folded.headcount.tolist() == [30, 80, 60, 0]
    for place, atom in enumerate(folded.atoms):
        rows = [row for unit, row in zip(units, answers.tolist(), strict=True) if unit >= 0 and ATOM_OF[unit] == atom]
        assert folded.n[place] == len(rows)
        for item in range(4):
            for point in range(5):
                assert folded.histograms[place, item, point] == sum(row[item] == point + 1 for row in rows)


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.7])
def test_scatter_is_the_sum_of_products_of_deviations(missing: float) -> None:
    units, answers = sheets(2, missing)
    folded = made(units, answers)
    chosen = answers[:, [0, 1, 3]].astype(float)
    expected, people = np.zeros((3, 3)), 0
    for atom in folded.atoms:
        rows = chosen[(units >= 0) & (ATOM_OF[units] == atom)]
        people += len(rows)
        deviations = np.zeros_like(rows)
        for item in range(3):
            given = rows[:, item] > 0
            if given.any():
                deviations[given, item] = rows[given, item] - rows[given, item].mean()
        expected += deviations.T @ deviations
    assert folded.pooled_n == people
    np.testing.assert_allclose(folded.within, expected, atol=1e-9, rtol=1e-12)
    assert (folded.within == folded.within.T).all()


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_the_order_of_respondents_changes_no_bit(missing: float) -> None:
    units, answers = sheets(3, missing, people=5000)
    expected = codec.encode(made(units, answers))
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(units))
        assert codec.encode(made(units[order], answers[order])) == expected


def test_no_cross_products_of_few_people_or_of_one_group_are_left() -> None:
    units, answers = sheets(4, 0.0)
    inside = int(((units >= 0) & (ATOM_OF[units] >= 0)).sum())
    assert made(units, answers, pool=inside).pooled_n == inside
    for few in (made(units, answers, pool=inside + 1), made(np.full(300, 5), answers)):
        assert few.pooled_n == 0
        assert not few.within.any()


def test_people_in_no_published_unit_leave_nothing() -> None:
    _, answers = sheets(5, 0.0)
    nothing = made(np.full(300, 3), answers)
    assert not nothing.n.any()
    assert not nothing.histograms.any()
    unpublished = tally(np.full(300, 3), answers, np.full(7, -1), HEADCOUNTS, POINTS, SCORED, pool=50)
    assert unpublished.atoms == ()
    assert unpublished.histograms.shape == (0, 4, 5)


def test_bytes_and_back() -> None:
    for folded in (
        made(*sheets(6, 0.1)),
        tally(np.zeros(9, np.int64), np.zeros((9, 0), np.uint8), ATOM_OF, HEADCOUNTS, [], [], pool=50),
    ):
        again = codec.decode(codec.encode(folded))
        assert (again.atoms, again.pooled_n) == (folded.atoms, folded.pooled_n)
        for name in ("n", "headcount", "histograms", "within"):
            np.testing.assert_array_equal(getattr(again, name), getattr(folded, name))
        assert codec.encode(again) == codec.encode(folded)
    with pytest.raises(ValueError, match="format"):
        codec.decode(b'{"format":"other"}\n')
