"""Favourable counts and distributions, against every answer anybody may have given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations_with_replacement, product

import numpy as np
import pytest

from service.release.shape import counts_shown, favourable_range, favourable_shown, settled
from service.release.tree import atoms, folded, publishable

FIRST = 3  # of five points, the fourth and fifth are favourable


def histograms(people: int, points: int = 5) -> list[np.ndarray]:
    """Every way `people` may answer, whoever is who."""
    return [np.bincount(some, minlength=points) for some in combinations_with_replacement(range(points), people)]


def sum_of(counts: np.ndarray) -> int:
    return int(counts @ np.arange(1, len(counts) + 1))


@pytest.mark.parametrize("points", [3, 4, 5, 6, 7])
def test_the_range_of_favourable_answers_is_exact(points: int) -> None:
    first = -(-3 * (points - 1) // 4)
    every = np.array([some for people in range(5) for some in histograms(people, points)])
    seen = defaultdict(set)
    for some in every:
        seen[some.sum(), sum_of(some)].add(int(some[first:].sum()))
    low, high = favourable_range(every, first)
    for some, least, most in zip(every, low, high, strict=True):
        assert seen[some.sum(), sum_of(some)] == set(range(least, most + 1))


@pytest.mark.parametrize(("people", "points"), [*((n, 5) for n in range(1, 9)), (5, 3), (5, 4), (5, 6), (4, 7)])
def test_one_unit_leaves_three_answers_even_by_what_it_withholds(people: int, points: int) -> None:
    first = -(-3 * (points - 1) // 4)
    every = np.array(histograms(people, points))
    shown = favourable_shown([-1] * len(every), np.ones(len(every), np.bool_), every, first)
    by_sum, by_view = defaultdict(set), defaultdict(set)
    for some, flag in zip(every, shown, strict=True):
        answers = set(np.flatnonzero(some).tolist())
        by_sum[sum_of(some)] |= answers
        by_view[sum_of(some), int(some[first:].sum()) if flag else None] |= answers
    for (total, favourable), answers in by_view.items():
        alone = len(by_sum[total])
        assert len(answers) >= 3 or (favourable is None and alone < 3), (total, favourable)


def test_a_parent_with_two_children_leaves_three_answers_or_what_the_sums_leave() -> None:
    cases = list(product(histograms(3), repeat=3))
    parents = [3 * case + up if up >= 0 else -1 for case in range(len(cases)) for up in (-1, 0, 0)]
    everywhere = np.ones(len(parents), np.bool_)
    flags = favourable_shown(parents, everywhere, np.array(cases).reshape(-1, 5), FIRST).reshape(-1, 3)
    assert 0 < flags[:, 1:].sum() < flags[:, 0].sum()
    alike, patterns = defaultdict(list), defaultdict(set)
    for case, flag in zip(cases, map(tuple, flags.tolist()), strict=True):
        sums = tuple(map(sum_of, case))
        alike[sums].append(([np.flatnonzero(some).tolist() for some in case], favourable_figures(case)))
        patterns[sums].add((flag, visible(favourable_figures(case), flag)))
    for sums, seen in patterns.items():
        alone = possible_answers(answers for answers, _ in alike[sums])
        for flag, figures in seen:
            left = possible_answers(answers for answers, known in alike[sums] if visible(known, flag) == figures)
            for some, all_by_sums in zip(left, alone, strict=True):
                assert len(some) >= 3 or some == all_by_sums, (sums, flag, figures)


def favourable_figures(case: tuple[np.ndarray, ...]) -> tuple[int, ...]:
    own = [int(some[FIRST:].sum()) for some in case]
    return sum(own), own[1], own[2]


def visible(figures: tuple[int, ...], flags: tuple[bool, ...]) -> tuple[int | None, ...]:
    return tuple(figure if flag else None for figure, flag in zip(figures, flags, strict=True))


def possible_answers(cases: Iterable[list[list[int]]]) -> list[set[int]]:
    places: list[set[int]] = [set(), set(), set()]
    for case in cases:
        for place, answers in zip(places, case, strict=True):
            place.update(answers)
    return places


def figures_of(seed: int, scored: bool) -> tuple[list[int], np.ndarray, np.ndarray, np.ndarray]:
    """A random tree, its histograms, where sums are shown, and where distributions are."""
    chance = np.random.default_rng(seed)
    size = int(chance.integers(1, 12))
    parents = [-1] + [int(chance.integers(max(0, at - 4), at)) for at in range(1, size)]
    few = chance.random(size) < 0.4
    cells = np.array([chance.multinomial(chance.integers(0, 25), chance.dirichlet([0.1 if f else 1] * 5)) for f in few])
    summed = publishable(parents, cells.sum(1), cells.sum(1), 5)
    eligible = favourable_shown(parents, summed, cells, FIRST) if scored else summed
    return (
        parents,
        cells,
        eligible,
        counts_shown(parents, eligible, cells, FIRST if scored else None, 10, np.zeros(size, np.bool_)),
    )


@pytest.mark.parametrize("scored", [True, False])
def test_every_distribution_and_difference_has_people_enough_outside_its_fullest_bucket(scored: bool) -> None:
    shown_at_all = withheld = 0
    for seed in range(400):
        parents, cells, eligible, shown = figures_of(seed, scored)
        assert not (shown & ~eligible).any()
        for residual in folded(atoms(parents, shown), cells)[shown]:
            n = int(residual.sum())
            assert n == 0 or (n >= 10 and n - residual.max() >= 2)
        shown_at_all, withheld = shown_at_all + int(shown.sum()), withheld + int((eligible & ~shown).sum())
    assert shown_at_all > 400
    assert withheld > 100


def test_a_missing_distribution_can_be_read_off_what_is_shown() -> None:
    """Else its absence would tell: n 10, sum 40 and no distribution would mean that all answered 4."""
    every = np.array(histograms(10))
    roots, everywhere = [-1] * len(every), np.ones(len(every), np.bool_)
    halves = favourable_shown(roots, everywhere, every, FIRST)
    shown = counts_shown(roots, halves, every, FIRST, 10, np.zeros_like(everywhere))
    by_view = defaultdict(set)
    for some, half, flag in zip(every, halves, shown, strict=True):
        by_view[sum_of(some), int(some[FIRST:].sum()) if half else None].add(bool(flag))
    assert all(len(flags) == 1 for flags in by_view.values())
    assert shown.any()


def test_a_failing_residual_takes_in_the_smallest_unit_below_and_else_is_withdrawn() -> None:
    def enough(n: int) -> bool:
        return (n == 0) | (n >= 5)

    def kept(parents: list[int], own: list[int]) -> list[bool]:
        return settled(parents, np.ones(len(own), np.bool_), [np.array(own)], enough).tolist()

    assert kept([-1], [4]) == [False]
    assert kept([-1, 0, 0], [2, 7, 6]) == [True, True, False]
    assert kept([-1, 0, 0], [0, 6, 3]) == [True, False, False]
    assert kept([-1, 0, 1], [2, 0, 6]) == [True, False, False]
    assert kept([-1, 0, 0], [1, 1, 1]) == [False, False, False]
    assert kept([-1, 0, 0], [0, 5, 5]) == [True, True, True]
