"""Who came and went, against the definition taken word for word, on trees that grow, shrink, turn over and are
reorganised."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

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


def renamed_merged_split(chance: random.Random, then: Roster) -> Roster:
    """What a reorganisation may make of `then`: any unit may have taken over any others, gone or not."""
    ids = [unit.id for unit in then.units] + ["x", "y", "z"]
    after = arranged(replace(unit, before=None) for unit in by_chance(chance, chance.randint(1, 12)).units)
    others = {unit.id: chance.choice(["x", "y", "z", unit.id]) for unit in after.units if unit.id in "ace"}
    taken = {id: new for id, new in others.items() if list(others.values()).count(new) == 1}
    units = []
    for unit in after.units:
        id = taken.get(unit.id, unit.id)
        before = chance.sample([it for it in ids if it != id], min(chance.choice([0, 0, 1, 1, 2, 3]), len(ids) - 1))
        parent = None if unit.parent is None else taken.get(unit.parent, unit.parent)
        units.append(Unit(id, id, parent, unit.headcount, tuple(before) or None))
    return arranged(units)


def origins(rosters: list[Roster]) -> dict[str, set[str]]:
    """By unit of the last roster those of the first it holds the people of, step by step through those between."""
    holds = {unit.id: {unit.id} for unit in rosters[-1].units}
    for then, later in zip(rosters[-2::-1], rosters[:0:-1], strict=True):
        step: dict[str, set[str]] = {}
        for unit in later.units:
            settled = then.before.get(unit.id, ())
            step[unit.id] = {id for id in (unit.before or ()) if id in then and id not in settled}
            step[unit.id] |= {unit.id} & set(then.position)
        holds = {unit: {it for id in ids for it in step[id]} for unit, ids in holds.items()}
        holds = {unit: ids | ({unit} & set(then.position)) for unit, ids in holds.items()}
    return holds


def groups(holds: Mapping[str, set[str]]) -> list[tuple[set[str], set[str]]]:
    found: list[tuple[set[str], set[str]]] = []
    for unit, ids in holds.items():
        touching = [it for it in found if it[1] & ids]
        found = [it for it in found if it not in touching]
        found.append(({unit}.union(*(it[0] for it in touching)), ids.union(*(it[1] for it in touching))))
    return found


def few_by_lineage(now: Roster, then: Roster, holds: Mapping[str, set[str]], unit: str, threshold: int) -> bool:
    def subtrees(roster: Roster, ids: set[str]) -> dict[str, int]:
        return {it.id: it.headcount for id in ids for it in roster.subtree(id)}

    here = subtrees(now, {unit})
    for ids in (holds[unit], {unit} & set(then.position)):
        if not ids and unit not in then and holds[unit]:
            continue  # new, and compared with those it took over alone
        there = subtrees(then, ids)
        stayed = sum(
            min(sum(here.get(it, 0) for it in later), sum(there.get(it, 0) for it in former))
            for later, former in groups(holds)
        )
        if any(0 < few < threshold for few in (sum(here.values()) - stayed, sum(there.values()) - stayed)):
            return True
    return False


@pytest.mark.parametrize("seed", range(400))
def test_equals_the_definition_after_reorganisations(seed: int) -> None:
    chance = random.Random(seed)
    rosters = [by_chance(chance, chance.randint(1, 12))]
    for _ in range(chance.choice([1, 1, 2, 3])):
        rosters.append(renamed_merged_split(chance, rosters[-1]))
    *earlier, now = rosters
    holds = [origins(rosters[place:]) for place in range(len(earlier))]
    assert moved(now, [(f"p{place}", then) for place, then in enumerate(earlier)], 6) == [
        tuple(f"p{place}" for place, then in enumerate(earlier) if few_by_lineage(now, then, holds[place], unit.id, 6))
        for unit in now.units
    ]


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


def named(tree: Roster, **before: tuple[str, ...]) -> Roster:
    return arranged(replace(unit, before=before.get(unit.id)) for unit in tree.units)


THEN = roster(top=(None, 0), left=("top", 10), right=("top", 10), small=("left", 3), team=("left", 7))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        # A small team under a new name is no exchange of three people, for itself or for those above it.
        (
            named(
                roster(top=(None, 0), left=("top", 10), right=("top", 10), few=("left", 3), team=("left", 7)),
                few=("small",),
            ),
            "",
        ),
        (roster(top=(None, 0), left=("top", 10), right=("top", 10), few=("left", 3), team=("left", 7)), "top left few"),
        # Two who joined with the new name are two who joined.
        (
            named(
                roster(top=(None, 0), left=("top", 10), right=("top", 10), small=("left", 3), crew=("left", 9)),
                crew=("team",),
            ),
            "top left crew",
        ),
        (roster(top=(None, 0), left=("top", 10), right=("top", 10), small=("left", 3), crew=("left", 9)), ""),
        # Both sides become one: nobody joined, nobody left. With two more, two joined.
        (
            named(roster(top=(None, 0), both=("top", 20), small=("both", 3), team=("both", 7)), both=("left", "right")),
            "",
        ),
        (
            named(roster(top=(None, 0), both=("top", 22), small=("both", 3), team=("both", 7)), both=("left", "right")),
            "top both",
        ),
        # Into a team that lives on: for what it was alone, three joined.
        (named(roster(top=(None, 0), left=("top", 10), right=("top", 10), team=("left", 10)), team=("small",)), "team"),
        # A split stays in the unit above, and to each part it is as if the rest had left.
        (
            named(
                roster(
                    top=(None, 0),
                    left=("top", 10),
                    right=("top", 10),
                    small=("left", 3),
                    one=("left", 5),
                    two=("left", 2),
                ),
                one=("team",),
                two=("team",),
            ),
            "one",
        ),
    ],
)
def test_who_took_over_whom_is_no_coming_and_going(now: Roster, told: str) -> None:
    found = moved(now, [("p", THEN)], 5)
    assert {unit.id for unit, pulses in zip(now.units, found, strict=True) if pulses} == set(told.split())


def test_a_unit_is_followed_through_the_pulses_between() -> None:
    """Renamed from pulse to pulse, and grown by one at last: that one is seen since either pulse."""
    first, then = roster(a=(None, 9)), named(roster(b=(None, 9)), b=("a",))
    now = named(roster(c=(None, 10)), c=("b",))
    assert moved(now, [("p", first), ("q", then)], 5) == [("p", "q")]


def test_a_small_unit_that_is_new_has_joined_as_a_whole() -> None:
    now = roster(top=(None, 9), new=("top", 3))
    assert moved(now, [("p", roster(top=(None, 9)))], 5) == [("p",), ("p",)]


def test_pulses_stand_in_the_order_given() -> None:
    now, then = roster(a=(None, 9)), roster(a=(None, 8))
    assert moved(now, [("z", then), ("same", now), ("b", then)], 5) == [("z", "b")]
    assert moved(now, [], 5) == [()]
    assert moved(roster(), [("z", then)], 5) == []


def test_a_team_below_a_part_of_a_split_stays_below_the_other_part_above_it() -> None:
    then = roster(top=(None, 0), whole=("top", 10), team=("whole", 3))
    now = roster(top=(None, 0), outer=("top", 5), inner=("outer", 5), team=("inner", 3))
    now = named(now, outer=("whole",), inner=("whole",))
    assert moved(now, [("p", then)], 5) == [(), (), (), ()]
