"""People to units: who is active stands in one, whatever the mapping and the order; nothing loops, nobody is named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import Invalid, InvalidRoster
from service.survey.people import Group, Odd, People, Person, cut_circles
from service.survey.people_mapping import LEVELS, UnitMapping, mapping_document, parse_mapping
from service.survey.people_units import ENTERPRISE, address_of, derive

ROOT = {"id": "acme", "name": "Acme"}
ATTRIBUTES = {"from": "attributes", "levels": ["organization", "division", "department"]}
GROUPS = {"from": "groups", "prefix": "Team "}
MANAGER = {"from": "manager"}


def mapping(units: object) -> UnitMapping:
    found = parse_mapping({"units": units, "root": ROOT})
    assert found is not None
    return found


def person(
    id: str, *, active: bool = True, external: str | None = None, plain: dict[str, Any] | None = None, **work: Any
) -> Person:
    return Person(id, f"{id}@acme.example", external, active, json.dumps({**(plain or {}), ENTERPRISE: work}))


def tree(found: Any) -> dict[str, tuple[str | None, int]]:
    """By name the name of the unit above, and the headcount."""
    names = {unit.id: unit.name for unit in found.roster.units}
    return {unit.name: (names.get(unit.parent), unit.headcount) for unit in found.roster.units}


def test_levels_nest_and_one_without_a_value_is_left_out() -> None:
    people = [
        person("a", organization="Works", division="North", department="Sales"),
        person("b", organization="Works", division="North"),
        person("c", organization="Works", department="Sales"),
        person("d"),
        person("e", organization="Works", division="North", department="Sales", active=False),
    ]
    found = derive(People(people), mapping(ATTRIBUTES))
    assert tree(found)["Acme"] == (None, 1)
    assert tree(found)["Works"] == ("Acme", 0)
    assert tree(found)["North"] == ("Works", 1)
    sales = sorted((unit.parent or "", unit.headcount) for unit in found.roster.units if unit.name == "Sales")
    assert [count for _, count in sales] == [1, 1]
    assert found.odd == Odd(without_unit=1)
    assert "e" not in found.places


def test_a_unit_is_told_by_its_value_however_it_is_written() -> None:
    people = [person(f"p{n}", department=value) for n, value in enumerate(["Sales", "sales ", " Sales", "SALES"])]
    found = derive(People(people), mapping({"from": "attributes", "levels": ["department"]}))
    assert [unit.name for unit in found.roster.units] == ["Acme", "Sales"]
    assert found.odd.spelled_differently == 1
    less = derive(People(people[3:]), mapping({"from": "attributes", "levels": ["department"]}))
    assert less.roster.units[1].id == found.roster.units[1].id


def test_groups_keep_their_unit_when_they_are_renamed() -> None:
    people, members = [person("a"), person("b"), person("c")], [("g1", "a"), ("g1", "b"), ("g2", "b"), ("g3", "c")]
    groups = [Group("g1", "Team Oak"), Group("g2", "Team Ash"), Group("g3", "Everybody")]
    found = derive(People(people, groups, members), mapping(GROUPS))
    assert tree(found) == {"Acme": (None, 1), "Oak": ("Acme", 1), "Ash": ("Acme", 1)}
    assert found.odd == Odd(without_unit=1, in_several=1)
    assert found.places == {"a": "g1", "b": "g2", "c": "acme"}
    renamed = derive(People(people, [Group("g1", "Team Elm"), *groups[1:]], members), mapping(GROUPS))
    assert {unit.id for unit in renamed.roster.units} == {unit.id for unit in found.roster.units}


def test_a_group_in_a_group_is_below_it_and_counts_before_it() -> None:
    groups = [Group("g1", "Team All"), Group("g2", "Team Zoo"), Group("g3", "Other")]
    members = [("g1", "g2"), ("g1", "a"), ("g2", "a"), ("g1", "g3"), ("g2", "g1")]
    found = derive(People([person("a")], groups, members[:-1]), mapping(GROUPS))
    assert tree(found) == {"Acme": (None, 0), "All": ("Acme", 0), "Zoo": ("All", 1)}
    assert found.odd == Odd(nested_elsewhere=1)
    assert derive(People([person("a")], groups, members), mapping(GROUPS)).odd.circles == 1


def test_a_manager_is_found_by_any_of_their_names() -> None:
    boss = person("m1", external="77", employeeNumber="N-9", plain={"emails": [{"value": "Boss@mail.example"}]})
    for name in ("m1", "77", "M1@ACME.example", "N-9", "boss@mail.example"):
        for stated in (name, {"value": name, "displayName": "Anybody"}):
            found = derive(People([boss, person("a", manager=stated)]), mapping(MANAGER))
            assert found.places["a"].startswith("team-")
            assert found.odd == Odd(without_unit=1)
    assert derive(People([boss, person("a", manager="Boss, The")]), mapping(MANAGER)).odd == Odd(
        without_unit=2, unknown_managers=1
    )


def test_teams_nest_as_managers_report_and_bear_no_name() -> None:
    people = [
        person("m1", plain={"displayName": "Ada Lovelace"}, department="Board"),
        person("m2", plain={"displayName": "Bo"}, manager="m1"),
        person("a", manager="m2"),
        person("gone", active=False, manager="m1", plain={"displayName": "Cy"}),
        person("b", manager="gone"),
    ]
    found = derive(People(people), mapping(MANAGER))
    above = {unit.id: unit.parent for unit in found.roster.units}
    assert above[found.places["a"]] == above[found.places["b"]] == found.places["m2"]
    assert above[found.places["m2"]] == found.places["m1"] == "acme"
    assert found.odd == Odd(without_unit=1, led_by_inactive=1)
    written = repr(found.roster)
    assert not re.search("Ada|Lovelace|Bo'|Cy|m1|m2|gone", written)
    named = derive(People(people), mapping({**MANAGER, "named": True}))
    assert {unit.name for unit in named.roster.units} == {"Acme", "Team of Ada Lovelace", "Team of Bo", "Team of Cy"}
    assert [unit.id for unit in named.roster.units] == [unit.id for unit in found.roster.units]


@pytest.mark.parametrize("ring", [1, 2, 5, 3_000])
def test_whoever_leads_in_a_circle_ends_it(ring: int) -> None:
    people = [person(f"p{n}", manager=f"p{(n + 1) % ring}") for n in range(ring)]
    found = derive(People(people), mapping(MANAGER))
    assert found.odd.circles == 1
    assert found.roster.people == ring


def test_circles_are_cut_at_the_first_by_id() -> None:
    above = {"0": "c", "a": "b", "b": "c", "c": "a", "d": "a", "x": "x", "y": "z"}
    assert cut_circles(above) == 2
    assert above == {"0": "c", "b": "c", "c": "a", "d": "a", "y": "z"}


def test_what_breaks_the_rules_of_rosters_is_told_by_field() -> None:
    people = [person("a", department="x" * 201), person("b", department="two\u0007bells")]
    with pytest.raises(InvalidRoster) as caught:
        derive(People(people), mapping({"from": "attributes", "levels": ["department"]}))
    assert {fault.where for fault in caught.value.faults} == {"name"}
    with pytest.raises(InvalidRoster):
        derive(People([], [Group("acme", "Team A")], []), mapping(GROUPS))


_names = st.sampled_from([f"n{n}" for n in range(8)])
_values = st.sampled_from(["", "A", "a", " B ", "C", "Ä"])


@st.composite
def _worlds(draw: Any) -> People:
    ids = draw(st.lists(_names, unique=True))
    everybody = [
        person(
            id,
            active=draw(st.booleans()),
            external=draw(st.none() | _names),
            **{level: draw(_values) for level in ("organization", "division", "department")},
            manager=draw(st.none() | _names | _names.map(lambda name: {"value": name})),
        )
        for id in ids
    ]
    groups = [
        Group(f"g{n}", draw(st.sampled_from(["Team A", "Team B", "Team", "Other"])))
        for n in range(draw(st.integers(0, 4)))
    ]
    inside = st.tuples(
        st.sampled_from([g.id for g in groups] or ["g9"]), _names | st.sampled_from([f"g{n}" for n in range(4)])
    )
    return People(everybody, groups, draw(st.lists(inside, unique=True)))


@settings(max_examples=60, deadline=None)
@given(_worlds(), st.randoms(use_true_random=False))
def test_everybody_active_counts_once_in_any_order(people: People, chance: Random) -> None:
    def shuffled(some: Iterable[Any]) -> list[Any]:
        return chance.sample(list(some), len(list(some)))

    other = People(shuffled(people.everybody), shuffled(people.groups), shuffled(people.members))
    active = {it.id for it in people.everybody if it.active}
    for units in (ATTRIBUTES, GROUPS, MANAGER, {**MANAGER, "named": True}):
        found = derive(people, mapping(units))
        assert found.roster.people == len(active)
        assert set(found.places) == active
        assert set(found.places.values()) <= {unit.id for unit in found.roster.units}
        assert derive(other, mapping(units)) == found


@pytest.mark.parametrize("units", [ATTRIBUTES, GROUPS, {**MANAGER, "named": False}])
def test_a_mapping_comes_back_as_it_was_sent(units: dict[str, Any]) -> None:
    document = {"units": units, "root": ROOT}
    assert mapping_document(parse_mapping(document)) == document
    assert parse_mapping({"units": None}) is None
    assert mapping_document(None) == {"units": None}


@pytest.mark.parametrize(
    ("document", "places"),
    [
        (None, ["mapping"]),
        ({"units": ATTRIBUTES}, ["mapping"]),
        ({"units": {"from": "rank"}, "root": {"id": ""}}, ["units.from", "root.id"]),
        ({"units": {"from": ["attributes"]}, "root": ROOT}, ["units.from"]),
        ({"units": {"from": "attributes", "levels": []}, "root": ROOT}, ["units.levels"]),
        ({"units": {"from": "attributes", "levels": ["department", "department"]}, "root": ROOT}, ["units.levels"]),
        ({"units": {"from": "attributes", "levels": ["employeeNumber"]}, "root": ROOT}, ["units.levels"]),
        ({"units": {"from": "attributes", "levels": [["title"]]}, "root": ROOT}, ["units.levels"]),
        ({"units": {"from": "groups"}, "root": ROOT}, ["units.prefix"]),
        (
            {"units": {"from": "manager", "named": "yes", "prefix": ""}, "root": {"id": "a", "name": ""}},
            ["units", "units.named", "root.name"],
        ),
    ],
)
def test_every_fault_of_a_mapping_is_told(document: object, places: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        parse_mapping(document)
    assert [fault.where for fault in caught.value.faults] == places


def test_no_level_tells_one_person_from_another() -> None:
    assert not set(LEVELS) & {"employeeNumber", "manager", "displayName", "emails", "userName"}


def test_the_address_is_the_primary_one_else_that_of_work() -> None:
    private, work = {"value": "p@x.example", "type": "home"}, {"value": "w@x.example", "type": "work"}
    assert address_of({"emails": [private, work]}) == "w@x.example"
    assert address_of({"emails": [{**private, "primary": True}, work]}) == "p@x.example"
    assert address_of({"emails": [{"value": "none"}, "odd"]}) is None
    assert address_of({}) is None
