"""Who could be in each class: counted upward, at most a unit's people where nobody said, small ones not asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from service.release.bands import collected, invited
from service.survey.draft import Draft, pulse_from
from service.survey.opening import frozen
from service.survey.pulse import Pool, Pulse
from service.survey.roster import Roster, Unit, arranged
from tests.survey.asked import INSTRUMENT

TREE = arranged(
    [
        Unit("all", "All", None, 0),
        Unit("ops", "Operations", "all", 2),
        Unit("crane", "Crane", "ops", 3),
        Unit("quay", "Quay", "ops", 4),
        Unit("hr", "People", "all", 6),
    ]
)
BANDS = {"tenure": ["0-1y", "1-3y", "3y+"], "site": ["north", "south"]}
CLASSES = {
    "ops": {"tenure": {"3y+": 2}},
    "crane": {"tenure": {"0-1y": 1, "3y+": 2}},
    "quay": {"tenure": {"0-1y": 2, "1-3y": 2}},
    "hr": {"tenure": {"0-1y": 2, "1-3y": 1, "3y+": 3}},
}


def pulse(**changes: Any) -> Pulse:
    draft = Draft("Spring", "small", bands=BANDS, crosses=[["site", "tenure"]], **changes)
    return pulse_from(draft, "p1", "o1", INSTRUMENT, 4, 5)


def most(of: Pulse, tree: Roster = TREE) -> dict[tuple[str, ...], dict[str, list[int]]]:
    units = [unit.id for unit in tree.units]
    return {it.by: dict(zip(units, it.most.tolist(), strict=True)) for it in invited(of, tree)}


def test_classes_are_counted_with_everything_below() -> None:
    assert most(pulse(classes=CLASSES))["tenure",] == {
        "all": [5, 3, 7],
        "hr": [2, 1, 3],
        "ops": [3, 2, 4],
        "crane": [1, 0, 2],
        "quay": [2, 2, 0],
    }


def test_anybody_may_be_of_any_value_where_nobody_said() -> None:
    partly = {unit: CLASSES[unit] for unit in ("crane", "hr")}
    tenure, site, _ = invited(pulse(classes=partly), TREE)
    assert tenure.most.tolist() == [[9, 7, 11], [2, 1, 3], [7, 6, 8], [1, 0, 2], [4, 4, 4]]
    assert tenure.exact.all(axis=1).tolist() == [False, True, False, True, False]
    assert site.most.tolist() == [[total, total] for total in TREE.totals]
    assert not site.exact.any()


def test_a_cross_has_at_most_the_smaller_of_its_two_classes() -> None:
    classes = {"crane": {**CLASSES["crane"], "site": {"north": 3}}}
    crossed = invited(pulse(classes=classes), TREE)[2]
    crane = dict(zip(crossed.values, crossed.most[TREE.position["crane"]].tolist(), strict=True))
    assert crane == {
        ("north", "0-1y"): 1,
        ("north", "1-3y"): 0,
        ("north", "3y+"): 2,
        ("south", "0-1y"): 0,
        ("south", "1-3y"): 0,
        ("south", "3y+"): 0,
    }
    assert np.array_equal(crossed.exact, crossed.most == 0)


def test_a_value_is_collected_where_some_class_of_it_is_large_enough() -> None:
    everything = {band: frozenset(values) for band, values in BANDS.items()}
    assert collected(pulse(), TREE) == everything
    assert collected(pulse(classes=CLASSES), TREE) == everything | {"tenure": frozenset({"0-1y", "3y+"})}
    assert collected(pulse(classes=CLASSES, threshold=6), TREE)["tenure"] == {"3y+"}
    assert collected(pulse(threshold=16), TREE) == {"tenure": frozenset(), "site": frozenset()}


def test_classes_may_be_open_in_one_tree_of_several() -> None:
    apart = arranged([Unit("a", "A", None, 4), Unit("b", "B", None, 5)])
    said = {"a": {"site": {"north": 4}}, "b": {"site": {"south": 5}}}
    assert collected(pulse(classes=said), apart)["site"] == {"south"}


def test_a_pool_has_the_classes_of_its_units() -> None:
    pooled = pulse(classes=CLASSES, pools=[Pool("docks", "Docks", ("crane", "quay"))])
    tree = frozen(pooled, TREE, TREE)
    assert most(pooled, tree)["tenure",]["docks"] == [3, 2, 2]
    assert {unit: row for unit, row in most(pooled, tree)["tenure",].items() if unit != "docks"} == most(
        pulse(classes=CLASSES)
    )["tenure",]
