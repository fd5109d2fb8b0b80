"""People between pulses: most stay, some leave, and every unit ends up with exactly the headcount it should have."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from service.demo.organisation import DISSOLVED, PLACES, POSITION, headcounts
from service.demo.people import People, first_people, next_people

START = date(2024, 1, 1).toordinal()
YEAR = 365


def counted(people: People) -> list[int]:
    return np.bincount(people.place, minlength=len(PLACES)).tolist()


def test_units_always_have_their_headcount_and_nobody_comes_from_the_future() -> None:
    rng = np.random.default_rng(1)
    sizes = headcounts(rng, 8)
    people = first_people(rng, sizes[0], START, 2)
    for index in range(1, 8):
        day = START + 91 * index
        people = next_people(rng, people, sizes[index], day - 91, day)
        assert counted(people) == sizes[index].tolist()
        assert people.joined.max() <= day


def test_a_sixth_leaves_in_a_year() -> None:
    rng = np.random.default_rng(1)
    sizes = headcounts(rng, 1)[0] * 20
    people = first_people(rng, sizes, START, 1)
    after = next_people(rng, people, sizes, START, START + YEAR)
    assert np.mean(after.joined > START) == pytest.approx(0.17, abs=0.02)


def test_whoever_stays_keeps_trait_and_joining_day() -> None:
    rng = np.random.default_rng(1)
    sizes = headcounts(rng, 1)[0]
    people = first_people(rng, sizes, START, 3)
    after = next_people(rng, people, sizes, START, START + 91)
    known = {tuple(trait): day for trait, day in zip(people.trait.tolist(), people.joined.tolist(), strict=True)}
    stayed = [
        (tuple(t), day) for t, day in zip(after.trait.tolist(), after.joined.tolist(), strict=True) if day <= START
    ]
    assert len(stayed) > 0.9 * len(people)
    assert all(known[trait] == day for trait, day in stayed)


def test_people_of_a_dissolved_team_fill_vacancies_elsewhere() -> None:
    rng = np.random.default_rng(1)
    sizes = headcounts(rng, 1)[0]
    people = first_people(rng, sizes, START, 1)
    team = people.trait[people.place == POSITION[DISSOLVED]].ravel().tolist()
    without = sizes.copy()
    without[POSITION[DISSOLVED]] = 0
    after = next_people(rng, people, without, START, START + 91)
    assert len(set(team) & set(after.trait.ravel().tolist())) >= len(team) - 2
    assert counted(after) == without.tolist()


@pytest.mark.parametrize(("years", "band"), [(0.0, 0), (0.9, 0), (1.1, 1), (2.9, 1), (3.1, 2), (9.9, 2), (10.1, 3)])
def test_tenure_is_counted_from_the_day_of_joining(years: float, band: int) -> None:
    none = np.zeros(1, np.int64)
    people = People(none, np.array([START - round(years * YEAR)]), none, np.zeros((1, 1)))
    assert people.tenure(START).tolist() == [band]


def test_whoever_finds_no_place_leaves() -> None:
    rng = np.random.default_rng(1)
    sizes = headcounts(rng, 1)[0]
    halved = sizes // 2
    after = next_people(rng, first_people(rng, sizes, START, 1), halved, START, START + 91)
    assert counted(after) == halved.tolist()
