"""Archetypes are named by where they differ, and never ranked."""

from __future__ import annotations

from itertools import product

import pytest

from service.analytics.clusters.label import Label, label

NAMES = {"a": "Wellbeing", "b": "Safety", "c": "Conflict"}
RANKING = (
    "best",
    "worst",
    "top",
    "bottom",
    "high",
    "low",
    "strong",
    "weak",
    "good",
    "bad",
    "better",
    "poor",
    "perform",
)


def test_level_and_the_two_blocks_that_stand_out() -> None:
    found = label({"a": 6.0, "b": -15.0, "c": 0.0}, level_only=False)
    assert found == Label("below", (("b", "less"), ("a", "more")))
    assert (
        found.phrase(NAMES)
        == "Below the organisation's mean over all blocks; for that level less Safety and more Wellbeing"
    )


def test_nothing_stands_out() -> None:
    found = label({"a": 5.0, "b": 4.0, "c": 6.5}, level_only=False)
    assert found == Label("above", ())
    assert found.phrase(NAMES) == "Above the organisation's mean over all blocks, in each about alike"


def test_level_only_names_no_block() -> None:
    assert label({"a": 16.0, "b": 5.0, "c": 9.0}, level_only=True) == Label("well_above", ())


@pytest.mark.parametrize(
    ("points", "level"),
    [(8, "well_above"), (2, "above"), (1.9, "near"), (-1.9, "near"), (-2, "below"), (-8, "well_below")],
)
def test_levels(points: float, level: str) -> None:
    assert label({"a": points, "b": points}, level_only=False).level == level


def test_no_phrase_ranks() -> None:
    for points in product((-20.0, -3.0, 0.0, 3.0, 20.0), repeat=3):
        words = label(dict(zip(NAMES, points, strict=True)), level_only=False).phrase(dict.fromkeys(NAMES, "X"))
        assert not set(RANKING) & set(words.lower().replace(";", "").replace(",", "").split())
