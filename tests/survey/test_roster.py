"""The tree of units: parents before children, siblings by id, headcounts added up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.survey.roster import Roster, Unit, arranged
from service.survey.roster_document import parse_roster
from tests.survey.documents import STEADY, roster_documents

TREE = arranged(
    [
        Unit("quay", "Quay", "ops", 5),
        Unit("all", "All", None, 1),
        Unit("crane", "Crane", "ops", 7),
        Unit("ops", "Operations", "all", 2),
        Unit("hr", "People", "all", 3),
        Unit("guests", "Guests", None, 4),
    ]
)
rosters = roster_documents().map(parse_roster)


def test_parents_come_first_and_siblings_by_id() -> None:
    assert [unit.id for unit in TREE.units] == ["all", "hr", "ops", "crane", "quay", "guests"]
    assert TREE.parents == (-1, 0, 0, 2, 2, -1)
    assert [TREE.position[unit.id] for unit in TREE.units] == list(range(6))


def test_totals_count_everybody_below() -> None:
    assert dict(zip(TREE.position, TREE.totals, strict=True)) == {
        "all": 18,
        "hr": 3,
        "ops": 14,
        "crane": 7,
        "quay": 5,
        "guests": 4,
    }


def test_a_subtree_is_the_unit_and_all_below_it() -> None:
    assert [unit.id for unit in TREE.subtree("ops")] == ["ops", "crane", "quay"]
    assert [unit.id for unit in TREE.subtree("guests")] == ["guests"]
    assert list(TREE.subtree("nowhere")) == []
    assert "crane" in TREE
    assert "nowhere" not in TREE


@STEADY
@given(rosters, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_submitted(roster: Roster, chance: object) -> None:
    shuffled = list(roster.units)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert arranged(shuffled) == roster


@STEADY
@given(rosters)
def test_two_ways_to_add_up_agree(roster: Roster) -> None:
    assert all(parent < index for index, parent in enumerate(roster.parents))
    for unit, total in zip(roster.units, roster.totals, strict=True):
        assert total == sum(below.headcount for below in roster.subtree(unit.id))
    roots = [total for total, parent in zip(roster.totals, roster.parents, strict=True) if parent < 0]
    assert sum(roots) == sum(unit.headcount for unit in roster.units)
