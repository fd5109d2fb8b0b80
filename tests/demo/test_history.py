"""The demo's history is one that could have happened: sendable as it is, and with what it claims to hold in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

import numpy as np
import pytest

from service.demo.history import DemoAnswer, DemoPulse, History, history
from service.demo.organisation import DISSOLVED, FOUNDED, NAME
from service.survey.instrument import Block, Instrument, Item, Language, Scale
from service.survey.response import MISSING, Reader
from service.survey.roster_document import parse_roster, roster_document

SCALE = Scale(1, 5, {})
BLOCKS = ("wellbeing", "strengths", "safety", "conflict", "leadership")
SEEDS = (1, 2, 3)
TEAM_SIZES = range(4, 15)


def instrument(blocks: Iterable[str] = BLOCKS, scale: Scale = SCALE, reverse: tuple[int, ...] = (1,)) -> Instrument:
    """Five items a block, those at the positions `reverse` reversed."""
    return Instrument(
        id="by-hand",
        version="1",
        names={"en": "By hand"},
        languages=(Language("en", "English"),),
        time_frame={},
        scale=scale,
        blocks=tuple(Block(block, "block", {"en": block}, block != "leadership") for block in blocks),
        items=tuple(
            Item(f"{block}-{number}", block, {"en": "Agree?"}, scale, reverse=number in reverse)
            for block in blocks
            for number in range(5)
        ),
    )


FIVE = instrument()


def made(seed: int, asked: Instrument = FIVE, pulses: int = 8, months: int = 3) -> History:
    return history(np.random.default_rng(seed), asked, date(2024, 1, 1), pulses, months)


@pytest.fixture(scope="module", params=SEEDS)
def past(request: pytest.FixtureRequest) -> History:
    return made(request.param)


def every_answer(past: History) -> Iterable[DemoAnswer]:
    return (answer for pulse in past.pulses for answer in pulse.answers)


def score(answer: DemoAnswer, block: str, asked: Instrument = FIVE) -> float:
    """The mean keyed answer of a block, NaN where every item of it was passed over."""
    items = [item for item in asked.items_of(block) if item.id in answer.answers]
    keyed = [item.scale.keyed(answer.answers[item.id], reverse=item.reverse) for item in items]
    return float(np.mean(keyed)) if keyed else float("nan")


def block_mean(pulse: DemoPulse, block: str, units: set[str]) -> float:
    return float(np.nanmean([score(answer, block) for answer in pulse.answers if answer.unit in units]))


def icc1(groups: Iterable[str], values: Iterable[float]) -> float:
    """ICC(1) of a one-way random-effects analysis of variance with unequal groups (Bliese 2000)."""
    kept = [(group, value) for group, value in zip(groups, values, strict=True) if not np.isnan(value)]
    x = np.array([value for _, value in kept])
    _, group = np.unique([group for group, _ in kept], return_inverse=True)
    n = np.bincount(group)
    means = np.bincount(group, x) / n
    between = (n * (means - x.mean()) ** 2).sum() / (len(n) - 1)
    within = ((x - means[group]) ** 2).sum() / (len(x) - len(n))
    k = (len(x) - (n**2).sum() / len(x)) / (len(n) - 1)
    return float((between - within) / (between + (k - 1) * within))


def mean_icc1(past: History, block: str) -> float:
    return float(
        np.mean([icc1([a.unit for a in p.answers], [score(a, block) for a in p.answers]) for p in past.pulses])
    )


def below(pulse: DemoPulse, unit: str) -> set[str]:
    return {each.id for each in pulse.roster.subtree(unit)}


def inner(pulse: DemoPulse) -> set[str]:
    return {unit.parent for unit in pulse.roster.units if unit.parent is not None}


def test_the_same_seed_makes_the_same_history_and_another_seed_another() -> None:
    assert made(7) == made(7)
    assert made(7) != made(8)


def test_every_answer_is_one_that_a_pulse_accepts(past: History) -> None:
    for pulse in past.pulses:
        for answer in pulse.answers:
            Reader(FIVE.items, pulse.bands, {band.id: frozenset(band.values) for band in pulse.bands}).read(
                answer.answers, answer.bands
            )


def test_every_point_of_the_scale_is_ticked(past: History) -> None:
    ticks = Counter(tick for answer in every_answer(past) for tick in answer.answers.values())
    assert set(ticks) == {1, 2, 3, 4, 5}
    assert min(ticks.values()) > 0.02 * ticks.total()


def test_nobody_answers_in_a_unit_that_is_not_there_or_already_complete(past: History) -> None:
    for pulse in past.pulses:
        answered = Counter(answer.unit for answer in pulse.answers)
        headcount = {unit.id: unit.headcount for unit in pulse.roster.units}
        assert all(n <= headcount.get(unit, 0) for unit, n in answered.items())


def test_three_to_four_in_five_take_part(past: History) -> None:
    shares = [len(pulse.answers) / pulse.roster.totals[0] for pulse in past.pulses]
    assert all(0.60 <= share <= 0.85 for share in shares)
    assert len(set(shares)) > 1


def test_rosters_are_valid_and_of_the_promised_size(past: History) -> None:
    for pulse in past.pulses:
        assert parse_roster(roster_document(pulse.roster)) == pulse.roster
        assert pulse.roster.units[0].name == NAME == past.name
        assert 440 <= pulse.roster.totals[0] <= 510


def test_the_tree_has_departments_teams_two_tiny_ones_and_a_chain(past: History) -> None:
    for pulse in past.pulses:
        units, parents = pulse.roster.units, Counter(unit.parent for unit in pulse.roster.units)
        teams = [unit for unit in units if unit.id not in inner(pulse)]
        assert parents[units[0].id] == 8
        assert 46 <= len(teams) <= 48
        assert 1 in parents.values()
        assert sorted(unit.headcount for unit in teams)[1] in (2, 3)
        assert all(unit.headcount in TEAM_SIZES for unit in teams if unit.headcount > 3)
        assert sum(unit.headcount <= 3 for unit in teams) == 2
        assert all(unit.headcount > 0 for unit in units)


def test_people_come_and_go_and_headcounts_shift_by_one(past: History) -> None:
    for before, after in zip(past.pulses, past.pulses[1:], strict=False):
        was = {unit.id: unit.headcount for unit in before.roster.units}
        shifts = [unit.headcount - was[unit.id] for unit in after.roster.units if unit.id in was]
        assert {-1, 0, 1} == set(shifts)


def test_a_team_is_founded_midway_and_another_dissolved(past: History) -> None:
    def present(unit: str) -> list[bool]:
        return [unit in pulse.roster for pulse in past.pulses]

    assert present(FOUNDED) == [False] * 4 + [True] * 4
    assert present(DISSOLVED) == [True] * 6 + [False] * 2


def test_turnover_keeps_a_share_of_newcomers(past: History) -> None:
    """At 17 % a year about that share of people has been there for less than one; the founded team adds a few."""
    for pulse in past.pulses:
        stated = Counter(answer.bands["tenure"] for answer in pulse.answers if "tenure" in answer.bands)
        assert set(stated) == {"0-1y", "1-3y", "3-10y", "10y+"}
        assert 0.08 < stated["0-1y"] / stated.total() < 0.28


def test_one_in_ten_bands_and_one_in_fifty_answers_are_left_out(past: History) -> None:
    answers = list(every_answer(past))
    assert np.mean([len(answer.answers) / len(FIVE.items) for answer in answers]) == pytest.approx(0.98, abs=0.004)
    assert np.mean([len(answer.bands) / 2 for answer in answers]) == pytest.approx(0.90, abs=0.02)


def test_field_crews_are_in_the_field_and_the_shop_floor_is_not(past: History) -> None:
    first = past.pulses[0]

    def field_share(unit: str) -> float:
        told = [a.bands["location"] for a in first.answers if a.unit in below(first, unit) and "location" in a.bands]
        return told.count("field") / len(told)

    assert field_share("field-service") > 0.6
    assert field_share("manufacturing") < 0.2


@pytest.mark.parametrize("block", BLOCKS)
def test_units_share_as_much_as_published_climates_do(past: History, block: str) -> None:
    assert 0.05 < mean_icc1(past, block) < 0.30


def test_the_block_about_the_leader_parts_units_most() -> None:
    shares = {block: np.mean([mean_icc1(made(seed), block) for seed in SEEDS]) for block in BLOCKS}
    assert max(shares, key=lambda block: shares[block]) == "leadership"


def test_safety_drops_in_manufacturing_and_partly_recovers(past: History) -> None:
    units = below(past.pulses[0], "manufacturing")
    means = [block_mean(pulse, "safety", units) for pulse in past.pulses]
    before = np.mean(means[:5])
    assert means[5] < before - 0.5
    assert means[5] + 0.15 < means[7] < before
    others = {unit.id for unit in past.pulses[0].roster.units} - units
    elsewhere = [block_mean(pulse, "safety", others) for pulse in past.pulses]
    assert abs(elsewhere[5] - np.mean(elsewhere[:5])) < 0.25


def test_conflict_improves_in_one_team(past: History) -> None:
    means = [block_mean(pulse, "conflict", {"service-hotline"}) for pulse in past.pulses]
    assert np.mean(means[-3:]) > np.mean(means[:3]) + 0.5


def test_units_keep_their_climate_from_pulse_to_pulse(past: History) -> None:
    first, second = past.pulses[:2]
    answered = [Counter(answer.unit for answer in pulse.answers) for pulse in (first, second)]
    units = [unit for unit in first.roster.position if all(n[unit] >= 4 for n in answered)]
    means = [[block_mean(pulse, "leadership", {unit}) for unit in units] for pulse in (first, second)]
    assert np.corrcoef(means)[0, 1] > 0.4


def test_a_reversed_item_is_ticked_the_other_way_round() -> None:
    """Keyed answers of all items go together, raw ones against the reversed; reversing changes no keyed answer."""
    straight, reversed_ = made(1, instrument(reverse=())), made(1, instrument(reverse=(1, 3)))
    items = instrument(reverse=(1, 3)).items
    for one, other in zip(every_answer(straight), every_answer(reversed_), strict=True):
        keyed = {
            item.id: SCALE.keyed(other.answers[item.id], reverse=item.reverse)
            for item in items
            if item.id in other.answers
        }
        assert one.answers == keyed
    assert next(every_answer(straight)).answers != next(every_answer(reversed_)).answers


def test_items_of_a_block_go_together(past: History) -> None:
    packed = [Reader(FIVE.items, (), {}).read(answer.answers, {}).answers for answer in past.pulses[0].answers]
    answers = np.array([list(row) for row in packed], float)
    whole = answers[(answers != MISSING).all(axis=1)]
    for start in range(0, len(FIVE.items), 5):
        block = whole[:, start : start + 5]
        alpha = 5 / 4 * (1 - block.var(axis=0, ddof=1).sum() / block.sum(axis=1).var(ddof=1))
        assert 0.7 < alpha < 0.95


@pytest.mark.parametrize("scale", [Scale(0, 10, {}), Scale(1, 7, {}), Scale(1, 2, {})])
def test_any_instrument_will_do(scale: Scale) -> None:
    unknown = instrument(["weather", "canteen"], scale)
    past = made(1, unknown, pulses=2)
    ticks = {tick for answer in every_answer(past) for tick in answer.answers.values()}
    assert ticks == set(range(scale.low, scale.high + 1))


def test_items_of_different_scales_each_keep_to_their_own() -> None:
    yes_no = Item("safety-yes", "safety", {"en": "Agree?"}, Scale(0, 1, {}))
    mixed = Instrument("m", "1", {}, FIVE.languages, {}, SCALE, FIVE.blocks, (*FIVE.items, yes_no))
    answers = list(every_answer(made(1, mixed, pulses=1)))
    assert {answer.answers.get("safety-yes") for answer in answers} == {0, 1, None}
    assert all(tick in SCALE for answer in answers for id, tick in answer.answers.items() if id != "safety-yes")


def test_nobody_sends_nothing() -> None:
    single = Instrument("s", "1", {}, FIVE.languages, {}, SCALE, FIVE.blocks[:1], FIVE.items[:1])
    assert all(answer.answers for answer in every_answer(made(1, single, pulses=2)))


@pytest.mark.parametrize("months", [1, 2, 3, 6, 11, 12])
def test_pulses_follow_one_another_under_names_of_their_own(months: int) -> None:
    start = date(2023, 10, 31)
    past = history(np.random.default_rng(1), FIVE, start, 9, months)
    assert len({pulse.label for pulse in past.pulses}) == 9
    for pulse, following in zip(past.pulses, past.pulses[1:], strict=False):
        assert pulse.opened_on < pulse.closed_on < following.opened_on
    assert all(
        pulse.opened_on.weekday() == 0 and (pulse.closed_on - pulse.opened_on).days == 13 for pulse in past.pulses
    )


def test_dates_and_labels() -> None:
    first, second = made(1, pulses=2).pulses
    assert (first.label, first.opened_on, first.closed_on) == ("Q1 2024", date(2024, 1, 1), date(2024, 1, 14))
    assert (second.label, second.opened_on) == ("Q2 2024", date(2024, 4, 1))
    assert made(1, pulses=2, months=1).pulses[1].label == "February 2024"


@pytest.mark.parametrize("pulses", [1, 2, 3])
def test_short_histories_are_whole(pulses: int) -> None:
    assert [bool(pulse.answers) for pulse in made(1, pulses=pulses).pulses] == [True] * pulses
