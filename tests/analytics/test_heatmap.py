"""The heat map: the same scores, and nobody ranked."""

from __future__ import annotations

from service.analytics.heatmap import heatmap
from service.analytics.scores import scores
from tests.analytics.building import instrument, item, released, sheets_by_chance

ASKS = instrument(item("A1", "A"), item("L1", "lead"), item("B1", "B"), alone=["lead"])


def test_cells_are_the_block_scores() -> None:
    release = released(sheets_by_chance(1, 3, 6, 3), asks=ASKS)
    assert list(heatmap(release, include=["lead"])) == list(scores(release, level="block"))


def test_a_block_about_one_person_is_left_out_unless_asked_for() -> None:
    release = released(sheets_by_chance(1, 2, 6, 3), asks=ASKS, hidden=["t0001"])
    assert [(cell.unit, cell.block) for cell in heatmap(release)] == [
        ("t0000", "A"),
        ("t0000", "B"),
        ("t0001", "A"),
        ("t0001", "B"),
    ]
    assert {cell.block for cell in heatmap(release, units=["t0000"], include=["lead"])} == {"A", "lead", "B"}
    assert [cell.status for cell in heatmap(release, units=["t0001"])] == ["suppressed"] * 2
