"""Numbers of invited people that may be told, against exhaustive search over everything told of one family."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from service.release.audit import audit
from service.release.bands import invited
from service.release.headcounts import Told, stated, told
from service.survey.instrument import Instrument, Scale
from service.survey.pulse import Band, Pulse, State
from service.survey.roster import Roster, Unit, arranged

VALUES = ("a", "b", "c")
PULSE = Pulse(
    id="p",
    organisation="o",
    label="",
    series="",
    instrument=Instrument("i", "1", {}, (), {}, Scale(1, 5, {}), (), ()),
    items=(),
    bands=(Band("tenure", VALUES), Band("site", ("x", "y"))),
    threshold=4,
    state=State.OPEN,
    crosses=(("tenure", "site"),),
)


def roster_of(**heads: tuple[str | None, int]) -> Roster:
    return arranged(Unit(id, id.title(), parent, head) for id, (parent, head) in heads.items())


def told_of(pulse: Pulse, roster: Roster) -> tuple[Told, ...]:
    return told(pulse, roster, stated(roster, pulse.threshold))


def entry(it: Told, roster: Roster, unit: str, *values: str) -> tuple[bool, int, bool]:
    at = roster.position[unit], it.values.index(values)
    return bool(it.open[at]), int(it.invited[at]), bool(it.exact[at])


def test_a_small_unit_and_the_sibling_that_would_give_it_away_are_not_stated() -> None:
    roster = roster_of(all=(None, 0), left=("all", 9), right=("all", 9), few=("all", 3))
    shown = dict(zip((unit.id for unit in roster.units), stated(roster, 4), strict=True))
    assert shown["all"]
    assert not shown["few"]
    assert shown["left"] != shown["right"]


def test_the_number_of_a_third_value_is_not_left_over() -> None:
    """10 + 10 of 22: either may be told alone, both would tell that two are of the third."""
    roster = roster_of(all=(None, 22))
    pulse = replace(PULSE, classes={"all": {"tenure": {"a": 10, "b": 10, "c": 2}}})
    tenure = told_of(pulse, roster)[0]
    one, other, few = (entry(tenure, roster, "all", value) for value in VALUES)
    assert {one, other} == {(True, 10, True), (True, 12, False)}
    assert few == (False, 12, False)


def test_what_nobody_stated_is_the_most_it_can_be() -> None:
    roster = roster_of(all=(None, 0), team=("all", 9), crew=("all", 8))
    pulse = replace(PULSE, classes={"team": {"tenure": {"a": 4, "b": 5}}})
    tenure, site, crossed = told_of(pulse, roster)
    assert entry(tenure, roster, "team", "a") == (True, 4, True)
    assert entry(tenure, roster, "team", "c") == (False, 0, True)
    assert entry(tenure, roster, "all", "c") == (True, 17, False)
    assert entry(site, roster, "crew", "x") == (True, 8, False)
    assert entry(crossed, roster, "team", "a", "y") == (True, 4, False)
    assert entry(crossed, roster, "team", "c", "y")[0] is False


def worlds(count: int) -> list[tuple[Roster, Pulse]]:
    chance = random.Random(11)
    found = []
    for _ in range(count):
        size = chance.randint(1, 5)
        heads, classes = {}, {}
        for at in range(size):
            by_value = {value: chance.choice((0, 1, 3, 4, 9)) for value in VALUES}
            unsaid = chance.choice((0, 0, 2))
            heads[f"u{at}"] = (None if at == 0 else f"u{chance.randrange(at)}", sum(by_value.values()) + unsaid)
            if chance.random() < 0.85:
                classes[f"u{at}"] = {"tenure": by_value}
        found.append((roster_of(**heads), replace(PULSE, classes=classes, crosses=())))
    return found


@pytest.mark.parametrize("world", worlds(150))
def test_no_combination_of_what_is_told_counts_a_few(world: tuple[Roster, Pulse]) -> None:
    roster, pulse = world
    shown = stated(roster, pulse.threshold)
    tenure = told_of(pulse, roster)[0]
    cells = list(product(range(len(roster.units)), (*VALUES, "unsaid")))
    counts = [_people(roster.units[unit], value, pulse) for unit, value in cells]
    below = [{roster.position[it.id] for it in roster.subtree(unit.id)} for unit in roster.units]
    groups = [[c for c, (at, _) in enumerate(cells) if at in below[unit]] for unit in np.flatnonzero(shown)]
    for unit, place in zip(*np.nonzero(tenure.exact & shown[:, np.newaxis]), strict=True):
        groups.append([c for c, (at, it) in enumerate(cells) if at in below[unit] and it == VALUES[place]])
    verdict = audit(counts, groups, pulse.threshold)
    assert verdict.safe


@pytest.mark.parametrize("world", worlds(150))
def test_nothing_told_is_below_what_it_bounds(world: tuple[Roster, Pulse]) -> None:
    roster, pulse = world
    tenure, most = told_of(pulse, roster)[0], invited(pulse, roster)[0]
    people = sum(
        np.array([[_people(it, value, pulse) for value in VALUES] for it in roster.units])[list(inside)].sum(0)
        * np.eye(len(roster.units), dtype=np.int64)[:, [at]]
        for at, inside in enumerate([[roster.position[it.id] for it in roster.subtree(u.id)] for u in roster.units])
    )
    assert (tenure.invited >= people).all()
    assert (tenure.invited == people)[tenure.exact].all()
    assert (tenure.open <= most.open(pulse.threshold)).all()


def _people(unit: Unit, value: str, pulse: Pulse) -> int:
    counts = pulse.classes.get(unit.id, {}).get("tenure", {})
    return unit.headcount - sum(counts.values()) if value == "unsaid" else counts.get(value, 0)
