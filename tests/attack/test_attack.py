"""The adversary against a release written by hand, safe until a breach is planted in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from service.release import codec
from service.release.attack import attack
from service.release.release import ItemFigures, PooledMoments, PublicUnit, Release, UnitFigures
from service.release.report import report_document
from service.survey.instrument import Block, Instrument, Item, Language, Scale

FIVE = Scale(1, 5, {"en": ("1", "2", "3", "4", "5")})
INSTRUMENT = Instrument(
    "hand",
    "1",
    {"en": "By hand"},
    (Language("en", "English"),),
    {"en": "lately"},
    FIVE,
    (Block("B", "block", {"en": "Block"}),),
    (Item("B1", "B", {"en": "One."}, FIVE), Item("B2", "B", {"en": "Two."}, FIVE, scored=False)),
)
POINTS = range(1, 6)

#: The people directly in each unit: how many gave each answer to both items, and how many were invited.
OWN = {
    "root": ((0, 0, 0, 0, 0), 0),
    "a": ((2, 3, 3, 4, 3), 18),
    "b": ((1, 2, 3, 4, 2), 12),
    "b1": ((2, 1, 3, 3, 2), 15),
    "c": ((1, 0, 1, 1, 0), 4),
}
PARENTS = {"root": None, "a": "root", "b": "root", "b1": "b", "c": "root"}


def below(unit: str) -> list[str]:
    return [unit, *(each for child, up in PARENTS.items() if up == unit for each in below(child))]


def counts(unit: str) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(OWN[each][0] for each in below(unit)), strict=True)))


def figures(unit: str) -> UnitFigures:
    row = counts(unit)
    total = sum(p * c for p, c in zip(POINTS, row, strict=True))
    one = ItemFigures(sum(row), total, total, row[3] + row[4], row)
    headcount = sum(OWN[each][1] for each in below(unit))
    return UnitFigures(sum(row), headcount, {"B1": one, "B2": replace(one, least=0, most=0, favourable=None)})


def safe() -> Release:
    """`c` is small, so it is hidden, and `a` with it; all three groups that are left are large and mixed."""
    shown = ("root", "b", "b1")
    units = tuple(PublicUnit(id, id.upper(), up, figures(id) if id in shown else None) for id, up in PARENTS.items())
    pooled = PooledMoments(("B1",), sum(counts("root")), 3, np.array([[60.0]]))
    day = date(2026, 3, 2)
    return Release("p", "Spring", "s", INSTRUMENT, ("B1", "B2"), 4, "", day, day, 1, units, pooled)


def with_unit(release: Release, id: str, change: Callable[[UnitFigures], UnitFigures | None]) -> Release:
    units = (replace(u, figures=change(u.figures or figures(id))) if u.id == id else u for u in release.units)
    return replace(release, units=tuple(units))


def with_item(release: Release, id: str, item: str, **changes: object) -> Release:
    def change(shown: UnitFigures) -> UnitFigures:
        return replace(shown, items=shown.items | {item: replace(shown.items[item], **changes)})

    return with_unit(release, id, change)


def without_item(release: Release, id: str, item: str) -> Release:
    return with_unit(
        release, id, lambda shown: replace(shown, items={k: v for k, v in shown.items.items() if k != item})
    )


def failed(release: Release) -> set[str]:
    report = attack(codec.encode(release))
    assert report.passed == (not report.failed)
    return set(report.failed)


def test_the_safe_release_is_safe() -> None:
    assert failed(safe()) == set()


def as_if(own: dict[str, tuple[tuple[int, ...], int]]) -> Release:
    """The safe release of an organisation where some people answered otherwise."""
    before = dict(OWN)
    OWN.update(own)
    try:
        return safe()
    finally:
        OWN.update(before)


def only_halves(release: Release) -> Release:
    for id in ("root", "b", "b1"):
        release = with_item(with_item(release, id, "B1", counts=None), id, "B2", counts=None)
    return release


def only_sums(release: Release) -> Release:
    for id in ("root", "b", "b1"):
        release = with_item(only_halves(release), id, "B1", favourable=None)
    return release


FEW = {"subtraction", "equations"}
BREACHES: dict[str, tuple[Release, set[str]]] = {
    "a small unit shown": (with_unit(safe(), "c", lambda it: it), FEW | {"concentration", "pooling"}),
    "the large sibling of a small unit shown": (
        with_unit(safe(), "a", lambda it: it),
        FEW | {"concentration", "pooling"},
    ),
    "few people above a unit": (as_if({"b": ((1, 0, 1, 1, 0), 12)}), FEW | {"concentration", "pooling"}),
    "few invited above a unit": (
        as_if({"b": ((0, 0, 0, 0, 0), 2)}),
        {"participation", "equations", "pooling"},
    ),
    "few answers to an item left over": (
        with_item(safe(), "b1", "B1", n=21, least=64, most=64, favourable=None, counts=None),
        FEW | {"edges", "unanimity", "arithmetic"},
    ),
    "an item shown where few gave it": (
        with_item(safe(), "b1", "B1", n=3, least=9, most=9, favourable=None, counts=None),
        FEW | {"arithmetic"},
    ),
    "all favourable at sum 4 n": (only_halves(as_if({"b1": ((0, 0, 0, 11, 0), 15)})), {"edges"}),
    "favourable at its edge after subtraction": (only_halves(as_if({"b": ((3, 0, 0, 9, 0), 12)})), {"edges"}),
    "a distribution of one mind": (as_if({"b1": ((0, 0, 0, 11, 1), 15)}), {"concentration", "edges"}),
    "a distribution of two answers": (as_if({"b1": ((0, 5, 0, 7, 0), 15)}), {"concentration"}),
    "one mind after subtraction": (as_if({"b": ((0, 0, 11, 0, 1), 12)}), {"concentration", "edges"}),
    "a distribution of few": (
        replace(as_if({"b1": ((2, 1, 1, 1, 1), 15)}), pooled=None),
        {"concentration"},
    ),
    "one mind on a choice": (
        with_item(safe(), "b1", "B2", counts=(0, 0, 0, 10, 1)),
        {"concentration", "arithmetic"},
    ),
    "pooled over few": (replace(safe(), pooled=replace(safe().pooled, n=39)), {"pooling"}),
    "pooled over one group": (replace(safe(), pooled=replace(safe().pooled, atoms=1)), {"pooling"}),
    "more answers than invited": (as_if({"b1": ((2, 1, 3, 3, 2), 10)}), {"arithmetic"}),
    "a sum off the scale": (
        with_item(safe(), "b1", "B1", least=56, most=56, favourable=None, counts=None),
        {"edges", "unanimity", "arithmetic"},
    ),
    "counts that do not add up": (with_item(safe(), "root", "B1", counts=(6, 6, 10, 12, 8)), {"arithmetic"}),
    "counts against the sum": (with_item(safe(), "root", "B2", least=7, most=7), {"arithmetic"}),
    "counts against favourable": (with_item(safe(), "root", "B1", favourable=20), {"arithmetic"}),
    "more answers to an item than people": (
        with_item(safe(), "b1", "B1", n=12, least=36, most=36, favourable=None, counts=None),
        {"arithmetic"},
    ),
    "everybody at the top": (only_halves(as_if({"b1": ((0, 0, 0, 0, 11), 15)})), {"edges", "unanimity"}),
    "a sum near the top alone": (only_sums(as_if({"b1": ((0, 0, 0, 1, 10), 15)})), {"unanimity"}),
    "a sum near the bottom after subtraction": (only_sums(as_if({"b": ((11, 1, 0, 0, 0), 12)})), {"unanimity"}),
    # Four of the 12 gave 1 and eight gave 4, or the sums 36 and 25 could not have 12 favourable between them.
    "favourable at its edge, given the sums within": (
        with_item(
            only_halves(as_if({"b": ((4, 0, 0, 8, 0), 12), "b1": ((5, 2, 0, 4, 0), 15)})), "b1", "B1", favourable=None
        ),
        {"edges"},
    ),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_planted_breach_is_found(breach: str) -> None:
    release, expected = BREACHES[breach]
    assert failed(release) == expected


def test_a_distribution_gives_the_favourable_count_away() -> None:
    """Leaving the favourable count out does not help while the distribution stands."""
    telling = as_if({"b1": ((0, 0, 0, 9, 2), 15)})
    assert "edges" in failed(with_item(telling, "b1", "B1", favourable=None))


def test_an_item_hidden_in_one_unit_is_weighed_in_the_unit_above() -> None:
    assert failed(without_item(safe(), "b1", "B1")) == set()
    mixed = as_if({"b1": ((0, 0, 0, 11, 0), 15)})
    for item in ("B1", "B2"):
        mixed = with_item(mixed, "b1", item, favourable=None, counts=None)
    assert failed(mixed) == set()


def test_a_large_organisation_is_solved_in_part_and_says_so() -> None:
    wide = replace(safe(), units=(*safe().units, *(PublicUnit(f"x{i}", "X", "root", None) for i in range(100))))
    solved = next(attempt for attempt in attack(codec.encode(wide)).attempts if attempt.name == "equations")
    assert solved.passed
    assert "nested or apart" in solved.got


def test_a_release_that_shows_nothing_is_safe() -> None:
    hidden = tuple(replace(unit, figures=None) for unit in safe().units)
    assert failed(replace(safe(), units=hidden, pooled=None)) == set()


def test_the_report_names_nobody() -> None:
    for release, _ in BREACHES.values():
        document = report_document("p", "sha256:0", attack(codec.encode(release)))
        assert (document["pulse"], document["release"], document["passed"]) == ("p", "sha256:0", False)
        for attempt in document["attempts"]:
            assert set(attempt) == {"name", "what_was_tried", "figures_used", "got", "passed", "when"}
            assert attempt["when"] == "release"
        words = " ".join(str(attempt["got"]) for attempt in document["attempts"]).split()
        assert not {"root", "a1", "b", "b1", "c", "ROOT", "B1", "B2"} & set(words)
        json.dumps(document)
