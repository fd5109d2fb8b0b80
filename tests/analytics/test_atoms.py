"""Atoms share nobody, hold everybody who is shown, and are what teams are told apart by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.analytics.atoms import item_atoms
from service.analytics.block import scored_blocks
from service.analytics.quality import BlockQuality, block_quality
from service.release.release import Release
from tests.analytics.building import bounded, released, sheets_by_chance

SHEETS = sheets_by_chance(5, 4, 7, 3)
NESTED = {"root": sheets_by_chance(9, 1, 6, 3)["t0000"], **SHEETS}


def by_hand(teams: list[np.ndarray]) -> tuple[float, float]:
    """ICC(1) and ICC(2) from the sheets of disjoint teams, one block."""
    persons = [team.mean(axis=1) for team in teams]
    everybody = np.concatenate(persons)
    between = sum(len(p) * (p.mean() - everybody.mean()) ** 2 for p in persons) / (len(persons) - 1)
    within = sum(((p - p.mean()) ** 2).sum() for p in persons) / (len(everybody) - len(persons))
    size = len(everybody) / len(persons)
    return (between - within) / (between + (size - 1) * within), (between - within) / between


def counted(release: Release) -> list[tuple[int | None, int | None]]:
    """Respondents and groups of each block."""
    return [(row.n, row.groups) for row in block_quality(release)]


def differences(row: BlockQuality) -> tuple[object, ...]:
    return row.status, row.n, row.groups, row.icc1, row.icc2


def test_atoms_are_the_teams_where_units_share_nobody() -> None:
    release = released(SHEETS)
    n, answered, scores = item_atoms(release, scored_blocks(release)["A"])
    means = np.array([np.array(rows, float)[:, :2].mean(axis=0) for rows in SHEETS.values()])
    assert n.tolist() == [7] * 4
    assert answered.tolist() == [[7, 7]] * 4
    assert scores == pytest.approx(25 * (means - 1))


def test_an_item_nobody_in_an_atom_answered_leaves_the_atom_out() -> None:
    release = released({**SHEETS, "silent": [[0, 3, 3]] * 5}, pooled=False)
    assert [len(item_atoms(release, items)[0]) for items in scored_blocks(release).values()] == [4, 5]


def test_equals_analysis_of_variance_of_the_sheets() -> None:
    sheets = sheets_by_chance(5, 12, 7, 3)
    first, second = block_quality(released(sheets))
    icc1, icc2 = by_hand([np.array(rows, float)[:, :2] for rows in sheets.values()])
    assert (first.block, first.status, first.n, first.groups) == ("A", "ok", 84, 12)
    assert (first.icc1, first.icc2) == (pytest.approx(icc1, rel=1e-12), pytest.approx(icc2, rel=1e-12))
    assert second.block == "B"


def test_groups_are_what_published_units_leave_of_each_other() -> None:
    """The company counts only those in no published team below it: its own people and a hidden team's."""
    parents = {"t0000": "root", "t0001": "root", "t0002": "t0001", "t0003": "t0002"}
    merged = {
        "root": NESTED["root"] + NESTED["t0000"],
        "t1": NESTED["t0001"] + NESTED["t0002"],
        "t3": NESTED["t0003"],
    }
    flat = released(merged)
    release = replace(released(NESTED, parents=parents, hidden=["t0000", "t0002"]), pooled=flat.pooled)
    assert counted(release) == [(34, 3), (34, 3)]
    for found, plain in zip(block_quality(release), block_quality(flat), strict=True):
        assert (found.icc1, found.icc2) == (pytest.approx(plain.icc1), pytest.approx(plain.icc2))


def test_a_withheld_item_takes_the_unit_out_of_its_block_only() -> None:
    assert counted(released(SHEETS, withheld=[("t0002", "A1")])) == [(21, 3), (28, 4)]


def test_who_is_behind_a_bound_is_counted_with_the_next_unit_above() -> None:
    """As if the unit did not show the item: its people are then what the unit above has besides its others."""
    parents = {"t0000": "root", "t0001": "root", "t0002": "t0001", "t0003": "root"}
    release = released(NESTED, parents=parents)
    figures = release.unit["t0001"].figures
    assert figures is not None
    total = figures.items["A1"].least
    a, b = block_quality(bounded(release, "t0001", "A1", total - 3, total))
    without, _ = block_quality(released(NESTED, parents=parents, withheld=[("t0001", "A1")]))
    assert differences(a) == differences(without)
    assert (a.n, a.groups) == (34, 4)
    assert b == list(block_quality(release))[1]


def test_a_bound_at_the_top_takes_its_people_out_of_the_block() -> None:
    assert counted(bounded(released(SHEETS), "t0002", "A1", 7, 9)) == [(21, 3), (28, 4)]
