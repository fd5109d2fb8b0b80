"""Row reduction and the equations of a tree."""

from __future__ import annotations

from service.release.basis import PRIME
from service.release.elimination import BRANCH, TRIED, branches_of, equations_of, reduced


def test_differences_come_out_with_their_figures() -> None:
    solved = reduced([{-1: 4, 1: 1}, {-1: 10, 0: 1, 1: 1, 2: 1}, {-1: 14, 0: 1, 1: 2, 2: 1}])
    assert sorted(solved, key=len) == [{-1: 4, 1: 1}, {-1: 6, 0: 1, 2: 1}]


def test_groups_that_overlap_are_solved_for_single_units() -> None:
    solved = reduced([{-1: 7, 0: 1, 1: 1}, {-1: 9, 1: 1, 2: 1}, {-1: 8, 0: 1, 2: 1}])
    assert sorted((min(c for c in row if c >= 0), row[-1]) for row in solved) == [(0, 3), (1, 4), (2, 5)]
    assert all(len(row) == 2 for row in solved)


def test_what_is_below_nobody_shows_as_a_number_near_the_prime() -> None:
    assert reduced([{-1: 9, 0: 1}, {-1: 7, 0: 1, 1: 1}])[1] == {-1: PRIME - 2, 1: 1}


def test_a_tree_is_cut_into_branches_that_can_be_solved() -> None:
    small = [-1, 0, 0, 1]
    assert list(branches_of(small)) == [{0, 1, 2, 3}]
    assert equations_of(small, {0, 1, 2, 3}, {0: [9, 12], 1: [5, 6]}) == [
        {-1: 5, -2: 6, 1: 1, 3: 1},
        {-1: 9, -2: 12, 0: 1, 1: 1, 2: 1, 3: 1},
    ]
    wide = [-1] + [0] * 5000
    branches = list(branches_of(wide))
    assert all(len(branch) <= BRANCH and 0 not in branch for branch in branches)
    assert sum(map(len, branches)) == TRIED
