"""A key bound to a subtree reads a unit's trend only from where the unit stood in it."""

from __future__ import annotations

from datetime import date

from service.exports.table import Row
from service.exports.trend_columns import TRENDS
from service.operations.unbroken import Unbroken
from service.release.release import Release
from tests.analytics.building import released, sheets_by_chance

SHEETS = {"root": [], "ours": [], "theirs": [], **sheets_by_chance(3, 2, 8, 3)}


def at(pulse: str, parent: str) -> Release:
    parents = {"ours": "root", "theirs": "root", "t0000": parent, "t0001": "ours"}
    return released(SHEETS, parents=parents, pulse=pulse, closed_on=date(2025, int(pulse[1:]), 1))


def row(unit: str, pulse: str, status: str = "ok", change: float | None = 3.0) -> Row:
    said = {"unit": unit, "pulse": pulse, "block": "A", "status": status, "change": change, "comparable": True, "n": 8}
    return tuple(said.get(column.name) for column in TRENDS.columns)


def read(rows: list[Row], homes: list[str]) -> list[tuple[object, object, object]]:
    releases = [at(f"p{number}", home) for number, home in enumerate(homes, 1)]
    seen = {
        it.pulse: {"ours", "t0001"} | ({"t0000"} if it.unit["t0000"].parent == "ours" else set()) for it in releases
    }
    found = Unbroken(releases, seen).told(it for it in rows if it[1] in seen[str(it[TRENDS.position("pulse")])])
    return [tuple(it[TRENDS.position(name)] for name in ("unit", "pulse", "change")) for it in found]


def test_a_unit_that_was_always_there_is_read_whole() -> None:
    rows = [row("t0001", "p1", change=None), row("t0001", "p2")]
    assert read(rows, ["theirs", "ours"]) == [("t0001", "p1", None), ("t0001", "p2", 3.0)]


def test_the_first_point_after_a_unit_came_says_no_step() -> None:
    rows = [row("t0000", f"p{number}") for number in (1, 2, 3)]
    assert read(rows, ["theirs", "ours", "ours"]) == [("t0000", "p2", None), ("t0000", "p3", 3.0)]


def test_a_point_without_a_score_is_not_the_first() -> None:
    rows = [row("t0000", "p1"), row("t0000", "p2", "suppressed", None), row("t0000", "p3"), row("t0000", "p4")]
    found = read(rows, ["theirs", "ours", "ours", "ours"])
    assert found == [("t0000", "p2", None), ("t0000", "p3", None), ("t0000", "p4", 3.0)]


def test_what_was_read_before_a_unit_went_away_and_came_back_is_gone() -> None:
    rows = [row("t0000", f"p{number}") for number in (1, 2, 3)]
    assert read(rows, ["ours", "theirs", "ours"]) == [("t0000", "p3", None)]
