"""Letters follow archetypes from pulse to pulse."""

from __future__ import annotations

from service.analytics.clusters.identity import letters

FAR = {"A": {"x": 0.0, "y": 0.0}, "B": {"x": 10.0, "y": 0.0}, "C": {"x": 0.0, "y": 10.0}}


def test_first_letters_in_order() -> None:
    assert letters([{"x": 1.0}, {"x": 2.0}], {}, ()) == ["A", "B"]


def test_the_pairing_is_the_least_in_sum_not_the_nearest_first() -> None:
    earlier = {"A": {"x": 0.0}, "B": {"x": 10.0}}
    assert letters([{"x": 6.0}, {"x": 12.0}], earlier, ("A", "B")) == ["A", "B"]


def test_one_more_gets_a_letter_never_used() -> None:
    new = [{"x": 0.5, "y": 9.0}, {"x": 9.0, "y": 1.0}, {"x": 30.0, "y": 30.0}, {"x": 1.0, "y": 0.0}]
    assert letters(new, FAR, ("A", "B", "C", "D")) == ["C", "B", "E", "A"]


def test_one_fewer_keeps_theirs() -> None:
    assert letters([{"x": 0.0, "y": 9.0}], FAR, ("A", "B", "C")) == ["C"]


def test_an_archetype_from_elsewhere_is_a_new_one() -> None:
    assert letters([{"x": 0.0, "y": 0.0}, {"x": -30.0, "y": -30.0}], FAR, ("A", "B", "C")) == ["A", "D"]


def test_only_blocks_both_have_are_compared() -> None:
    assert letters([{"y": 9.0, "z": 50.0}, {"y": 1.0, "z": 50.0}], {"A": {"y": 0.0}, "B": {"y": 10.0}}, ("A", "B")) == [
        "B",
        "A",
    ]
    assert letters([{"z": 1.0}], FAR, ("A", "B", "C")) == ["D"]


def test_after_z_comes_aa() -> None:
    used = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert letters([{"x": 1.0}, {"x": 2.0}], {}, used) == ["AA", "AB"]
