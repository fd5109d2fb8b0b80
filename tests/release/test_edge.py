"""The edge rule, exhaustively: what may each respondent have answered, for whoever sees all figures of an item?

Every way in which small trees may answer is enumerated, whoever is who within a cell. For everything that is ever
published together, the answer sheets that fit it leave everybody at least three possible answers, or all there are
on a shorter scale: by the figures alone, and also knowing the rules, so that what is withheld is a figure too.

A distribution promises less, for it names the answers that were given: where one is shown there are at least twice
the threshold of people, and two of them outside the fullest bucket, so that everybody keeps two possible answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import combinations_with_replacement

import numpy as np
import pytest

from service.release.columns import columns
from service.release.edge import edges, lawful, room
from service.release.layout import Layout
from service.release.policy import Policy
from service.release.release import ItemFigures
from service.survey.instrument import Item, Scale

K = 4
#: What is published of one unit: n, least, most, favourable and the distribution, or None.
Row = tuple[int, int, int, int | None, tuple[int, ...] | None] | None


@cache
def multisets(people: int, points: int) -> np.ndarray:
    """Every way `people` may answer (ways x points)."""
    ways = combinations_with_replacement(range(points), people)
    return np.array([np.bincount(way, minlength=points) for way in ways] or [[0] * points], np.int64)


def item_of(points: int) -> Item:
    return Item("x", "B", {"en": "x"}, Scale(1, points, {"en": tuple(map(str, range(points)))}))


def sheets(sizes: Sequence[int], points: int) -> np.ndarray:
    """Every way the cells may answer: cases x units x points."""
    each = [multisets(size, points) if size else np.zeros((1, points), np.int64) for size in sizes]
    places = np.meshgrid(*(np.arange(len(ways)) for ways in each), indexing="ij")
    return np.stack([ways[place.ravel()] for ways, place in zip(each, places, strict=True)], axis=1)


def shown(parents: Sequence[int], cases: np.ndarray) -> list[tuple[Row, ...]]:
    """What is published of each case: all of them are trees of one forest, and each is decided by itself."""
    count, size, points = cases.shape
    forest = [size * case + up if up >= 0 else -1 for case in range(count) for up in parents]
    own = cases.reshape(-1, points)
    everywhere = np.ones(len(forest), np.bool_)
    layout = Layout.of(forest, everywhere, np.arange(len(forest)), own.sum(1), [])
    (column,) = columns((item_of(points),), layout, [], own[layout.kept][:, np.newaxis], Policy(K))
    rows = [_row(column.units.get(unit)) for unit in range(len(forest))]
    return [tuple(rows[at : at + size]) for at in range(0, len(rows), size)]


def _row(it: ItemFigures | None) -> Row:
    return None if it is None else (it.n, it.least, it.most, it.favourable, it.counts)


def below(parents: Sequence[int], cases: np.ndarray) -> np.ndarray:
    sums = cases.copy()
    for unit in range(len(parents) - 1, 0, -1):
        if parents[unit] >= 0:
            sums[:, parents[unit]] += sums[:, unit]
    return sums


def fitting(view: tuple[Row, ...], whole: np.ndarray) -> np.ndarray:
    """Which cases have these figures; `whole` counts each unit's answers with everything below it."""
    points = whole.shape[2]
    first = item_of(points).scale.favourable - 1
    fits = np.ones(len(whole), np.bool_)
    for unit, row in enumerate(view):
        if row is None:
            continue
        _, least, most, favourable, counts = row
        total = whole[:, unit] @ np.arange(1, points + 1)
        fits &= (least <= total) & (total <= most)
        if favourable is not None:
            fits &= whole[:, unit, first:].sum(1) == favourable
        if counts is not None:
            fits &= (whole[:, unit] == counts).all(1)
    return fits


def left(view: tuple[Row, ...], cases: np.ndarray, sizes: Sequence[int], fits: np.ndarray) -> list[int]:
    """How many answers somebody in each cell may have given."""
    possible = (cases[fits] > 0).any(axis=0).sum(axis=1)
    return [int(answers) for answers, size in zip(possible, sizes, strict=True) if size]


