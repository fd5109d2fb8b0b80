"""Breaches among slices and bounds, planted in a release written by hand: each found under its own name alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.release import codec
from service.release.attack import attack
from service.release.release import ItemFigures, Release
from tests.attack.banded import PEOPLE, SHOWN, bounded, failed, release_of, with_figures


def test_the_safe_release_is_safe_and_was_looked_at() -> None:
    assert failed(release_of()) == set()
    used = {attempt.name: attempt.figures_used for attempt in attack(codec.encode(release_of())).attempts}
    # Nine slices, less those below, and their complements; six times a unit less its slices; four units' own sums.
    assert used["overlap"] == 2 * (9 + 9 + 6)
    assert used["unanimity"] == (9 + 9 + 6) + 4


def with_item_hidden(release: Release, unit: str, *values: str) -> Release:
    """Slices stay, with nothing of the item."""
    slices = release.unit[unit].figures.slices
    left = tuple(replace(it, items={}) if it.bands[0] in values else it for it in slices)
    return with_figures(release, unit, slices=left)


OVERLAPS: dict[str, Release] = {
    "a slice below the threshold": release_of({("a1", "new", "north"): "125"}),
    "the rest of a unit below it": release_of(
        {("a1", "mid", "south"): "234", ("a1", "new", "north"): "123451"}, {"a1": ("new",)}
    ),
    "what no slice of an attribute covers": release_of({("a", "old", "north"): "135"}),
    "what one attribute leaves when another leaves enough": release_of(
        {("a", "mid", "south"): "12", ("a1", "mid", "south"): "5", ("a", "old", "north"): "1234512"},
        {"a": ("new", "north"), "a1": ()},
    ),
    "a slice without the slice below it": release_of({("a", "new", "north"): "135"}),
    "a slice without two below it": release_of({("m", "mid", "north"): "35"}),
    "a slice above a unit that shows none of it": release_of(
        {("a", "new", "north"): "2", ("m", "new", "south"): "14", ("b", "new", "south"): "0"},
        {"a": ("mid", "north"), "b": ("mid",)},
    ),
    "few answers to an item in a slice": release_of({("a1", "new", "north"): "12500"}),
    "few answers to an item in the rest of a unit": release_of({("a1", "mid", "south"): "23400"}),
    "few answers to an item in what no slice covers": release_of({("a", "old", "north"): "13500"}),
    "few answers to an item between two slices": release_of({("a", "new", "north"): "1350"}),
    "few answers to an item between a slice and the one after the next": with_item_hidden(
        release_of({("a", "new", "north"): "1300", ("m", "new", "south"): "5000"}),
        "a",
        "new",
    ),
    "a slice larger than its unit": with_figures(
        release_of(), "a1", slices=(replace(release_of().unit["a1"].figures.slices[0], n=30),)
    ),
}


@pytest.mark.parametrize("breach", OVERLAPS)
def test_too_few_between_groups_are_found(breach: str) -> None:
    assert failed(OVERLAPS[breach]) == {"overlap"}


def test_an_item_hidden_in_a_slice_is_counted_in_what_is_left() -> None:
    few = release_of({("a", "old", "north"): "13500"})
    assert failed(with_item_hidden(few, "a", "mid")) == set()
    assert failed(with_item_hidden(release_of({("a1", "new", "north"): "12500"}), "a1", "new")) == set()


def test_a_bound_counts_as_much_as_a_sum() -> None:
    few = release_of({("a1", "new", "north"): "12500"})
    assert failed(few) == {"overlap"}
    (one,) = few.unit["a1"].figures.slices
    near = replace(one, items={"B1": ItemFigures(3, 3, 5)})
    assert failed(with_figures(few, "a1", slices=(near,))) == {"overlap"}


UNANIMITIES: dict[str, Release] = {
    "a slice at the top": release_of({("a1", "new", "north"): "55554"}),
    "a slice at the bottom": release_of({("a1", "new", "north"): "11112"}),
    "the rest of a unit at the top": release_of({("a1", "mid", "south"): "55554"}),
    "the rest of a unit at the bottom": release_of({("a1", "mid", "south"): "11112"}),
    "what no slice covers at the top": release_of({("a", "old", "north"): "55545"}),
    "what no slice covers at the bottom": release_of({("a", "old", "north"): "11111"}),
    "between two slices at the top": release_of({("a", "new", "north"): "5555"}),
    "between two slices at the bottom": release_of({("a", "new", "north"): "1121"}),
}


@pytest.mark.parametrize("breach", UNANIMITIES)
def test_near_unanimity_between_groups_is_found(breach: str) -> None:
    assert failed(UNANIMITIES[breach]) == {"unanimity"}


@pytest.mark.parametrize("answers", ["55553", "55544", "11113", "11122"])
def test_two_steps_from_an_end_leave_three_answers(answers: str) -> None:
    assert failed(release_of({("a1", "new", "north"): answers})) == set()


def shared(others: str, members: str) -> Release:
    """`a1` shows a bound and what else is in `a` its sum, with nobody by name; no slices anywhere."""
    people = {cell: "" for cell in PEOPLE if cell[0] in ("a", "a1")}
    people |= {("a", "new", "north"): others, ("a1", "new", "north"): members}
    near_top = members.count("5") > members.count("1")
    least, most = (5 * len(members) - 2, 5 * len(members)) if near_top else (len(members), len(members) + 2)
    return bounded(release_of(people, dict.fromkeys(SHOWN, ())), "a1", least, most)


@pytest.mark.parametrize(
    ("others", "members", "found"),
    [
        ("11111111", "555555", set()),  # the bound leaves one of these two and one of those the same two points
        ("11111111", "555554", {"unanimity"}),
        ("11111111", "555553", {"unanimity"}),
        ("11111112", "555554", set()),
        ("11111113", "555554", set()),
        ("55555555", "111111", set()),
        ("55555555", "111112", {"unanimity"}),
        ("55555555", "111113", {"unanimity"}),
        ("55555554", "111112", set()),
        ("12345123", "555554", set()),
        ("12345123", "111112", set()),
    ],
)
def test_a_bound_says_of_the_others_around_it_how_far_they_are_from_the_ends(
    others: str, members: str, found: set[str]
) -> None:
    assert failed(shared(others, members)) == found


def test_a_bound_is_taken_from_the_exact_sum_around_it_not_from_one_beside() -> None:
    """`all` is exact and mixed; what the bound of `a1` gives away, `a` gives away."""
    telling = shared("11111111", "555554")
    assert failed(telling) == {"unanimity"}
    assert failed(with_figures(telling, "a", items={})) == set()


def test_bounds_inside_a_bound_say_nothing_new() -> None:
    """Counted twice they would leave less than nothing to the others around them, who all answered 1."""
    people = {cell: "" for cell in PEOPLE if cell[0] in ("a", "a1", "m")}
    people |= {("a", "new", "north"): "555555", ("a1", "new", "north"): "555555", ("m", "new", "south"): "11111111"}
    once = bounded(release_of(people, dict.fromkeys(SHOWN, ())), "a", 58, 60)
    assert failed(bounded(once, "a1", 28, 30)) == set()
