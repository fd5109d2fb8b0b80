"""From raw answers through the gate, recomputed by counting people one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from service.release import codec
from service.release.audit import audit
from service.release.gate import Gated, plan
from service.release.headcounts import stated
from service.release.policy import Policy
from service.release.release import ItemFigures, PublicUnit, Release, Slice
from service.release.trial import tried
from service.survey.instrument import Item
from service.survey.roster import Roster, Unit, arranged
from service.tally.count import respondents
from tests.release.worlds import INSTRUMENT, ITEMS, World, made, released, tallied, world

SEEDS = range(27)


@cache
def case(seed: int) -> tuple[World, Gated]:
    there = world(seed)
    return there, made(there)


def counted(it: World, people: np.ndarray, column: int) -> list[int]:
    """The keyed answers, 1 for the lowest point, of those of these people who gave one."""
    answers = it.answers[people, column]
    return answers[answers > 0].tolist()


def agrees(shown: ItemFigures, item: Item, keyed: list[int]) -> None:
    scale = item.scale
    answers = [answer - 1 + scale.low for answer in keyed]
    true = sum(answers) if item.scored else 0
    assert shown.n == len(answers)
    assert shown.least <= true <= shown.most
    if shown.total is None:
        assert item.scored
        assert shown.favourable is shown.counts is None
        assert shown.most - shown.least == min(3, scale.points) - 1
        assert shown.least == scale.low * shown.n or shown.most == scale.high * shown.n
    if shown.favourable is not None:
        assert item.scored
        assert shown.favourable == sum(answer >= scale.favourable for answer in answers)
    if shown.counts is not None:
        assert shown.counts == tuple(map(answers.count, range(scale.low, scale.high + 1)))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_published_figure_counts_the_people_it_says(seed: int) -> None:
    it, found = case(seed)
    for unit in found.release.units:
        if unit.figures is None:
            continue
        assert unit.figures.headcount == sum(each.headcount for each in it.roster.subtree(unit.id))
        whole = unit.figures.n, unit.figures.items, it.people_below(unit.id)
        parts = [(part.n, part.items, it.people_of(unit.id, part.by, part.bands)) for part in unit.figures.slices]
        for n, items, people in (whole, *parts):
            assert n == people.sum()
            for column, item in enumerate(INSTRUMENT.items):
                if item.id in items:
                    agrees(items[item.id], item, counted(it, people, column))


@pytest.mark.parametrize("seed", SEEDS)
def test_slices_are_sums_of_families_asked_for_each_once_in_the_declared_order(seed: int) -> None:
    it, found = case(seed)
    places = {
        family: [tuple(band.values) for name in family for band in it.pulse.bands if band.id == name]
        for family in it.pulse.families
    }
    for unit in found.release.units:
        slices = unit.figures.slices if unit.figures else ()
        order = [
            (
                it.pulse.families.index(part.by),
                *(values.index(v) for values, v in zip(places[part.by], part.bands, strict=True)),
            )
            for part in slices
        ]
        assert order == sorted(set(order))
        for part in slices:
            assert unit.figures is not None
            assert part.items.keys() <= unit.figures.items.keys()
            for item, figures in part.items.items():
                assert figures.total is not None
                assert unit.figures.items[item].total is not None
                assert figures.favourable is figures.counts is None


@pytest.mark.parametrize("seed", SEEDS)
def test_no_slice_is_of_a_class_with_fewer_invited_than_the_threshold(seed: int) -> None:
    it, found = case(seed)
    for unit in found.release.units:
        for part in unit.figures.slices if unit.figures else ():
            for band, value in zip(part.by, part.bands, strict=True):
                most = 0
                for each in it.roster.subtree(unit.id):
                    stated = it.pulse.classes.get(each.id, {}).get(band)
                    most += each.headcount if stated is None else stated.get(value, 0)
                assert most >= it.policy.threshold


Rows = list[tuple[int, ...]]


def cells_of(it: World, people: np.ndarray) -> tuple[Rows, list[int]]:
    """Unit and band values that any of these people share, and how many do."""
    rows = [(int(unit), *stated) for unit, stated in zip(it.units[people], it.bands[people].tolist(), strict=True)]
    distinct = sorted(set(rows))
    return distinct, [rows.count(row) for row in distinct]


def group(it: World, cells: Rows, unit: str, part: Slice | None = None) -> list[int]:
    inside = {it.roster.position[each.id] for each in it.roster.subtree(unit)}
    wanted = {}
    for band, value in zip(part.by, part.bands, strict=True) if part else ():
        place = [each.id for each in it.pulse.bands].index(band)
        wanted[place] = it.pulse.bands[place].values.index(value) + 1
    return [
        at
        for at, (position, *stated) in enumerate(cells)
        if position in inside and all(stated[place] == value for place, value in wanted.items())
    ]


def groups_showing(it: World, release: Release, cells: Rows, item: str | None) -> Iterator[list[int]]:
    for unit in release.units:
        if unit.figures is None:
            continue
        if item is None or item in unit.figures.items:
            yield group(it, cells, unit.id)
        for part in unit.figures.slices:
            if item is None or item in part.items:
                yield group(it, cells, unit.id, part)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_combination_of_all_that_is_published_involves_a_few_people(seed: int) -> None:
    it, found = case(seed)
    everybody = np.ones(len(it.units), np.bool_)
    told: dict[str | None, np.ndarray] = {None: everybody}
    told |= {item: it.answers[:, column] > 0 for column, item in enumerate(ITEMS)}
    for item, people in told.items():
        cells, n = cells_of(it, people)
        verdict = audit(n, groups_showing(it, found.release, cells, item), it.policy.threshold)
        assert verdict.safe, (item, verdict)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_combination_of_headcounts_involves_a_few_people(seed: int) -> None:
    it, found = case(seed)
    cells = [(position,) for position in range(len(it.roster.units))]
    groups = [group(it, cells, unit.id) for unit in found.release.units if unit.figures]
    assert audit([unit.headcount for unit in it.roster.units], groups, it.policy.threshold).safe


def published(release: Release, shows: Callable[[PublicUnit], object]) -> list[str]:
    return [unit.id for unit in release.units if unit.figures is not None and shows(unit)]


def parts_left(it: World, shown: list[str], people: np.ndarray) -> list[np.ndarray]:
    """For each shown unit the flags of `people` in it and in no shown unit within it."""
    parts = []
    for unit in shown:
        inside = {each.id for each in it.roster.subtree(unit)} - {unit}
        flags = it.people_below(unit) & people
        for other in inside.intersection(shown):
            flags &= ~it.people_below(other)
        parts.append(flags)
    return parts


def figures(unit: PublicUnit, item: str) -> ItemFigures | None:
    return None if unit.figures is None else unit.figures.items.get(item)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_difference_of_sums_keeps_off_the_ends_and_of_distributions_has_people_enough(seed: int) -> None:
    it, found = case(seed)
    for column, item in enumerate(INSTRUMENT.items):
        answered = it.answers[:, column] > 0

        def with_sum(unit: PublicUnit, item: str = item.id) -> bool:
            shown = figures(unit, item)
            return shown is not None and shown.total is not None

        def with_counts(unit: PublicUnit, item: str = item.id) -> bool:
            shown = figures(unit, item)
            return shown is not None and shown.counts is not None

        for part in parts_left(it, published(found.release, with_sum), answered):
            keyed, n = it.answers[part, column].astype(int), int(part.sum())
            room = min(3, item.scale.points)
            if n and item.scored:
                assert n + room <= keyed.sum() <= item.scale.points * n - room
        for part in parts_left(it, published(found.release, with_counts), answered):
            most = np.bincount(it.answers[part, column]).max(initial=0)
            assert part.sum() == 0 or (part.sum() >= it.policy.distribution and part.sum() - most >= 2)


def test_the_small_organisations_tried_hide_and_show_something_of_everything() -> None:
    units = [unit for seed in SEEDS for unit in case(seed)[1].release.units]
    items = [it for unit in units if unit.figures for item in ITEMS if (it := figures(unit, item)) is not None]
    slices = [part for unit in units if unit.figures for part in unit.figures.slices]
    assert 0.2 < np.mean([unit.figures is None for unit in units]) < 0.8
    assert 0.1 < np.mean([it.favourable is None for it in items]) < 0.95
    assert 0.05 < np.mean([it.counts is not None for it in items]) < 0.9
    assert sum(it.total is None for it in items) > 12
    assert len(slices) > 100
    assert sum(len(part.by) == 2 for part in slices) > 10
    assert 0.3 < sum(len(part.items) for part in slices) / (3 * len(slices)) < 1


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_gate_lets_through_withstands_its_trial(seed: int) -> None:
    report = tried(case(seed)[1])
    assert [attempt for attempt in report.attempts if not attempt.passed] == []


def test_an_organisation_all_of_one_mind_shows_no_exact_sum_and_only_bounds() -> None:
    for seed, (mood, end) in enumerate((mood, end) for mood in ("high", "low") for end in range(3)):
        found = made(world(4 * end, missing=0.0, mood=mood))
        assert tried(found).passed, seed
    it = world(8, missing=0.0)
    best = replace(it, answers=np.full_like(it.answers, 1) * np.array([5, 4, 3, 5], np.uint8))
    found = made(best)
    shown = [figures(unit, "B1") for unit in found.release.units]
    assert any(shown)
    assert all(each.total is None and each.most == 5 * each.n for each in shown if each)
    assert tried(found).passed


@pytest.mark.parametrize("seed", range(16))
def test_the_order_of_respondents_changes_no_byte(seed: int) -> None:
    it, found = case(seed)
    shuffled = np.random.default_rng(seed).permutation(len(it.units))
    assert codec.encode(released(it, shuffled)) == codec.encode(found.release)


@pytest.mark.parametrize("seed", range(16))
def test_who_is_published_depends_on_counts_alone(seed: int) -> None:
    """Other answers by the same people publish the same units and slices, though not the same items of them."""
    it, found = case(seed)
    chance = np.random.default_rng(seed)
    highest = [item.scale.points for item in INSTRUMENT.items]
    others = np.where(it.answers > 0, chance.integers(1, highest, it.answers.shape, endpoint=True), 0)
    other = released(replace(it, answers=others.astype(np.uint8)))
    for one, two in zip(found.release.units, other.units, strict=True):
        assert (one.figures is None) == (two.figures is None)
        if one.figures and two.figures:
            assert [(part.by, part.bands, part.n) for part in one.figures.slices] == [
                (part.by, part.bands, part.n) for part in two.figures.slices
            ]


def planned(roster: Roster, n: list[int], threshold: int) -> list[str]:
    return [unit.id for unit, flag in zip(roster.units, plan(roster, n, Policy(threshold)), strict=True) if flag]


def test_the_plan_counts_people_invited_as_well_as_respondents() -> None:
    for seed in range(12):
        it, _ = case(seed)
        names = planned(it.roster, respondents(it.units, len(it.roster.units)).tolist(), it.policy.threshold)
        for unit in names:
            within = {each.id for each in it.roster.subtree(unit)} - {unit}
            hidden = {u.id for other in within.intersection(names) for u in it.roster.subtree(other)}
            left = sum(u.headcount for u in it.roster.subtree(unit) if u.id not in hidden)
            assert left == 0 or left >= it.policy.threshold


def test_no_plan_publishes_more_units() -> None:
    """Of all choices of units whose headcounts were told, tried one by one with what they leave of each other."""
    for seed in range(150):
        it = world(seed, size=7, largest=9)
        n, k = respondents(it.units, len(it.roster.units)).tolist(), it.policy.threshold
        inside = {u.id: {it.roster.position[each.id] for each in it.roster.subtree(u.id)} for u in it.roster.units}

        def few(part: set[int], n: list[int] = n, it: World = it, k: int = k) -> bool:
            heads = [it.roster.units[at].headcount for at in part]
            return any(0 < weight < k for weight in (sum(n[at] for at in part), sum(heads)))

        told = stated(it.roster, k)
        large = [
            u.id
            for u, flag in zip(it.roster.units, told, strict=True)
            if flag and sum(n[at] for at in inside[u.id]) >= k
        ]

        def lawful(some: tuple[str, ...], inside: dict[str, set[int]] = inside, few: Callable = few) -> bool:
            return not any(
                few(inside[unit] - set().union(*(inside[other] for other in some if inside[other] < inside[unit])))
                for unit in some
            )

        best = max(size for size in range(len(large) + 1) if any(map(lawful, combinations(large, size))))
        assert len(planned(it.roster, n, k)) == best, seed


def test_nearly_all_teams_that_are_large_enough_keep_their_totals() -> None:
    """In organisations as they are: departments of teams, few of them small."""
    survived = eligible = 0
    for seed in range(30):
        chance = np.random.default_rng(seed)
        units = [Unit("all", "All", None, 1)]
        for department in range(6):
            units.append(Unit(f"d{department}", "Department", "all", int(chance.integers(0, 2))))
            units += [Unit(f"d{department}t{t}", "Team", f"d{department}", int(chance.poisson(7))) for t in range(10)]
        roster = arranged(units)
        n = [int(chance.binomial(unit.headcount, 0.8)) for unit in roster.units]
        shown = set(planned(roster, n, 5))
        large = {unit.id for unit, people in zip(roster.units, n, strict=True) if people >= 5}
        survived, eligible = survived + len(large & shown), eligible + len(large)
    assert eligible > 1000
    assert survived >= 0.97 * eligible


def test_moments_are_pooled_only_from_many_people_in_several_groups() -> None:
    large = world(4, size=30, largest=16)
    pooled = released(large).pooled
    assert pooled is not None
    assert pooled.n == tallied(large).pooled_n >= large.policy.pool
    assert pooled.items == ("B1", "B2", "B4")
    assert released(world(4, size=4, largest=8)).pooled is None


@pytest.mark.parametrize("seed", [4, 8, 9])
def test_items_are_those_asked_in_the_order_of_the_instrument(seed: int) -> None:
    it, found = case(seed)
    part = released(it.asking("B1", "B4"))
    compared = 0
    for one, two in zip(found.release.units, part.units, strict=True):
        if one.figures and two.figures:
            assert two.figures.items == {id: it for id, it in one.figures.items.items() if id in ("B1", "B4")}
            compared += len(two.figures.items)
    assert compared


def test_a_release_carries_who_took_over_whom_whether_a_unit_is_shown_or_not() -> None:
    there = world(4)
    units = [replace(unit, before=(f"old-{unit.id}", "older")) for unit in there.roster.units]
    units[-1] = replace(units[-1], before=None)
    release = released(replace(there, roster=Roster(tuple(units))))
    assert any(unit.figures is None for unit in release.units)
    assert [unit.before for unit in release.units] == [unit.before or () for unit in units]
    assert replace(release, units=()) == replace(released(there), units=(), pooled=release.pooled)
