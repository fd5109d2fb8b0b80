"""Every table keeps to its columns, and every column is described."""

from __future__ import annotations

from datetime import date

import pytest

from service.analytics.aggregation import aggregation
from service.analytics.heatmap import heatmap
from service.analytics.participation import participation
from service.analytics.scores import scores
from service.analytics.trends import trends
from service.exports import tables
from service.exports.columns import TABLES
from service.exports.dictionary import dictionary
from service.exports.table import Table, Value
from tests.analytics.building import released, sheets_by_chance

SHEETS = {"root": [], **sheets_by_chance(4, 4, 12, 3)}
PARENTS = {"t0000": "root", "t0001": "root", "t0002": "t0001"}
RELEASES = [
    released(SHEETS, parents=PARENTS, hidden=["t0002"], pulse="p1"),
    released(SHEETS, parents=PARENTS, pulse="p2", closed_on=date(2025, 4, 1)),
]
HOLDS = {
    "text": str,
    "integer": int,
    "number": float,
    "date": date,
    "integers": tuple,
    "boolean": bool,
}


def every_table() -> list[Table]:
    return [
        tables.results_table(RELEASES, [row for release in RELEASES for row in scores(release)]),
        tables.trends_table(RELEASES, trends(RELEASES)),
        tables.heatmap_table(RELEASES, [cell for release in RELEASES for cell in heatmap(release)]),
        tables.participation_table(RELEASES, [row for release in RELEASES for row in participation(release)]),
        tables.quality_table([row for release in RELEASES for row in aggregation(release)]),
        dictionary(),
    ]


def as_dicts(table: Table) -> list[dict[str, Value]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


@pytest.mark.parametrize("table", every_table(), ids=lambda table: table.name)
def test_values_are_what_their_column_says(table: Table) -> None:
    assert table.rows
    for row in table.rows:
        for column, value in zip(table.columns, row, strict=True):
            assert value is None or type(value) is HOLDS[column.type], column.name


@pytest.mark.parametrize("table", every_table(), ids=lambda table: table.name)
def test_every_column_emitted_is_in_the_dictionary(table: Table) -> None:
    described = {(row["table"], row["column"]): row for row in as_dicts(dictionary())}
    for column in table.columns:
        row = described[table.name, column.name]
        assert row["type"] == column.type
        assert len(row["description"]) > 10
        assert row["description"].endswith(".")
        assert row["unit"] or column.type not in {"integer", "integers"}


def test_the_dictionary_names_each_column_once_and_every_table() -> None:
    keys = [(row["table"], row["column"]) for row in as_dicts(dictionary())]
    assert len(keys) == len(set(keys))
    assert list(dict.fromkeys(table for table, _ in keys)) == [table.name for table in every_table()]
    assert {table.name for table in TABLES} == {table.name for table in every_table()}


def test_columns_are_the_contract() -> None:
    assert {table.name: " ".join(column.name for column in table.columns) for table in TABLES} == {
        "results": "pulse unit unit_name block item status n score low high mean favourability distribution "
        "interval_basis",
        "trends": "series unit unit_name block pulse label date status n score low high change change_low change_high "
        "minimum_detectable_change comparable",
        "heatmap": "pulse unit unit_name parent depth block status n score low high",
        "participation": "pulse unit unit_name status n headcount rate",
        "quality": "pulse block status n groups icc1 icc2",
        "dictionary": "table column type unit description",
    }


def test_figures_stand_under_their_names() -> None:
    (score,) = scores(RELEASES[0], units=["t0000"], items=["A2"])
    (row,) = as_dicts(tables.results_table(RELEASES, [score]))
    assert row == {
        "pulse": "p1",
        "unit": "t0000",
        "unit_name": "Unit t0000",
        "block": "A",
        "item": "A2",
        "status": "ok",
        "n": 12,
        "score": score.score,
        "low": score.low,
        "high": score.high,
        "mean": score.mean,
        "favourability": score.favourability,
        "distribution": score.counts,
        "interval_basis": "pooled",
    }


def test_trend_figures_stand_under_their_names() -> None:
    _, point = trends(RELEASES, units=["t0000"], blocks=["A"])
    (row,) = as_dicts(tables.trends_table(RELEASES, [point]))
    assert row.pop("unit_name") == "Unit t0000"
    assert row.pop("date") == point.closed_on
    assert row == {name: getattr(point, name) for name in row}


def test_suppressed_rows_hold_no_figure() -> None:
    for table in every_table():
        for row in as_dicts(table):
            if row.get("status") == "suppressed":
                figures = list(row)[list(row).index("status") + 1 :]
                assert {row[name] for name in figures} == {None}


def test_the_heat_map_shows_the_tree_of_its_own_units_only() -> None:
    def places(units: list[str] | None) -> dict[Value, tuple[Value, Value]]:
        table = tables.heatmap_table(RELEASES, list(heatmap(RELEASES[1], units=units)))
        return {row["unit"]: (row["parent"], row["depth"]) for row in as_dicts(table)}

    assert places(None) == {
        "root": (None, 0),
        "t0000": ("root", 1),
        "t0001": ("root", 1),
        "t0002": ("t0001", 2),
        "t0003": (None, 0),
    }
    assert places(["t0001", "t0002"]) == {"t0001": (None, 0), "t0002": ("t0001", 1)}


def test_a_running_pulse_is_named_from_its_roster() -> None:
    rows = list(participation(RELEASES[0], units=["t0000"]))
    assert tables.participation_rows(rows, {"t0000": "Anvil"}).rows == [
        ("p1", "t0000", "Anvil", "ok", 12, 14, 100 * 12 / 14)
    ]
    assert tables.participation_rows([], {}).rows == []
