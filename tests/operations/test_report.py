"""What readers are given of bands and of a series, whatever part of it they ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from service.errors import FindingsDue
from service.operations import access, report
from service.release.release import ItemFigures, Release, Slice
from service.store.tables import analysis
from service.survey.pulse import Band

BANDS = (Band("tenure", ("0-1y", "1-3y")), Band("location", ("HQ", "away")))
FAMILIES = (("tenure",), ("tenure", "location"))
Change = Callable[[Release], Release]


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], None]:
    """From here on every release is read with a change to it."""

    def install(change: Change) -> None:
        decode = report.codec.decode
        monkeypatch.setattr(report.codec, "decode", lambda content: change(decode(content)))  # one codec for all

    return install


def pulse(doors: Any, units: dict[str, int], label: str = "") -> str:
    roster = [{"id": "all", "headcount": 0}]
    roster += [{"id": id, "parent": "all", "headcount": n} for id, n in units.items()]
    doors.ok("PUT", "/v1/roster", {"units": roster})
    id: str = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1", "PS1"], "label": label})[
        "id"
    ]
    issued = doors.ok("POST", f"/v1/pulses/{id}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{id}/open")
    for entry in issued:
        for place, token in enumerate(entry["tokens"]):
            answers = {"WB1": 1 + place % 5, "PS1": 5 - place % 5}
            doors.ok("POST", f"/v1/pulses/{id}/responses", {"token": token, "answers": answers}, {})
    doors.ok("POST", f"/v1/pulses/{id}/close")
    doors.ok("POST", f"/v1/pulses/{id}/release")
    return id


def test_what_one_organisation_has_read_is_unknown_to_another(doors: Any) -> None:
    """A release that is kept in memory for those it belongs to, too."""
    made = pulse(doors, {"north": 15})
    secret = access.create_key(
        doors.parts.database,
        access.create_organisation(doors.parts.database, "Other Works"),
        ["results", "analytics"],
        None,
        "other",
    )
    other = {"Authorization": f"Bearer {secret}"}
    for path in ("results", "heatmap", "changes"):
        address = f"/v1/{path}?pulse={made}"
        before = doors.call("GET", address, headers=other)
        assert doors.rows(address)
        after = doors.call("GET", address, headers=other)
        assert before.status_code == after.status_code == 404
        assert before.content == after.content


def test_findings_of_an_earlier_method_are_due_again(doors: Any) -> None:
    made = pulse(doors, {"north": 15})
    database = doors.parts.database
    library = report.Library(database, lambda _pulse, _there: None)
    assert doors.rows(f"/v1/quality?pulse={made}")
    assert library.are_computed(made)
    with database.begin() as tx:
        tx.execute(update(analysis).values(method="an earlier one"))
    assert not library.are_computed(made)
    with pytest.raises(FindingsDue):
        library.findings(access.operator(doors.organisation), "quality", report.Query(pulse=made))


def with_slices(release: Release) -> Release:
    items = {"WB1": ItemFigures(12, 36, 36), "PS1": ItemFigures(12, 55, 60)}
    listed = (Slice(("tenure",), ("1-3y",), 12, items), Slice(("tenure", "location"), ("0-1y", "HQ"), 12, items))
    units = tuple(
        replace(unit, figures=replace(unit.figures, slices=listed)) if unit.id == "all" and unit.figures else unit
        for unit in release.units
    )
    return replace(release, units=units, bands=BANDS, families=FAMILIES)


@pytest.fixture
def sliced(doors: Any, changed: Callable[[Change], None]) -> str:
    made = pulse(doors, {"north": 15, "south": 15})
    changed(with_slices)
    return made


def test_results_by_a_band_are_a_row_a_unit_value_and_measure(doors: Any, sliced: str) -> None:
    rows = doors.rows(f"/v1/results?pulse={sliced}&by=tenure&unit=all")
    blocks = len({row["block"] for row in rows})
    assert [(row["by"], row["band"]) for row in rows] == [
        ("tenure", value) for value in ("0-1y", "1-3y") for _ in range(blocks + 2)
    ]
    shown = {row["item"]: row for row in rows if row["band"] == "1-3y"}
    assert (shown["WB1"]["status"], shown["WB1"]["n"], shown["WB1"]["score"]) == ("ok", 12, 50.0)
    assert (shown["PS1"]["status"], shown["PS1"]["n"], shown["PS1"]["score"]) == ("bound", 12, None)
    assert (shown["PS1"]["at_least"], shown["PS1"]["at_most"]) == (pytest.approx(100 * 43 / 48), 100.0)
    assert {row["status"] for row in rows if row["band"] == "0-1y"} == {"suppressed"}
    assert {row["status"] for row in doors.rows("/v1/results?by=tenure&unit=north")} == {"suppressed"}


def test_a_cross_joins_its_bands_with_a_comma_in_any_order(doors: Any, sliced: str) -> None:
    rows = doors.rows("/v1/results?by=tenure,location&item=WB1&unit=all")
    assert [(row["by"], row["band"], row["status"]) for row in rows] == [
        ("tenure,location", "0-1y,HQ", "ok"),
        ("tenure,location", "0-1y,away", "suppressed"),
        ("tenure,location", "1-3y,HQ", "suppressed"),
        ("tenure,location", "1-3y,away", "suppressed"),
    ]
    assert doors.rows("/v1/results?by=location,tenure&item=WB1&unit=all") == rows


def test_filters_work_together_with_by(doors: Any, sliced: str) -> None:
    rows = doors.rows("/v1/results?by=tenure&block=wellbeing")
    assert {row["block"] for row in rows} == {"wellbeing"}
    assert {row["unit"] for row in rows} == {"all", "north", "south"}
    bound = doors.key("results", unit="north")
    assert {row["unit"] for row in doors.rows("/v1/results?by=tenure", headers=bound)} == {"north"}
    assert doors.call("GET", "/v1/results?by=tenure&unit=all", headers=bound).status_code == 404


@pytest.mark.parametrize("by", ["location", "role", "tenure,role", "tenure,tenure", "", ","])
def test_a_band_that_is_asked_by_nowhere_is_told(doors: Any, sliced: str, by: str) -> None:
    reply = doors.call("GET", f"/v1/results?by={by}")
    assert (reply.status_code, reply.json()["type"]) == (422, "invalid-query")
    assert reply.json()["errors"] == [{"where": "by", "why": "is asked by in none of these pulses"}]


def test_without_by_there_is_no_row_of_a_band(doors: Any, sliced: str) -> None:
    assert {(row["by"], row["band"]) for row in doors.rows("/v1/results")} == {(None, None)}


def test_a_later_first_day_brings_no_withheld_point_to_light(doors: Any, changed: Callable[[Change], None]) -> None:
    """Both pulses close on one day here, so the days are put apart in what is read."""
    first, second = (pulse(doors, {"north": 15, "south": n}) for n in (15, 14))

    def apart(release: Release) -> Release:
        units = tuple(
            replace(unit, figures=replace(unit.figures, moved=(first,)))
            if release.pulse == second and unit.figures and unit.id != "north"
            else unit
            for unit in release.units
        )
        year = 2024 if release.pulse == first else 2025
        return replace(release, units=units, closed_on=release.closed_on.replace(year=year, month=3, day=1))

    changed(apart)
    rows = doors.rows("/v1/trends?block=safety")
    told = {(row["unit"], row["pulse"]): row["status"] for row in rows}
    assert told == {
        ("all", first): "ok", ("all", second): "suppressed",
        ("north", first): "ok", ("north", second): "ok",
        ("south", first): "ok", ("south", second): "suppressed",
    }  # fmt: skip
    later = doors.rows("/v1/trends?block=safety&from=2025-01-01")
    assert later == [row for row in rows if row["pulse"] == second]
