"""What a pulse says of units fits its roster or is refused by place; pools stand between siblings and their parent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidPulse
from service.survey import opening
from service.survey.draft import Draft, pulse_from
from service.survey.opening import frozen, with_pools
from service.survey.pulse import Pool
from service.survey.roster import Roster, Unit, arranged
from service.survey.roster_document import parse_roster, roster_document
from tests.survey.asked import INSTRUMENT
from tests.survey.documents import SECRET, STEADY, roster_documents

TREE = arranged(
    [
        Unit("all", "All", None, 1),
        Unit("ops", "Operations", "all", 2),
        Unit("crane", "Crane", "ops", 3),
        Unit("quay", "Quay", "ops", 4),
        Unit("yard", "Yard", "ops", 9),
        Unit("hr", "People", "all", 3),
        Unit("guests", "Guests", None, 4),
    ]
)
DOCKS = Pool("docks", "Docks", ("quay", "crane"))
DRAFT = Draft("Spring", "small", bands={"site": ["north", "south"], "tenure": ["0-1y", "1y+"]})


def held(known: frozenset[str] = frozenset(), **changes: Any) -> Roster:
    return frozen(pulse_from(replace(DRAFT, **changes), "p1", "o1", INSTRUMENT, 4, 5), TREE, known)


def places(**changes: Any) -> list[str]:
    with pytest.raises(InvalidPulse) as caught:
        held(**changes)
    assert SECRET not in str(caught.value)
    return [fault.where for fault in caught.value.faults]


def test_without_pools_the_tree_is_the_roster() -> None:
    assert held(known=frozenset(TREE.position)) == TREE


def test_a_pool_takes_its_units_from_their_parent() -> None:
    tree = held(pools=[DOCKS])
    assert [unit.id for unit in tree.units] == ["all", "hr", "ops", "docks", "crane", "quay", "yard", "guests"]
    assert tree.units[3] == Unit("docks", "Docks", "ops", 0)
    assert [unit.parent for unit in tree.units[4:7]] == ["docks", "docks", "ops"]
    assert dict(zip(tree.position, tree.totals, strict=True)) == {
        **dict(zip(TREE.position, TREE.totals, strict=True)),
        "docks": 7,
    }


def test_roots_can_be_pooled_with_all_below_them() -> None:
    tree = with_pools(TREE, [Pool("world", "World", ("guests", "all")), DOCKS])
    assert (tree.units[0], tree.totals[0]) == (Unit("world", "World", None, 0), sum(u.headcount for u in TREE.units))
    assert {unit.parent for unit in tree.units[1:]} == {"world", "all", "ops", "docks"}


@STEADY
@given(roster_documents().map(parse_roster), st.data())
def test_pooling_moves_nobody(roster: Roster, data: st.DataObject) -> None:
    families: dict[str | None, list[str]] = {}
    for unit in roster.units:
        families.setdefault(unit.parent, []).append(unit.id)
    large = [family for family in families.values() if len(family) > 1]
    chosen = data.draw(st.lists(st.sampled_from(large), unique_by=tuple)) if large else []
    pools = [Pool(f"{'p' * 60}{n}", "Pool", tuple(family[:3])) for n, family in enumerate(chosen)]
    tree = with_pools(roster, pools)
    assert len(tree.units) == len(roster.units) + len(pools)
    assert parse_roster(roster_document(tree)) == tree
    for unit in roster.units:
        assert {u.id for u in roster.subtree(unit.id)} == {u.id for u in tree.subtree(unit.id)} - {p.id for p in pools}
        assert roster.totals[roster.position[unit.id]] == tree.totals[tree.position[unit.id]]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"classes": {"hr": {"site": {}}, SECRET: {}}}, "classes[1]"),
        ({"classes": {"hr": {"tenure": {"0-1y": 3}, "site": {"north": 2, "south": 2}}}}, "classes[0][1]"),
        ({"pools": [Pool("p", "P", ("quay", SECRET))]}, "pools[0].units[1]"),
        ({"pools": [DOCKS, Pool("p", "P", ("yard", "hr"))]}, "pools[1].units"),
        ({"pools": [Pool("p", "P", ("yard", "all"))]}, "pools[0].units"),
        ({"pools": [DOCKS, Pool("p", "P", ("docks", "yard"))]}, "pools[1].units[0]"),
        ({"pools": [DOCKS], "known": frozenset({"docks"})}, "pools[0].id"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(changes: dict[str, Any], where: str) -> None:
    assert places(**changes) == [where]


def test_counts_up_to_the_headcount_fit_and_each_band_is_counted_by_itself() -> None:
    classes = {"hr": {"tenure": {"0-1y": 3}, "site": {"north": 1, "south": 2}}, "ops": {"site": {"north": 0}}}
    assert held(classes=classes) == TREE


def test_the_frozen_tree_keeps_to_the_size_of_a_roster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_UNITS", len(TREE.units))
    assert places(pools=[DOCKS]) == ["pools"]