SINGLE = [([-1], [n], points) for n in range(4, 9) for points in (3, 4, 5)]
TREES = [
    *(([-1, 0, 0], [0, 4, 4], points) for points in (3, 4, 5)),
    *(([-1, 0], [4, 4], points) for points in (3, 4, 5)),
    ([-1, 0], [1, 7], 4),
    ([-1, 0, 0], [1, 4, 4], 4),
    ([-1, 0, 0], [0, 4, 5], 4),
    ([-1, 0, 1], [4, 4, 4], 3),
    ([-1, 0, 0], [4, 4, 4], 3),
    ([-1, 0, 0, 0], [0, 4, 4, 4], 3),
    ([-1, 0, 1, 1], [0, 4, 4, 4], 3),
]


def least_left(
    parents: list[int], sizes: list[int], points: int, *, spread: bool, rules: bool = False
) -> dict[tuple[Row, ...], int]:
    """The fewest answers anybody is left by each view that shows (`spread`) a distribution or that shows none;
    with `rules` to somebody who can also tell what would be shown of every sheet."""
    cases = sheets(sizes, points)
    views, whole = shown(parents, cases), below(parents, cases)
    alike: dict[tuple[Row, ...], list[int]] = {}
    for at, view in enumerate(views):
        alike.setdefault(view, []).append(at)
    found = {}
    for view, same in alike.items():
        fits = fitting(view, whole)
        assert fits[same].all()
        if rules:
            fits[:] = False
            fits[same] = True
        if spread == any(row is not None and row[4] is not None for row in view):
            found[view] = min(left(view, cases, sizes, fits))
    return found


@pytest.mark.parametrize(("parents", "sizes", "points"), [*SINGLE, *TREES], ids=str)
def test_sums_bounds_and_favourable_counts_leave_everybody_three_answers(
    parents: list[int], sizes: list[int], points: int
) -> None:
    found = least_left(parents, sizes, points, spread=False)
    assert found
    assert [view for view, answers in found.items() if answers < min(3, points)] == []


@pytest.mark.parametrize(("parents", "sizes", "points"), SINGLE, ids=str)
def test_of_one_unit_a_bound_and_a_missing_count_tell_nothing_by_the_rules(
    parents: list[int], sizes: list[int], points: int
) -> None:
    found = least_left(parents, sizes, points, spread=False, rules=True)
    assert [view for view, answers in found.items() if answers < min(3, points)] == []


@pytest.mark.parametrize(("parents", "sizes", "points"), [*SINGLE, *TREES], ids=str)
def test_a_distribution_leaves_everybody_three_answers(parents: list[int], sizes: list[int], points: int) -> None:
    found = least_left(parents, sizes, points, spread=True)
    assert [view for view, answers in found.items() if answers < min(3, points)] == []


@pytest.mark.parametrize(("parents", "sizes", "points"), [*SINGLE, *TREES], ids=str)
def test_a_distribution_has_people_enough_and_two_outside_its_fullest_bucket(
    parents: list[int], sizes: list[int], points: int
) -> None:
    seen = 0
    for view in shown(parents, sheets(sizes, points)):
        for row in view:
            if row is not None and row[4] is not None:
                assert row[0] >= 2 * K
                assert row[0] - max(row[4]) >= 2
                seen += 1
    assert bool(seen) == (sum(sizes) >= 2 * K)


