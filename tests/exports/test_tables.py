"""Every table keeps to its columns, and every column is described."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from functools import cache

import pytest

from service.analytics.benchmark import Benchmarks
from service.analytics.heatmap import heatmap
from service.analytics.participation import participation
from service.analytics.points import trend_points
from service.analytics.scores import scores
from service.analytics.slices import slices
from service.exports import tables
from service.exports.analysis import analysed
from service.exports.columns import TABLES
from service.exports.dictionary import dictionary
from service.exports.table import Table, Value
from service.survey.instrument import Scale
from service.survey.pulse import Band
from tests.analytics.building import (
    AB,
    bounded,
    instrument,
    item,
    moved,
    released,
    sheet_slice,
    sheets_by_chance,
    sliced,
)
from tests.analytics.lenses.test_interdependence import lens

SHEETS = {"root": [], **sheets_by_chance(4, 4, 12, 3)}
PARENTS = {"t0000": "root", "t0001": "root", "t0002": "t0001"}
FAMILY = ("tenure", "location")
BANDS = (Band("tenure", ("0-1y", "1-3y")), Band("location", ("HQ",)))
LISTED = {"t0000": [sheet_slice(FAMILY, ("1-3y", "HQ"), SHEETS["t0000"][:9], AB)]}
RELEASES = [
    released(SHEETS, parents=PARENTS, hidden=["t0002"], pulse="p1"),
    moved(
        bounded(
            sliced(released(SHEETS, parents=PARENTS, pulse="p2", closed_on=date(2025, 4, 1)), [FAMILY], BANDS, LISTED),
            "t0001",
            "A1",
            60,
            100,
        ),
        "t0003",
        "p1",
    ),
]
HOLDS = {
    "text": str,
    "integer": int,
    "number": float,
    "date": date,
    "integers": tuple,
    "boolean": bool,
}


#: A pulse that asks both lenses.
LENSES = lens(
    instrument(
        item("IL5", "over-reliance"),
        item("IL6", "isolation"),
        item("CF1", "coordination", scale=Scale(1, 3, {}), scored=False),
        item("CF2", "coordination", scale=Scale(1, 3, {}), scored=False),
        item("CF3", "coordination", scored=False),
    )
)
LENSED = released(
    {id: [[a, b, 1 + a % 3, 1 + b % 3, a] for a, b, _ in rows] for id, rows in SHEETS.items()}, asks=LENSES
)


@cache
def every_table() -> list[Table]:
    found = {table.name: table for table in analysed(RELEASES)}
    found |= {table.name: table for table in analysed([LENSED]) if table.name in ("interdependence", "coordination")}
    return [
        tables.results_table(
            RELEASES, [*(row for release in RELEASES for row in scores(release)), *slices(RELEASES[1], FAMILY)]
        ),
        tables.heatmap_table(RELEASES, [cell for release in RELEASES for cell in heatmap(release)]),
        tables.participation_table(RELEASES, [row for release in RELEASES for row in participation(release)]),
        *found.values(),
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
    assert list(dict.fromkeys(table for table, _ in keys)) == [table.name for table in TABLES]
    assert {table.name for table in TABLES} == {table.name for table in every_table()}


def test_columns_are_the_contract() -> None:
    assert {table.name: " ".join(column.name for column in table.columns) for table in TABLES} == {
        "results": "pulse unit unit_name block item by band status n score low high at_least at_most mean "
        "favourability distribution interval_basis minimum_detectable_change against_organisation "
        "against_organisation_low against_organisation_high against_parent against_parent_low against_parent_high",
        "heatmap": "pulse unit unit_name parent depth block status n score low high at_least at_most",
        "participation": "pulse unit unit_name status n headcount rate",
        "trends": "series unit unit_name block pulse label date status n score low high at_least at_most change "
        "change_low change_high minimum_detectable_change comparable comparison_group adjusted smoothed smoothed_low "
        "smoothed_high climate climate_low climate_high surprise break verdict view method",
        "changes": "pulse unit unit_name block status verdict change low high total since test q false_sign_rate "
        "minimum_detectable_change tipping method",
        "alerts": "pulse kind unit unit_name block verdict change low high total since test q false_sign_rate "
        "minimum_detectable_change tested alerts expected_false method",
        "clusters": "pulse unit unit_name status verdict archetype label probability method",
        "archetypes": "pulse verdict teams pulses archetypes p_value stability elevation_share archetype label size "
        "block profile method",
        "quality": "pulse block status verdict n groups n0 alpha alpha_low alpha_high omega heywood alpha_within "
        "alpha_between omega_within icc1 icc1_low icc1_high icc1_n0 icc1_reml icc2 icc2_low icc2_high agreement_teams "
        "rwg_j beyond_chance method",
        "items": "pulse block item status verdict n mean sd item_rest_r alpha_if_dropped icc1 floor ceiling drift "
        "method",
        "agreement": "pulse unit unit_name block status n rwg_j r_star ad a_wg critical beyond_chance sd divided "
        "method",
        "drivers": "pulse outcome block status share low high correlation r2 teams method",
        "interdependence": "pulse unit unit_name status over_reliance over_reliance_low over_reliance_high isolation "
        "isolation_low isolation_high dependent interdependent inter_independent detached quadrant method",
        "coordination": "pulse unit unit_name status n work work_agreed work_probability means means_agreed "
        "means_probability fit too_little about_right too_much verdict standing method",
        "dictionary": "table column type unit description",
    }


def test_figures_stand_under_their_names() -> None:
    (score,) = scores(RELEASES[0], units=["t0000"], items=["A2"])
    (row,) = as_dicts(tables.results_table(RELEASES, [score]))
    held = Benchmarks(RELEASES[0]).of(score)
    assert held.organisation is not None
    assert held.parent is not None
    assert row == {
        "pulse": "p1",
        "unit": "t0000",
        "unit_name": "Unit t0000",
        "block": "A",
        "item": "A2",
        "by": None,
        "band": None,
        "status": "ok",
        "n": 12,
        "score": score.score,
        "low": score.low,
        "high": score.high,
        "at_least": None,
        "at_most": None,
        "mean": score.mean,
        "favourability": score.favourability,
        "distribution": score.counts,
        "interval_basis": "pooled",
        "minimum_detectable_change": held.minimum_detectable_change,
        "against_organisation": held.organisation.difference,
        "against_organisation_low": held.organisation.low,
        "against_organisation_high": held.organisation.high,
        "against_parent": held.parent.difference,
        "against_parent_low": held.parent.low,
        "against_parent_high": held.parent.high,
    }


def test_a_unit_is_held_against_no_unit_the_reader_may_not_see() -> None:
    (score,) = scores(RELEASES[0], units=["t0000"], items=["A2"])
    (row,) = as_dicts(tables.results_table(RELEASES, [score], {"p1": {"t0000"}}))
    assert {row[name] for name in row if name.startswith("against_")} == {None}
    assert row["minimum_detectable_change"] is not None
    (row,) = as_dicts(tables.results_table(RELEASES, [score], {"p1": {"root", "t0000"}}))
    assert row["against_parent"] is not None
    assert row["against_organisation"] is None


def test_trend_figures_stand_under_their_names() -> None:
    (table,) = (it for it in every_table() if it.name == "trends")
    rows = [row for row in as_dicts(table) if (row["unit"], row["block"]) == ("t0000", "A")]
    for row, point in zip(rows, trend_points(RELEASES, units=["t0000"], blocks=["A"]), strict=True):
        assert (row["unit_name"], row["date"], row["view"]) == ("Unit t0000", point.closed_on, "then")
        said = asdict(point)
        assert {name: row[name] for name in said if name != "closed_on"} == {
            name: value for name, value in said.items() if name != "closed_on"
        }
        assert row["smoothed_low"] < row["smoothed"] < row["smoothed_high"]
        assert row["climate_low"] < row["climate"] < row["climate_high"]


def test_a_bound_is_a_range_in_every_table_of_scores() -> None:
    for table in [it for it in every_table() if it.name in ("results", "heatmap", "trends")]:
        rows = [row for row in as_dicts(table) if row.get("status") == "bound"]
        assert {row["unit"] for row in rows} == {"t0001"}
        assert {row["at_most"] - row["at_least"] > 0 and row["n"] for row in rows} == {24}
        assert {row["score"] for row in rows} == {None}
        assert all(row["low"] <= row["at_least"] <= row["at_most"] <= row["high"] for row in rows)
        others = [row for row in as_dicts(table) if row["status"] != "bound"]
        assert {row[name] for row in others for name in ("at_least", "at_most")} == {None}


def test_every_word_of_a_status_is_explained_where_it_stands() -> None:
    described = {(row["table"], row["column"]): str(row["description"]) for row in as_dicts(dictionary())}
    for table in every_table():
        for status in {row["status"] for row in as_dicts(table) if "status" in row}:
            assert f"{status}" in described[table.name, "status"]
    assert "bound: everybody answered so alike" in described["results", "status"]
    assert "joined or left" in described["trends", "status"]
    assert "joined or left" not in described["results", "status"]


def test_a_slice_names_its_bands_as_a_caller_asks_for_them() -> None:
    rows = as_dicts(tables.results_table(RELEASES, slices(RELEASES[1], FAMILY, units=["t0000"], blocks=["B"])))
    assert [(row["item"], row["by"], row["band"], row["status"], row["n"]) for row in rows] == [
        (None, "tenure,location", "0-1y,HQ", "suppressed", None),
        ("B1", "tenure,location", "0-1y,HQ", "suppressed", None),
        (None, "tenure,location", "1-3y,HQ", "ok", 9),
        ("B1", "tenure,location", "1-3y,HQ", "ok", 9),
    ]


def test_suppressed_rows_hold_no_figure() -> None:
    for table in every_table():
        for row in as_dicts(table):
            if row.get("status") == "suppressed":
                figures = [column.name for column in table.columns if column.type in ("number", "integers")]
                assert {row[name] for name in figures} == {None}
                assert row.get("n") is None


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
