"""ICC(1) and ICC(2) against the sheets they summarise, and against R."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.analytics.aggregation import Aggregation, aggregation
from tests.analytics.building import bounded, instrument, item, released, sheets_by_chance

REFERENCE = Path(
    os.environ.get("REDWOOD_REFERENCE_DATA") or Path(__file__).parents[2].parent / "shared" / "reference_data"
)


def by_hand(teams: list[np.ndarray]) -> tuple[float, float]:
    """From the sheets of disjoint teams, one block."""
    persons = [team.mean(axis=1) for team in teams]
    everybody = np.concatenate(persons)
    between = sum(len(p) * (p.mean() - everybody.mean()) ** 2 for p in persons) / (len(persons) - 1)
    within = sum(((p - p.mean()) ** 2).sum() for p in persons) / (len(everybody) - len(persons))
    size = len(everybody) / len(persons)
    return (between - within) / (between + (size - 1) * within), (between - within) / between


def test_equals_analysis_of_variance_of_the_sheets() -> None:
    sheets = sheets_by_chance(5, 12, 7, 3)
    first, second = aggregation(released(sheets))
    icc1, icc2 = by_hand([np.array(rows, float)[:, :2] for rows in sheets.values()])
    assert (first.block, first.status, first.n, first.groups) == ("A", "ok", 84, 12)
    assert (first.icc1, first.icc2) == (pytest.approx(icc1, rel=1e-12), pytest.approx(icc2, rel=1e-12))
    assert second.block == "B"


def test_groups_are_what_published_units_leave_of_each_other() -> None:
    """The company counts only those in no published team below it: its own people and a hidden team's."""
    sheets = {"root": sheets_by_chance(9, 1, 6, 3)["t0000"], **sheets_by_chance(5, 4, 7, 3)}
    parents = {"t0000": "root", "t0001": "root", "t0002": "t0001", "t0003": "t0002"}
    merged = {
        "root": sheets["root"] + sheets["t0000"],
        "t1": sheets["t0001"] + sheets["t0002"],
        "t3": sheets["t0003"],
    }
    flat = released(merged)
    release = replace(released(sheets, parents=parents, hidden=["t0000", "t0002"]), pooled=flat.pooled)
    assert list(aggregation(release)) == [
        Aggregation("p1", row.block, "ok", 34, 3, pytest.approx(row.icc1), pytest.approx(row.icc2))
        for row in aggregation(flat)
    ]


def test_too_little_to_compute() -> None:
    nothing = Aggregation("p1", "A", "insufficient")
    sheets = sheets_by_chance(5, 3, 7, 3)
    for release in (
        released(sheets, pooled=False),
        released({"t0": sheets["t0000"]}),
        released(sheets, hidden=["t0000", "t0001"]),
        released({"x": [[3, 3, 3]] * 5, "y": [[3, 3, 3]] * 5}),
        released({"x": sheets["t0000"], "y": sheets["t0000"]}),
        released({}),
    ):
        assert next(aggregation(release)) == nothing


def test_a_withheld_item_takes_the_unit_out_of_its_block_only() -> None:
    sheets = sheets_by_chance(5, 4, 7, 3)
    a, b = aggregation(released(sheets, withheld=[("t0002", "A1")]))
    assert (a.n, a.groups) == (21, 3)
    assert (b.n, b.groups) == (28, 4)


def test_who_is_behind_a_bound_is_counted_with_the_next_unit_above() -> None:
    """As if the unit did not show the item: its people are then what the unit above has besides its others."""
    sheets = {"root": sheets_by_chance(9, 1, 6, 3)["t0000"], **sheets_by_chance(5, 4, 7, 3)}
    parents = {"t0000": "root", "t0001": "root", "t0002": "t0001", "t0003": "root"}
    release = released(sheets, parents=parents)
    total = release.unit["t0001"].figures.items["A1"].total
    a, b = aggregation(bounded(release, "t0001", "A1", total - 3, total))
    without, _ = aggregation(released(sheets, parents=parents, withheld=[("t0001", "A1")]))
    assert a == without
    assert (a.n, a.groups) == (34, 4)
    assert b == list(aggregation(release))[1]


def test_a_bound_at_the_top_takes_its_people_out_of_the_block() -> None:
    a, b = aggregation(bounded(released(sheets_by_chance(5, 4, 7, 3)), "t0002", "A1", 7, 9))
    assert (a.n, a.groups) == (21, 3)
    assert (b.n, b.groups) == (28, 4)


def test_equals_r_on_the_leadership_companies() -> None:
    """R's multilevel on 2,042 soldiers in 49 companies, through nothing but what a release carries."""
    folder = REFERENCE / "lq2002"
    if not folder.is_dir():
        pytest.skip("the reference data is not here: set REDWOOD_REFERENCE_DATA")
    expected = json.loads((folder / "expected.json").read_text())["LEAD"]
    sheets: dict[str, list[list[int]]] = {}
    with (folder / "data.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            sheets.setdefault(row["COMPID"], []).append([int(row[name]) for name in expected["items"]])
    asks = instrument(*(item(name, "LEAD") for name in expected["items"]))
    (found,) = aggregation(released(sheets, asks=asks))
    icc = expected["icc"]
    assert (found.n, found.groups) == (icc["n_obs"], icc["n_groups"])
    assert found.icc1 == pytest.approx(icc["ICC1_aov_multilevel"], abs=1e-10)
    assert found.icc2 == pytest.approx(icc["ICC2_aov_multilevel"], abs=1e-10)