@pytest.mark.parametrize("points", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("n", range(2, 9))
def test_a_lawful_sum_leaves_three_answers_and_one_nearer_to_an_end_would_too(n: int, points: int) -> None:
    """Else a bound, which says that no sum is lawful, would say that there are but two."""
    every = multisets(n, points)
    total = every @ np.arange(1, points + 1)
    reached = [at for at in range(n, points * n + 1) if lawful(n, at, points)]
    for at in (*reached, *([reached[0] - 1, reached[-1] + 1] if reached else [])):
        assert (every[total == at] > 0).any(axis=0).sum() >= min(3, points)
    assert reached == list(range(n + min(3, points), points * n - min(3, points) + 1))


def figures_of(own: list[list[int]], parents: list[int]) -> tuple[Row, ...]:
    return shown(parents, np.array([own]))[0]


def test_a_team_near_an_end_shows_that_it_is_and_no_more() -> None:
    bound = (5, 23, 25, None, None)
    for own in ([0, 0, 0, 0, 5], [0, 0, 0, 1, 4], [0, 0, 0, 2, 3], [0, 0, 1, 0, 4]):
        assert figures_of([own], [-1]) == (bound,)
    assert figures_of([[0, 0, 1, 1, 3]], [-1]) == ((5, 22, 22, None, None),)
    assert figures_of([[0, 1, 0, 0, 4]], [-1]) == ((5, 22, 22, None, None),)
    assert figures_of([[4, 0, 1, 0, 0]], [-1]) == ((5, 5, 7, None, None),)
    assert figures_of([[4, 0, 0, 1, 0]], [-1]) == ((5, 8, 8, None, None),)


def test_a_scale_of_three_or_two_points_keeps_what_there_is() -> None:
    assert [room(points) for points in (2, 3, 4, 5, 7)] == [1, 2, 2, 2, 2]


def test_a_team_near_an_end_is_bounded_only_beside_people_who_could_have_swapped() -> None:
    """Its parent's sum is exact, so its own people and the others there add up to a known sum."""
    near = [0, 0, 0, 0, 5]
    varied = figures_of([[0] * 5, [1, 1, 2, 1, 2], near], [-1, 0, 0])
    assert varied[2] == (5, 23, 25, None, None)
    assert varied[0] is not None
    assert varied[0][1] == varied[0][2]
    alike = figures_of([[0] * 5, [7, 0, 0, 0, 0], near], [-1, 0, 0])
    assert alike[2] is None


def test_whoever_is_bounded_does_not_vouch_for_favourable_counts() -> None:
    parents, own = [-1, 0, 0], np.array([[0] * 5, [1, 1, 2, 1, 2], [0, 0, 0, 0, 5]])
    found = edges(parents, np.ones(3, np.bool_), own)
    assert found.near_top.tolist() == [False, False, True]
    assert found.free.tolist() == [[0] * 5, [1, 1, 2, 1, 2], [0] * 5]


def test_whole_organisations_of_one_mind_are_bounded_everywhere() -> None:
    parents, own = [-1, 0, 0], np.array([[0] * 5, [0, 0, 0, 0, 6], [0, 0, 0, 0, 5]])
    found = edges(parents, np.ones(3, np.bool_), own)
    assert not found.exactly.any()
    assert found.near_top.all()
    assert not found.near_bottom.any()


def test_slices_of_one_band_leave_everybody_three_answers() -> None:
    """Four people of either value, in one unit: its figures and the sums of both slices, where shown.

    Every third way of answering is released, and weighed against all of them.
    """
    points, scale = 4, np.arange(1, 5)
    each = multisets(4, points)
    pairs = np.stack((np.repeat(each, len(each), axis=0), np.tile(each, (len(each), 1))), axis=1)
    whole, first = pairs.sum(axis=1), item_of(points).scale.favourable - 1
    layout = Layout.of([-1], np.array([True]), np.array([0, 0]), np.array([4, 4]), [np.array([0, 1])])
    sliced, named = 0, 0
    for pair in pairs[::3]:
        (column,) = columns((item_of(points),), layout, [np.ones((1, 2), np.bool_)], pair[:, np.newaxis], Policy(K))
        unit = column.units.get(0)
        if unit is None or not column.slices:
            continue
        sliced += 1
        fits = (unit.least <= whole @ scale) & (whole @ scale <= unit.most)
        for (_, _, value), it in column.slices.items():
            fits &= pairs[:, value] @ scale == it.total
        if unit.favourable is not None:
            fits &= whole[:, first:].sum(axis=1) == unit.favourable
        assert (pairs[fits] > 0).any(axis=0).sum(axis=1).min() >= 3
        if unit.counts is not None:
            fits &= (whole == unit.counts).all(axis=1)
            named += bool((pairs[fits] > 0).any(axis=0).sum(axis=1).min() < 3)
    assert sliced > 150
    assert not named
