"""Who came and went, against the definition taken word for word, on trees that grow, shrink and turn over."""

from __future__ import annotations

import random

import pytest

from service.release.moves import moved
from service.survey.roster import Roster, Unit, arranged


def roster(**units: tuple[str | None, int]) -> Roster:
    return arranged(Unit(id, id, parent, headcount) for id, (parent, headcount) in units.items())


def by_definition(now: Roster, earlier: list[tuple[str, Roster]], threshold: int) -> list[tuple[str, ...]]:
    def joined(later: Roster, former: Roster, unit: str) -> int:
        then = {it.id: it.headcount for it in former.subtree(unit)}
        return sum(max(0, it.headcount - then.get(it.id, 0)) for it in later.subtree(unit))

    return [
        tuple(
            id
            for id, then in earlier
            if 1 <= joined(now, then, unit.id) < threshold or 1 <= joined(then, now, unit.id) < threshold
        )
        for unit in now.units
    ]


def by_chance(chance: random.Random, size: int) -> Roster:
    """Of twelve units some, in any tree, so that parents and children change places between two of them."""
    ids = chance.sample("abcdefghijkl", size)
    return arranged(
        Unit(id, id, chance.choice([None, *ids[:place]]) if place else None, chance.randint(0, 4))
        for place, id in enumerate(ids)
    )


@pytest.mark.parametrize("seed", range(300))
def test_equals_the_definition(seed: int) -> None:
    chance = random.Random(seed)
    now = by_chance(chance, chance.randint(1, 12))
    earlier = [(f"p{n}", by_chance(chance, chance.randint(1, 12))) for n in range(3)] + [("same", now)]
    assert moved(now, earlier, 6) == by_definition(now, earlier, 6)


@pytest.mark.parametrize("seed", range(100))
def test_equals_the_definition_after_a_few_changes(seed: int) -> None:
    chance = random.Random(seed)
    now = by_chance(chance, 12)
    units = [*now.units]
    for _ in range(2):
        place = chance.randrange(len(units))
        above = chance.choice([None, *(it.id for it in units[:place])])
        units[place] = Unit(units[place].id, "", above, abs(units[place].headcount + chance.randint(-1, 1)))
    then = arranged(units)
    assert moved(now, [("then", then)], 4) == by_definition(now, [("then", then)], 4)


NOW = roster(top=(None, 0), left=("top", 10), right=("top", 10), team=("left", 7))


@pytest.mark.parametrize(
    ("then", "told"),
    [
        (NOW, ""),
        (roster(top=(None, 0), left=("top", 10), right=("top", 10), team=("left", 6)), "top left team"),
        (roster(top=(None, 0), left=("top", 10), right=("top", 10), team=("left", 11)), "top left team"),
        (roster(top=(None, 0), left=("top", 10), right=("top", 10), team=("left", 2)), ""),
        # A team moves across: all of it joins one side and leaves the other, and nobody the whole.
        (roster(top=(None, 0), left=("top", 10), right=("top", 10), team=("right", 7)), ""),
        # One comes on the left, one goes on the right: the whole is not the same people.
        (roster(top=(None, 0), left=("top", 9), right=("top", 11), team=("left", 7)), "top left right"),
        (roster(top=(None, 0), left=("top", 10), right=("top", 10)), ""),
        (roster(other=(None, 3)), ""),
    ],
)
def test_fewer_than_the_threshold_are_told(then: Roster, told: str) -> None:
    found = moved(NOW, [("p", then)], 5)
    assert [unit.id for unit, pulses in zip(NOW.units, found, strict=True) if pulses] == sorted(
        told.split(), key=lambda id: NOW.position[id]
    )


def test_a_small_unit_that_is_new_has_joined_as_a_whole() -> None:
    now = roster(top=(None, 9), new=("top", 3))
    assert moved(now, [("p", roster(top=(None, 9)))], 5) == [("p",), ("p",)]


def test_pulses_stand_in_the_order_given() -> None:
    now, then = roster(a=(None, 9)), roster(a=(None, 8))
    assert moved(now, [("z", then), ("same", now), ("b", then)], 5) == [("z", "b")]
    assert moved(now, [], 5) == [()]
    assert moved(roster(), [("z", then)], 5) == []
