"""Those of a unit who stated a value: the same figures as a unit of these people, and every value a row."""

from __future__ import annotations

from service.analytics.scores import scores
from service.analytics.slices import family_of, slices
from service.release.release import Release
from service.survey.pulse import Band, combinations
from tests.analytics.building import AB, bounded, released, sheet_slice, sheets_by_chance, sliced

SHEETS = sheets_by_chance(6, 3, 14, 3)
TENURE = Band("tenure", ("0-1y", "1-3y", "3y+"))
PLACE = Band("location", ("HQ", "away"))
FAMILIES = (("tenure",), ("location",), ("tenure", "location"))


def release() -> Release:
    rows = SHEETS["t0000"]
    listed = [
        sheet_slice(("tenure",), ("1-3y",), rows[:6], AB),
        sheet_slice(("tenure",), ("3y+",), rows[6:], AB),
        sheet_slice(("location",), ("HQ",), rows[3:], AB),
        sheet_slice(("tenure", "location"), ("1-3y", "HQ"), rows[:5], AB),
    ]
    return sliced(released(SHEETS, hidden=["t0001"]), FAMILIES, (TENURE, PLACE), {"t0000": listed})


def test_figures_are_those_of_a_unit_of_these_people() -> None:
    """Only the spread is the release's own, as for its units."""
    found = [row for row in slices(release(), ("tenure",), units=["t0000"]) if row.bands == ("1-3y",)]
    alone = list(scores(released({"t0000": SHEETS["t0000"][:6]})))
    (wide,) = scores(release(), units=["t0000"], blocks=["B"], level="block")
    assert [(row.block, row.item, row.n, row.score, row.mean, row.favourability) for row in found] == [
        (row.block, row.item, row.n, row.score, row.mean, row.favourability) for row in alone
    ]
    assert {(row.status, row.by, row.interval_basis) for row in found} == {("ok", ("tenure",), "pooled")}
    assert {row.n for row in found} == {6}
    narrow = next(row for row in found if row.block == "B" and row.item is None)
    assert narrow.high - narrow.low > wide.high - wide.low


def test_every_declared_value_has_its_rows_in_every_unit() -> None:
    rows = list(slices(release(), ("tenure",), level="block"))
    assert [(row.unit, row.bands, row.block) for row in rows] == [
        (unit, (value,), block) for unit in SHEETS for value in TENURE.values for block in "AB"
    ]
    assert {row.bands for row in rows if row.status == "ok"} == {("1-3y",), ("3y+",)}
    assert {row.status for row in rows if row.unit != "t0000" or row.bands == ("0-1y",)} == {"suppressed"}
    for row in rows:
        assert (row.n is None) == (row.status == "suppressed")


def test_crosses_and_single_bands_stand_apart() -> None:
    rows = list(slices(release(), ("tenure", "location"), units=["t0000"], blocks=["A"], level="block"))
    assert [row.bands for row in rows] == [(a, b) for a in TENURE.values for b in PLACE.values]
    assert [(row.bands, row.n) for row in rows if row.status == "ok"] == [(("1-3y", "HQ"), 5)]


def test_two_families_may_share_the_name_of_a_value() -> None:
    rows = SHEETS["t0000"]
    listed = [sheet_slice((band,), ("other",), rows[:n], AB) for band, n in (("tenure", 6), ("location", 9))]
    bands = (Band("tenure", ("other",)), Band("location", ("other",)))
    made = sliced(released(SHEETS), [("tenure",), ("location",)], bands, {"t0000": listed})
    assert {row.n for row in slices(made, ("tenure",), units=["t0000"])} == {6}
    assert {row.n for row in slices(made, ("location",), units=["t0000"])} == {9}


def test_filters_are_those_of_units() -> None:
    found = slices(release(), ("location",), units=["t0000"], items=["A2"])
    assert [(row.unit, row.item, row.bands, row.status) for row in found] == [
        ("t0000", "A2", ("HQ",), "ok"),
        ("t0000", "A2", ("away",), "suppressed"),
    ]


def test_an_item_or_a_sum_withheld_in_a_slice_only() -> None:
    rows = SHEETS["t0000"]
    bound = bounded(released({"x": rows[:6]}), "x", "A1", 24, 30).unit["x"].figures.items["A1"]
    one = sheet_slice(("tenure",), ("1-3y",), rows[:6], AB)
    one.items["A1"] = bound
    del one.items["B1"]
    made = sliced(release(), FAMILIES, (TENURE, PLACE), {"t0000": [one]})
    found = {row.item or row.block: row for row in slices(made, ("tenure",), units=["t0000"]) if row.bands == ("1-3y",)}
    assert {name: row.status for name, row in found.items()} == {
        "A": "bound", "B": "suppressed", "A1": "bound", "A2": "ok", "B1": "suppressed",
    }  # fmt: skip
    assert (found["A1"].at_least, found["A1"].at_most) == (75.0, 100.0)


def test_a_family_is_found_in_any_order() -> None:
    assert family_of(release(), ["location", "tenure"]) == ("tenure", "location")
    assert family_of(release(), ["tenure"]) == ("tenure",)
    assert family_of(release(), ["tenure", "tenure"]) is None
    assert family_of(release(), ["role"]) is None
    assert combinations(release().bands, ("location",)) == [("HQ",), ("away",)]
