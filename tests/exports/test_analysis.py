"""From releases to findings in every case a series can be in: a clear status, no exception, no NaN in any format."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from service.exports import packed
from service.exports.analysis import analysed, chance
from service.exports.arrow import as_arrow, as_parquet
from service.exports.table import Value
from service.exports.text import as_csv, as_json, as_ndjson
from service.release.release import PublicUnit, Release
from tests.analytics.building import (
    AB,
    Sheets,
    bounded,
    instrument,
    item,
    moved,
    released,
    sheets_by_chance,
)

TEAMS = 8


def pulse(number: int, sheets: Sheets | None = None, **changes: object) -> Release:
    chosen = sheets if sheets is not None else {"root": [], **sheets_by_chance(number, TEAMS, 9, 3)}
    parents = {unit: "root" for unit in chosen if unit != "root" and "root" in chosen}
    day = date(2024 + number // 12, 1 + number % 12, 1)
    made = released(chosen, parents=parents, pulse=f"p{number}", closed_on=day, **changes)  # type: ignore[arg-type]
    return replace(made, number=number)


def rows(releases: Sequence[Release], table: str, **only: Value) -> list[dict[str, Value]]:
    (found,) = (it for it in analysed(releases) if it.name == table)
    names = [column.name for column in found.columns]
    told = [dict(zip(names, row, strict=True)) for row in found.rows]
    return [row for row in told if all(row[name] == value for name, value in only.items())]


def turned(release: Release, asks: Sequence[str]) -> Release:
    """As if only these items had been asked."""
    units = [
        replace(
            unit,
            figures=unit.figures
            and replace(unit.figures, items={id: it for id, it in unit.figures.items.items() if id in asks}),
        )
        for unit in release.units
    ]
    at = [place for place, id in enumerate(release.items) if id in asks]
    pooled = release.pooled and replace(release.pooled, items=tuple(asks), within=release.pooled.within[np.ix_(at, at)])
    return replace(release, items=tuple(asks), units=tuple(units), pooled=pooled)


def withheld(release: Release) -> Release:
    return replace(release, units=tuple(replace(unit, figures=None) for unit in release.units), pooled=None)


def alike(number: int) -> Release:
    return pulse(number, {"root": [], **{f"t{team:04d}": [[4, 4, 4]] * 7 for team in range(TEAMS)}}, pooled=False)


def renamed(release: Release, old: str, new: str) -> Release:
    units = [replace(it, id=new, before=(old,)) if it.id == old else it for it in release.units]
    return replace(release, units=tuple(units))


CASES: dict[str, Callable[[], list[Release]]] = {
    "one pulse": lambda: [pulse(1)],
    "one team": lambda: [pulse(n, {"root": sheets_by_chance(n, 1, 9, 3)["t0000"]}) for n in range(1, 5)],
    "one team, one pulse": lambda: [pulse(1, {"root": sheets_by_chance(1, 1, 9, 3)["t0000"]})],
    "all alike": lambda: [alike(n) for n in range(1, 6)],
    "everything withheld": lambda: [withheld(pulse(n)) for n in range(1, 4)],
    "the newest withheld": lambda: [pulse(1), pulse(2), withheld(pulse(3))],
    "nobody answered": lambda: [pulse(n, {"root": [], "t0000": []}) for n in range(1, 3)],
    "no pooled moments": lambda: [pulse(n, pooled=False) for n in range(1, 4)],
    "a bound": lambda: [pulse(1), bounded(pulse(2), "t0001", "A1", 40, 45)],
    "few moved": lambda: [pulse(1), moved(pulse(2), "t0001", "p1")],
    "a disconnected rotation": lambda: [turned(pulse(1), ["A1"]), turned(pulse(2), ["A2"]), turned(pulse(3), ["A2"])],
    "a block that comes and goes": lambda: [pulse(1), turned(pulse(2), ["B1"]), pulse(3)],
    "reworded": lambda: [pulse(1), pulse(2, asks=instrument(item("A1", "A", "Other words"), *AB.items[1:]))],
    "reorganised": lambda: [pulse(1), pulse(2), renamed(pulse(3), "t0001", "quay")],
    "a team that is gone": lambda: [pulse(1), replace(pulse(2), units=pulse(2).units[:-1])],
    "nothing scored": lambda: [pulse(1, asks=instrument(*(replace(it, scored=False) for it in AB.items)))],
}


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_told_without_a_nan(case: str) -> None:
    tables = analysed(CASES[case]())
    for table in tables:
        for row in table.rows:
            assert all(math.isfinite(value) for value in row if isinstance(value, float)), (table.name, row)
        for write in (as_json, as_ndjson, as_csv, as_parquet, as_arrow):
            write(table)
        parts = [packed.unpack(part, table.columns) for part in packed.pack(table).parts]
        assert [row for part in parts for row in part.rows()] == list(table.rows)


def test_the_same_releases_give_the_same_tables_to_the_last_bit() -> None:
    def made() -> list[str]:
        return [packed.pack(table).digest for table in analysed([pulse(n) for n in range(1, 4)])]

    assert made() == made()


def test_a_withheld_pulse_is_a_gap_and_never_a_zero() -> None:
    gap = replace(pulse(2), units=tuple(_without(unit, "t0001") for unit in pulse(2).units))
    found = rows([pulse(1), gap, pulse(3)], "trends", unit="t0001", block="A")
    assert [row["status"] for row in found] == ["ok", "suppressed", "ok"]
    figures = [found[1][name] for name in ("score", "adjusted", "smoothed", "climate_low", "surprise", "change")]
    assert figures == [None] * 6
    assert all(row["smoothed"] for row in (found[0], found[2]))


def _without(unit: PublicUnit, id: str) -> PublicUnit:
    return replace(unit, figures=None) if unit.id == id else unit


def test_only_the_newest_point_has_a_verdict_and_it_is_that_of_the_changes() -> None:
    releases = [pulse(n) for n in range(1, 5)]
    trend = rows(releases, "trends", unit="t0002", block="A")
    (change,) = rows(releases, "changes", unit="t0002", block="A")
    assert [row["verdict"] for row in trend] == [None, None, None, change["verdict"]]


def shocked(number: int, fallen: bool) -> Release:
    sheets = {"root": [], **sheets_by_chance(1, 20, 12, 3)}
    if fallen:
        sheets["t0003"] = [[1, 1, answer[2]] for answer in sheets["t0003"]]
    return pulse(number, sheets)


def test_a_collapse_is_an_alert_with_what_it_takes_to_believe_it() -> None:
    releases = [shocked(n, n >= 7) for n in range(1, 9)]
    found = rows(releases, "alerts")
    summary, *alerts = found
    assert (summary["kind"], summary["tested"], summary["alerts"], summary["expected_false"]) == (
        "summary",
        42,
        1,
        0.15,
    )
    (alert,) = alerts
    assert (alert["unit"], alert["block"], alert["verdict"]) == ("t0003", "A", "declined")
    assert alert["change"] < -20
    assert alert["low"] < alert["change"] < alert["high"] < 0
    assert "shift" in str(alert["test"])
    (point,) = rows(releases, "trends", unit="t0003", block="A", pulse="p7")
    assert point["break"] == "shift"
    assert point["surprise"] < -2.5
    assert {row["break"] for row in rows(releases, "trends", unit="t0004", block="A")} == {None}


def test_no_change_is_counted_from_a_pulse_that_is_withheld() -> None:
    releases = [pulse(n) for n in range(1, 6)]
    for at in (1, 2):  # what the last three steps would be counted from, and one beside it
        units = tuple(_without(unit, "t0001") for unit in releases[at].units)
        releases[at] = replace(releases[at], units=units)
    (change,) = rows(releases, "changes", unit="t0001", block="A")
    assert (change["verdict"], change["since"]) == ("no_change", "p1")
    (other,) = rows(releases, "changes", unit="t0002", block="A")
    assert other["since"] == "p2"


def test_a_jump_that_fell_back_is_a_break_and_no_change() -> None:
    releases = [shocked(n, n == 7) for n in range(1, 10)]
    (change,) = rows(releases, "changes", unit="t0003", block="A")
    assert change["verdict"] == "no_change"
    assert "shift" in [row["break"] for row in rows(releases, "trends", unit="t0003", block="A")]


def test_nothing_happened_says_how_much_was_looked_at() -> None:
    (summary,) = rows([shocked(n, False) for n in range(1, 5)], "alerts")
    assert (summary["kind"], summary["unit"], summary["tested"], summary["alerts"]) == ("summary", None, 42, 0)


def test_rotated_items_are_made_comparable() -> None:
    """A2 is answered far lower by everybody; asked alone, it is no fall of the block."""
    drawn = sheets_by_chance(4, 8, 9, 3)
    easy = {"root": [], **{unit: [[5 - a % 2, 1 + b % 2, c] for a, b, c in sheet] for unit, sheet in drawn.items()}}
    releases = [pulse(1, easy), turned(pulse(2, easy), ["A1", "B1"]), turned(pulse(3, easy), ["A2", "B1"])]
    found = rows(releases, "trends", unit="root", block="A")
    raw, adjusted = ([row[name] for row in found] for name in ("score", "adjusted"))
    assert max(raw) - min(raw) > 50
    assert max(adjusted) - min(adjusted) < 1e-9
    assert {row["comparison_group"] for row in found} == {0}


def test_pulses_without_common_items_are_not_compared() -> None:
    found = rows(CASES["a disconnected rotation"](), "trends", unit="root", block="A")
    assert [row["comparison_group"] for row in found] == [0, 1, 1]
    assert [row["break"] for row in found] == [None, "incomparable", None]
    assert [row["smoothed"] is None for row in found] == [True, False, False]
    assert [row["score"] is None for row in found] == [False, False, False]


def test_other_words_are_another_item_and_a_break() -> None:
    found = rows(CASES["reworded"](), "trends", unit="root", block="A")
    assert [row["break"] for row in found] == [None, "reworded"]
    assert [row["comparison_group"] for row in found] == [0, 0]  # by way of A2


def test_a_renamed_unit_is_read_as_it_was_and_as_it_is_now() -> None:
    releases = CASES["reorganised"]()
    assert [row["pulse"] for row in rows(releases, "trends", unit="quay", block="A", view="then")] == ["p3"]
    assert [row["pulse"] for row in rows(releases, "trends", unit="t0001", block="A", view="then")] == ["p1", "p2"]
    now = rows(releases, "trends", unit="quay", block="A", view="now")
    assert [row["pulse"] for row in now] == ["p1", "p2", "p3"]
    before = rows(releases[:2], "trends", unit="t0001", block="A")
    assert [row["score"] for row in now[:2]] == [row["score"] for row in before]
    assert {row["unit"] for row in rows(releases, "trends", view="now")} == {"quay"}
    (change,) = rows(releases, "changes", unit="quay", block="A")
    assert change["verdict"] == "no_change"


def test_a_merger_is_a_break_and_no_decline() -> None:
    """t0001 takes over t0002, whose people answered far lower; nobody changed their mind."""
    drawn = sheets_by_chance(3, 12, 12, 3)
    drawn["t0001"] = [[4 + a % 2, 4 + b % 2, c] for a, b, c in drawn["t0001"]]
    drawn["t0002"] = [[1 + a % 2, 1 + b % 2, c] for a, b, c in drawn["t0002"]]
    apart = {"root": [], **drawn}
    merged = {unit: sheet for unit, sheet in apart.items() if unit != "t0002"}
    merged["t0001"] = drawn["t0001"] + drawn["t0002"]
    newest = pulse(4, merged)
    units = tuple(
        replace(it, before=("t0002",), figures=it.figures and replace(it.figures, headcount=28))
        if it.id == "t0001"
        else it
        for it in newest.units
    )
    releases = [*(pulse(n, apart) for n in (1, 2, 3)), replace(newest, units=units)]
    then = rows(releases, "trends", unit="t0001", block="A", view="then")
    assert then[0]["score"] - then[3]["score"] > 20
    assert [row["break"] for row in then] == [None, None, None, "reorganised"]
    now = rows(releases, "trends", unit="t0001", block="A", view="now")
    assert [row["score"] for row in now] == pytest.approx([now[0]["score"]] * 4)
    assert [row["break"] for row in now] == [None] * 4
    (change,) = rows(releases, "changes", unit="t0001", block="A")
    assert {change["verdict"], then[-1]["verdict"], now[-1]["verdict"]} == {"no_change"}


def test_where_few_came_with_a_merger_the_view_from_today_withholds_the_step() -> None:
    releases = CASES["reorganised"]()
    (quay,) = (unit for unit in releases[2].units if unit.id == "quay")
    assert quay.figures is not None
    grown = replace(quay, figures=replace(quay.figures, headcount=quay.figures.headcount + 2))
    units = tuple(grown if unit.id == "quay" else unit for unit in releases[2].units)
    told = rows([*releases[:2], replace(releases[2], units=units)], "trends", unit="quay", block="A", view="now")
    assert [row["status"] for row in told] == ["ok", "ok", "suppressed"]


def test_a_team_that_is_new_has_no_past_in_either_view() -> None:
    releases = CASES["reorganised"]()
    older = [replace(it, units=tuple(unit for unit in it.units if unit.id != "t0005")) for it in releases[:2]]
    told = rows([*older, releases[2]], "trends", unit="t0005", block="A")
    assert [(row["pulse"], row["view"]) for row in told] == [("p3", "then")]


def test_without_a_reorganisation_there_is_one_view() -> None:
    assert {row["view"] for row in rows([pulse(1), pulse(2)], "trends")} == {"then"}


def test_an_item_that_goes_its_own_way_is_told() -> None:
    """A1 rises by two points from pulse to pulse while the rest of its block stays."""
    items = instrument(*(item(f"A{n}", "A") for n in range(1, 6)), item("B1", "B"))

    def asked(number: int) -> Release:
        drawn = sheets_by_chance(number, 12, 15, 6)
        lifted = {unit: [[min(5, 1 + number), *sheet[1:]] for sheet in sheets] for unit, sheets in drawn.items()}
        return pulse(number, {"root": [], **lifted}, asks=items)

    told = {row["item"]: row["drift"] for row in rows([asked(n) for n in range(1, 5)], "items")}
    assert told["A1"] is True
    assert [told[f"A{n}"] for n in range(2, 6)].count(True) == 0
    assert told["B1"] is None


def test_chance_is_drawn_anew_for_each_pulse_and_finding() -> None:
    first = {chance(pulse(n), name).integers(2**60) for n in (1, 2) for name in ("clusters", "drivers")}
    assert len(first) == 4


def test_every_team_is_told_that_there_are_no_archetypes() -> None:
    releases = [pulse(1, {"root": [], **sheets_by_chance(1, 40, 9, 3)})]
    told = rows(releases, "clusters")
    assert len(told) == 40
    assert {(row["status"], row["verdict"], row["archetype"]) for row in told} == {("ok", "no_structure", None)}
    few = rows([pulse(1)], "clusters")
    assert {(row["status"], row["verdict"]) for row in few} == {("insufficient", "insufficient")}


def test_what_moves_all_is_the_change_of_the_unit_at_the_top() -> None:
    """Everybody falls by a point of the scale; the teams keep their places, and their intervals hold that."""
    clear = sheets_by_chance(2, 20, 12, 3).items()
    drawn = {unit: [[max(2, answer) for answer in sheet] for sheet in sheets] for unit, sheets in clear}
    fallen = {unit: [[answer - 1 for answer in sheet] for sheet in sheets] for unit, sheets in drawn.items()}
    releases = [pulse(n, {"root": [], **(fallen if n > 5 else drawn)}) for n in range(1, 8)]
    (root,) = rows(releases, "changes", unit="root", block="A")
    assert root["verdict"] == "declined"
    assert root["change"] == pytest.approx(root["total"])
    teams = [row for row in rows(releases, "changes", block="A") if row["unit"] != "root"]
    assert {row["verdict"] for row in teams} == {"no_change"}
    assert all(row["low"] < row["change"] < row["high"] for row in teams)
    assert all(row["high"] - row["change"] == pytest.approx(row["change"] - row["low"]) for row in teams)
    assert all(row["low"] <= 0 <= row["high"] for row in teams)
    assert min(row["change"] - row["total"] for row in teams) > 15


def test_who_has_too_little_is_not_counted_as_tested() -> None:
    new = replace(pulse(1), units=pulse(1).units[:-1])
    (summary,) = rows([new, pulse(2)], "alerts", kind="summary")
    assert summary["tested"] == 2 * TEAMS  # root and all teams but the new one, two blocks
    (change,) = rows([new, pulse(2)], "changes", unit="t0007", block="A")
    assert (change["verdict"], change["status"], change["change"]) == ("not_enough", "insufficient", None)
    hidden = replace(pulse(2), units=tuple(_without(unit, "t0001") for unit in pulse(2).units))
    (change,) = rows([pulse(1), hidden], "changes", unit="t0001", block="A")
    assert (change["verdict"], change["status"]) == ("not_enough", "suppressed")


def test_a_bound_takes_part_with_the_doubt_of_its_range() -> None:
    releases = CASES["a bound"]()
    (row,) = rows(releases, "trends", unit="t0001", block="A", pulse="p2")
    assert row["status"] == "bound"
    assert row["adjusted"] == pytest.approx((row["at_least"] + row["at_most"]) / 2)
    assert row["smoothed"] is not None


def test_every_row_names_its_method() -> None:
    for table in analysed([pulse(1), pulse(2)]):
        at = table.position("method")
        assert all(row[at] for row in table.rows), table.name
