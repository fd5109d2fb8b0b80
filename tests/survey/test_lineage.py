"""Who holds whose people: from one roster to the next, through units that came and went, and what it is called."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from service.survey.lineage import Takeovers, predecessors, takeovers, traced
from service.survey.roster_document import kept, parse_roster, parse_roster_csv

THEN = {"all": (), "t1": (), "t2": (), "t3": (), "old": ("older",)}


def named(*units: str, **before: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(units, ()) | before


@pytest.mark.parametrize(
    ("now", "unit", "held"),
    [
        (named("t1"), "t1", ("t1",)),
        (named("new"), "new", ()),
        (named(new=("t1",)), "new", ("t1",)),
        (named(new=("t1", "t2")), "new", ("t1", "t2")),
        (named(t1=("t2",)), "t1", ("t1", "t2")),
        (named("t1", part=("t1",)), "part", ("t1",)),
        # Those that are not there then have no people there.
        (named(new=("t1", "gone")), "new", ("t1",)),
        (named(old=("older",)), "old", ("old",)),
    ],
)
def test_a_unit_holds_itself_and_those_it_took_over(now: dict[str, tuple[str, ...]], unit: str, held: object) -> None:
    assert predecessors(now, THEN)[unit] == held


def test_what_was_taken_over_by_then_is_not_taken_over_again() -> None:
    assert predecessors(named(old=("older", "t1")), THEN | {"older": ()}) == {"old": ("old", "t1")}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (named("all", "t1", "t2", "t3", old=("older",)), Takeovers()),
        (named("t2", "t3", new=("t1",)), Takeovers(replacing=("new",))),
        (named("t3", new=("t1", "t2")), Takeovers(merged=("new",))),
        (named("t3", t1=("t2",)), Takeovers(merged=("t1",))),
        (named("t3", one=("t1",), two=("t1",)), Takeovers(split=("one", "two"))),
        (named("t1", "t3", part=("t1",)), Takeovers(split=("part",))),
        (named("t1", "t3", mixed=("t1", "t2")), Takeovers(merged=("mixed",), split=("mixed",))),
        (named(old=("older", "t1")), Takeovers(merged=("old",))),
    ],
)
def test_a_takeover_is_told_by_its_kind(now: dict[str, tuple[str, ...]], told: Takeovers) -> None:
    assert takeovers(now, THEN) == told


def test_a_unit_that_came_and_went_gives_way_to_those_it_had_taken_over() -> None:
    past = {"x": ("t1",), "y": ("x", "t2"), "t1": ("t0",), "old": ("older",), "older": ("oldest",)}
    now = named("t3", z=("y",), old=("older",), u=("gone",))
    assert traced(now, THEN, past) == {"t3": (), "z": ("t1", "t2"), "old": ("older",), "u": ("gone",)}


def test_names_that_go_round_in_a_circle_end() -> None:
    past = {"a": ("b",), "b": ("a",)}
    assert traced({"a": ("b",), "c": ("a",)}, {}, past) == {"a": (), "c": ()}
    assert traced({"a": ("b",)}, {"b": ()}, past) == {"a": ("b",)}


def test_a_unit_named_for_two_others_is_named_once() -> None:
    assert traced({"c": ("a", "b")}, {"t": ()}, {"a": ("t",), "b": ("t",)}) == {"c": ("t",)}


def test_both_examples_of_the_document_say_the_same() -> None:
    text = (Path(__file__).parents[2] / "docs" / "lineage.md").read_text("utf-8")
    written = dict(re.findall(r"```(json|csv)\n(.*?)```", text, re.DOTALL))
    tree, again = parse_roster(json.loads(written["json"])), parse_roster_csv(written["csv"])
    assert tree.before == again.before == named("all", quay=("t1", "t2"), yard=("t3",), cranes=("t3",))
    assert takeovers(tree.before, named("all", "t1", "t2", "t3")) == Takeovers((), ("quay",), ("cranes", "yard"))
    assert [unit.headcount for unit in kept(tree, again).units] == [unit.headcount for unit in tree.units]
