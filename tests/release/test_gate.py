"""From raw answers through the gate, recomputed by counting people one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from service.release import codec
from service.release.attack import attack
from service.release.gate import plan
from service.release.release import ItemFigures, PublicUnit, Release
from service.tally.count import respondents
from tests.release.worlds import INSTRUMENT, ITEMS, World, released, tallied, world

SEEDS = range(60)


def counted(world: World, unit: str, column: int) -> list[int]:
    """The keyed answers, 1 for the lowest point, of everybody in the unit who gave one."""
    answers = world.answers[world.people_below(unit), column]
    return answers[answers > 0].tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_published_figure_counts_the_people_it_says(seed: int) -> None:
    made = world(seed)
    for unit in released(made).units:
        if unit.figures is None:
            continue
        assert unit.figures.n == made.people_below(unit.id).sum()
        assert unit.figures.headcount == sum(each.headcount for each in made.roster.subtree(unit.id))
        for column, item in enumerate(INSTRUMENT.items):
            shown = unit.figures.items.get(item.id)
            if shown is None:
                continue
            answers = [answer - 1 + item.scale.low for answer in counted(made, unit.id, column)]
            assert shown.n == len(answers)
            assert shown.total == (sum(answers) if item.scored else 0)
            if shown.favourable is not None:
                assert item.scored
                assert shown.favourable == sum(answer >= item.scale.favourable for answer in answers)
            if shown.counts is not None:
                assert shown.counts == tuple(map(answers.count, range(item.scale.low, item.scale.high + 1)))


def published(release: Release, shows: Callable[[PublicUnit], object]) -> list[str]:
    return [unit.id for unit in release.units if unit.figures is not None and shows(unit)]


def parts_left(world: World, shown: list[str], people: np.ndarray) -> list[np.ndarray]:
    """For each shown unit the flags of `people` in it and in no shown unit within it."""
    parts = []
    for unit in shown:
        inside = {each.id for each in world.roster.subtree(unit)} - {unit}
        flags = world.people_below(unit) & people
        for other in inside.intersection(shown):
            flags &= ~world.people_below(other)
        parts.append(flags)
    return parts


def figures(unit: PublicUnit, item: str) -> ItemFigures | None:
    return None if unit.figures is None else unit.figures.items.get(item)


@pytest.mark.parametrize("seed", SEEDS)
def test_subtraction_never_leaves_fewer_than_the_threshold(seed: int) -> None:
    made = world(seed)
    made_public, k = released(made), made.policy.threshold
    everybody = np.ones(len(made.units), np.bool_)
    for part in parts_left(made, published(made_public, bool), everybody):
        assert part.sum() == 0 or part.sum() >= k
    for column, item in enumerate(INSTRUMENT.items):
        answered = made.answers[:, column] > 0

        def with_item(unit: PublicUnit, item: str = item.id) -> bool:
            return figures(unit, item) is not None

        def with_counts(unit: PublicUnit, item: str = item.id) -> bool:
            shown = figures(unit, item)
            return shown is not None and shown.counts is not None

        for part in parts_left(made, published(made_public, with_item), answered):
            assert part.sum() == 0 or part.sum() >= k
        for part in parts_left(made, published(made_public, with_counts), answered):
            most = np.bincount(made.answers[part, column]).max(initial=0)
            assert part.sum() == 0 or (part.sum() >= 2 * k and part.sum() - most >= 2)


def test_the_small_organisations_tried_hide_and_show_something_of_everything() -> None:
    units = [unit for seed in SEEDS for unit in released(world(seed)).units]
    items = [(unit, figures(unit, item)) for unit in units if unit.figures for item in ITEMS]
    shown = [it for _, it in items if it is not None]
    assert 0.2 < np.mean([unit.figures is None for unit in units]) < 0.8
    assert len(shown) < len(items)
    assert 0.1 < np.mean([it.favourable is None for it in shown]) < 0.9
    assert 0.1 < np.mean([it.counts is None for it in shown]) < 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_the_adversary_gets_nothing_from_what_the_gate_lets_through(seed: int) -> None:
    report = attack(released(world(seed)))
    assert [attempt for attempt in report.attempts if not attempt.passed] == []


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_respondents_changes_no_byte(seed: int) -> None:
    made = world(seed, size=20, largest=20)
    shuffled = np.random.default_rng(seed).permutation(len(made.units))
    assert codec.encode(released(made, tallied(made, shuffled))) == codec.encode(released(made))


@pytest.mark.parametrize("seed", range(12))
def test_what_is_published_depends_on_counts_alone(seed: int) -> None:
    """Other answers by the same people publish the same units and the same sums."""
    made = world(seed, missing=0.2)
    chance = np.random.default_rng(seed)
    highest = [item.scale.points for item in INSTRUMENT.items]
    others = np.where(made.answers > 0, chance.integers(1, highest, made.answers.shape, endpoint=True), 0)
    other = World(made.roster, made.units, others.astype(np.uint8), made.policy)
    for one, two in zip(released(made).units, released(other).units, strict=True):
        assert (one.figures is None) == (two.figures is None)
        if one.figures and two.figures:
            assert one.figures.items.keys() == two.figures.items.keys()


def test_the_plan_counts_people_invited_as_well_as_respondents() -> None:
    made = world(3)
    shown = plan(made.roster, respondents(made.units, len(made.roster.units)), made.policy)
    names = [unit.id for unit, flag in zip(made.roster.units, shown, strict=True) if flag]
    for unit in names:
        within = {each.id for each in made.roster.subtree(unit)} - {unit}
        hidden = {each for other in within.intersection(names) for each in (u.id for u in made.roster.subtree(other))}
        left = sum(u.headcount for u in made.roster.subtree(unit) if u.id not in hidden)
        assert left == 0 or left >= made.policy.threshold
    assert names


def test_moments_are_pooled_only_from_many_people_in_several_groups() -> None:
    large = world(5, size=30, largest=12)
    assert released(large).pooled is not None
    assert released(large).pooled.n == tallied(large).n.sum()
    assert released(large).pooled.items == ("B1", "B2", "B4")
    assert released(world(5, size=4, largest=8)).pooled is None


def test_items_are_those_asked_in_the_order_of_the_instrument() -> None:
    made = world(8, largest=20)
    some = World(made.roster, made.units, made.answers[:, [0, 3]], made.policy)
    from_all, part = released(made), released(some, items=("B4", "B1"))
    compared = 0
    for one, two in zip(from_all.units, part.units, strict=True):
        if one.figures and two.figures:
            assert two.figures.items == {id: it for id, it in one.figures.items.items() if id in ("B1", "B4")}
            compared += 1
    assert compared
