"""Today's units followed back: what was renamed, merged, split or moved, and sums of published figures only."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest

from service.analytics.lineage import Lineage, as_it_is_now, few_moved
from service.release.release import PublicUnit, Release
from tests.analytics.building import bounded, moved, released

ROW = (4, 3, 2)
Before = Mapping[str, tuple[str, ...]]


def pulse(number: int, parents: Mapping[str, str | None], before: Before | None = None, **people: int) -> Release:
    """Six people directly in each unit but where `people` says otherwise; headcounts are those of who answered."""
    sheets = {unit: [ROW] * people.get(unit, 6) for unit in parents}
    above = {unit: parent for unit, parent in parents.items() if parent is not None}
    made = released(sheets, parents=above, pulse=f"p{number}", closed_on=date(2025, number, 1))
    return replace(made, units=tuple(_exact(unit, before or {}) for unit in made.units))


def _exact(unit: PublicUnit, before: Before) -> PublicUnit:
    assert unit.figures is not None
    figures = replace(unit.figures, headcount=unit.figures.n)
    return replace(unit, figures=figures, before=before.get(unit.id, ()))


def units(releases: Sequence[Release]) -> dict[str, dict[str, tuple[str, ...]]]:
    """What every unit is made of in the pulses before the newest."""
    newest = releases[-1].pulse
    found = as_it_is_now(releases)
    assert all(pulses[newest].units == (unit,) for unit, pulses in found.items())
    return {unit: {at: it.units for at, it in pulses.items() if at != newest} for unit, pulses in found.items()}


FLAT = pulse(1, {"all": None, "t1": "all", "t2": "all"})


def test_without_a_reorganisation_each_unit_is_itself() -> None:
    again = replace(FLAT, pulse="p2", closed_on=date(2025, 2, 1))
    assert units([FLAT, again]) == {id: {"p1": (id,)} for id in ("all", "t1", "t2")}
    assert units([FLAT]) == {id: {} for id in ("all", "t1", "t2")}
    assert as_it_is_now([]) == {}


def test_a_renamed_unit_is_the_one_that_is_gone() -> None:
    now = pulse(2, {"all": None, "quay": "all", "t2": "all"}, {"quay": ("t1",)})
    assert units([FLAT, now]) == {"all": {"p1": ("all",)}, "quay": {"p1": ("t1",)}, "t2": {"p1": ("t2",)}}
    (told,) = [it for it in as_it_is_now([FLAT, now])["quay"].values() if it.release is FLAT]
    assert told.figures == FLAT.unit["t1"].figures


def test_a_merged_unit_is_all_it_took_over() -> None:
    now = pulse(2, {"all": None, "quay": "all"}, {"quay": ("t2", "t1")})
    assert units([FLAT, now])["quay"] == {"p1": ("t1", "t2")}
    kept = pulse(2, {"all": None, "t1": "all"}, {"t1": ("t2",)})
    assert units([FLAT, kept])["t1"] == {"p1": ("t1", "t2")}


@pytest.mark.parametrize(
    "now",
    [
        pulse(2, {"all": None, "one": "all", "two": "all", "t2": "all"}, {"one": ("t1",), "two": ("t1",)}),
        pulse(2, {"all": None, "t1": "all", "two": "all", "t2": "all"}, {"two": ("t1",)}),
    ],
    ids=["into new ones", "beside itself"],
)
def test_parts_of_a_split_have_no_past_and_the_unit_above_them_has(now: Release) -> None:
    parts = {unit.id for unit in now.units} - {"all", "t2"}
    found = units([FLAT, now])
    assert {part: found[part] for part in parts} == {part: {} for part in parts}
    assert (found["all"], found["t2"]) == ({"p1": ("all",)}, {"p1": ("t2",)})


def test_parts_that_come_together_again_have_the_past_of_the_whole() -> None:
    apart = pulse(2, {"all": None, "one": "all", "two": "all"}, {"one": ("t1",), "two": ("t1",)})
    again = pulse(3, {"all": None, "whole": "all"}, {"whole": ("one", "two")})
    assert units([FLAT, apart, again])["whole"] == {"p1": ("t1",), "p2": ("one", "two")}


def test_a_lineage_is_followed_step_by_step_and_named_for_good() -> None:
    renamed = pulse(2, {"all": None, "quay": "all", "t2": "all"}, {"quay": ("t1",)})
    # What was named once stays named; a unit of the old name that is made anew is another one.
    later = pulse(3, {"all": None, "quay": "all", "dock": "all", "t1": "all"}, {"quay": ("t1",), "dock": ("t2",)})
    found = units([FLAT, renamed, later])
    assert found["quay"] == {"p1": ("t1",), "p2": ("quay",)}
    assert found["dock"] == {"p1": ("t2",), "p2": ("t2",)}
    assert found["t1"] == {}


TREE = {"all": None, "ops": "all", "hr": "all", "a": "ops", "b": "ops", "c": "hr", "d": "hr"}


def test_a_team_that_moved_is_taken_along() -> None:
    """Operations hold team c now, so team c is added to what they were; People without it are no sum of units."""
    then, now = pulse(1, TREE), pulse(2, TREE | {"c": "ops"})
    found = units([then, now])
    assert found == {
        "all": {"p1": ("all",)},
        "ops": {"p1": ("ops", "c")},
        "hr": {},
        **{team: {"p1": (team,)} for team in "abcd"},
    }


def test_a_unit_with_nobody_of_its_own_is_the_teams_it_has_now() -> None:
    people = {"ops": 0, "hr": 0, "all": 0}
    then, now = pulse(1, TREE, **people), pulse(2, TREE | {"c": "ops"}, **people)
    assert units([then, now])["hr"] == {"p1": ("d",)}
    split = {"all": None, "north": "all", "hr": "all", "a": "north", "south": "all", "b": "south", "c": "hr", "d": "hr"}
    reorganised = pulse(2, split, {"north": ("ops",), "south": ("ops",)}, **people, north=0, south=0)
    found = units([then, reorganised])
    assert (found["north"], found["south"]) == ({"p1": ("a",)}, {"p1": ("b",)})


def test_headcounts_that_are_withheld_tell_nothing_of_a_unit() -> None:
    people = {"ops": 0, "hr": 0, "all": 0}
    then, now = pulse(1, TREE, **people), pulse(2, TREE | {"c": "ops"}, **people)
    hidden = [replace(unit, figures=None) if unit.id == "hr" else unit for unit in then.units]
    assert units([replace(then, units=tuple(hidden)), now])["hr"] == {}


def test_a_unit_that_is_gone_and_not_named_went_into_the_one_above() -> None:
    now = pulse(2, {"all": None, "t2": "all"})
    assert units([FLAT, now]) == {"all": {"p1": ("all",)}, "t2": {"p1": ("t2",)}}
    roots = pulse(1, {"a": None, "b": None})
    assert units([roots, pulse(2, {"a": None})]) == {"a": {"p1": ("a",)}}


def test_departments_merge_with_all_below_them() -> None:
    merged = {"all": None, "both": "all", "a": "both", "b": "both", "c": "both", "d": "both"}
    assert units([pulse(1, TREE), pulse(2, merged, {"both": ("ops", "hr")})])["both"] == {"p1": ("ops", "hr")}


@pytest.mark.parametrize("seed", range(200))
def test_what_a_unit_is_made_of_are_the_people_it_holds(seed: int) -> None:
    """Each person is followed alone, by where she can have gone; published units must hold just those in a unit."""
    chance = random.Random(seed)
    releases = [_by_chance(chance, 1, [])]
    for number in range(2, chance.randint(3, 5)):
        releases.append(_by_chance(chance, number, [unit.id for unit in releases[-1].units]))
    newest, found = releases[-1], units(releases)
    for place, release in enumerate(releases[:-1]):
        went = {unit.id: _ends(releases[place:], unit.id) for unit in release.units}
        filled = {unit.id for unit in release.units if _directly(release, unit.id)}
        for unit in newest.units:
            inside = set(_below(newest, unit.id))
            sure = {id for id in filled if went[id] <= inside}
            perhaps = {id for id in filled if went[id] & inside}
            told = found[unit.id].get(release.pulse)
            held = {id for part in told or () for id in _below(release, part)} & filled
            whole = {
                id
                for it in release.units
                if set(_below(release, it.id)) & filled <= sure
                for id in _below(release, it.id)
            }
            if told is None:
                assert not sure or perhaps != sure or not sure <= whole
            else:
                assert held == sure == perhaps


def _by_chance(chance: random.Random, number: int, former: list[str]) -> Release:
    """Of eight units some, in any tree, that may have taken over any others."""
    ids = chance.sample("abcdefgh", chance.randint(2, 8))
    parents = {id: chance.choice([None, *ids[:place]]) if place else None for place, id in enumerate(ids)}
    before = {
        id: tuple(chance.sample([it for it in former if it != id], 1))
        for id in ids
        if len(former) > 1 and chance.random() < 0.4
    }
    return pulse(number, parents, before, **{id: chance.choice([0, 6]) for id in ids})


def _below(release: Release, unit: str) -> list[str]:
    found = [unit]
    for it in release.units:
        if it.parent in found:
            found.append(it.id)
    return found


def _directly(release: Release, unit: str) -> int:
    def people(it: PublicUnit) -> int:
        assert it.figures is not None
        return it.figures.headcount

    return people(release.unit[unit]) - sum(people(it) for it in release.units if it.parent == unit)


def _ends(releases: Sequence[Release], unit: str | None) -> set[str]:
    """Where in the last release a person who was in `unit` in the first may be."""
    if unit is None:
        return {"nowhere"}
    if len(releases) == 1:
        return {unit}
    then, later = releases[0], releases[1]
    takers = [
        it.id
        for it in later.units
        if it.id == unit or (unit in it.before and not (it.id in then.unit and unit in then.unit[it.id].before))
    ]
    if not takers:
        return _ends(releases, then.unit[unit].parent)
    return {end for taker in takers for end in _ends(releases[1:], taker)}


def test_figures_of_several_units_are_their_sums() -> None:
    release = released(
        {"all": [], "a": [(5, 4, 3)] * 6, "b": [(1, 2, 3), *[(1, 2, 0)] * 4]}, parents={"a": "all", "b": "all"}
    )
    added, whole = Lineage(release, ("a", "b")).figures, release.unit["all"].figures
    assert added is not None
    assert whole is not None
    assert (added.n, added.headcount) == (11, 8 + 7)
    assert {id: (it.n, it.total) for id, it in added.items.items()} == {"A1": (11, 35), "A2": (11, 34), "B1": (7, 21)}
    assert (added.items["A1"], added.items["A2"]) == (whole.items["A1"], whole.items["A2"])
    assert added.items["B1"].counts is None
    assert added.items["A1"].counts == (5, 0, 0, 0, 6)
    assert Lineage(release, ("a",)).figures is release.unit["a"].figures


def test_what_one_of_them_withholds_is_not_guessed() -> None:
    sheets = {"all": [], "a": [(5, 4, 3)] * 6, "b": [(1, 2, 3)] * 6}
    parents = {"a": "all", "b": "all"}
    lacking = bounded(released(sheets, parents=parents, withheld=[("a", "A1")]), "b", "A2", 6, 8)
    figures = Lineage(lacking, ("a", "b")).figures
    assert figures is not None
    assert list(figures.items) == ["B1"]
    assert Lineage(released(sheets, parents=parents, hidden=["a"]), ("a", "b")).figures is None
    few = released(sheets | {"b": [(1, 2, 3)] * 3}, parents=parents)
    figures = Lineage(few, ("a", "b")).figures
    assert figures is not None
    assert (figures.items["A1"].counts, figures.items["A1"].favourable) == (None, 6)


@pytest.mark.parametrize("units", [("all", "a"), ("b", "ops"), ("a", "a"), (), ("nowhere",)])
def test_units_that_overlap_or_are_none_are_refused(units: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="unit"):
        Lineage(pulse(1, TREE), units)


def test_one_series_is_followed_from_the_oldest_on() -> None:
    later = pulse(2, {"all": None})
    with pytest.raises(ValueError, match="oldest"):
        as_it_is_now([later, FLAT])
    with pytest.raises(ValueError, match="series"):
        as_it_is_now([FLAT, replace(later, series="other")])


def test_a_few_who_came_or_went_are_seen_in_the_parts_and_in_their_sum() -> None:
    then = Lineage(FLAT, ("t1", "t2"))
    merged = pulse(2, {"all": None, "quay": "all"}, {"quay": ("t1", "t2")}, quay=12)
    assert not few_moved(then, Lineage(merged, ("quay",)))
    assert few_moved(then, Lineage(moved(merged, "quay", "p1"), ("quay",)))
    for people, told in ((13, True), (16, True), (17, False), (8, True), (7, False)):
        grown = pulse(2, {"all": None, "quay": "all"}, {"quay": ("t1", "t2")}, quay=people)
        assert few_moved(then, Lineage(grown, ("quay",))) is told
    again = pulse(2, {"all": None, "t1": "all", "t2": "all"})
    assert few_moved(then, Lineage(moved(again, "t2", "p1"), ("t1", "t2")))
    assert not few_moved(then, Lineage(moved(again, "t2", "p0"), ("t1", "t2")))
