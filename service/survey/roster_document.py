"""Rosters as documents: from JSON or CSV, back to JSON, and what one changes against another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from service.errors import Fault, InvalidRoster
from service.survey.lineage import takeovers
from service.survey.roster import Roster, Unit
from service.survey.roster_csv import read_rows
from service.survey.roster_rules import Row, roster_of

_FIELDS = ("id", "name", "parent", "headcount", "before")


@dataclass(frozen=True, slots=True)
class RosterChange:
    """Ids of units, in the order of the roster they are found in. A unit can be moved, renamed and resized at once.

    The last three took over the people of others: of one that is gone, of several, a part of one.
    """

    added: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    resized: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    split: tuple[str, ...] = ()


def parse_roster(document: object) -> Roster:
    """The roster of `{"units": [...]}` or of the bare list; a unit is an object of id, name, parent, headcount, before.

    A name left out is the id; a parent left out, null or empty makes a root, of which there may be several. `before`
    lists the units whose people the unit took over; left out or null it says nothing of that.
    Raises InvalidRoster with the first hundred faults.
    """
    units = _units(document)
    faults = (
        Fault(f"units[{index}]", f"must be an object with no fields but {', '.join(_FIELDS)}")
        for index, unit in enumerate(units)
        if not isinstance(unit, dict) or not unit.keys() <= set(_FIELDS)
    )
    places = [index for index, unit in enumerate(units) if isinstance(unit, dict)]
    rows = [_row(unit) for unit in units if isinstance(unit, dict)]
    return roster_of(rows, lambda index, field: f"units[{places[index]}].{field}", faults)


def parse_roster_csv(text: str) -> Roster:
    """The roster of a CSV whose first line names its columns: id (or unit), headcount, and if wanted the other fields.

    Cells are separated by comma, semicolon or tab, the ids in a cell of before by | or ;. Raises InvalidRoster with
    the first hundred faults.
    """
    rows, numbers, faults = read_rows(text)
    return roster_of(rows, lambda index, field: f"line {numbers[index]}, {field}", faults)


def roster_document(roster: Roster) -> dict[str, Any]:
    """Plain JSON; parsing it gives an equal roster."""
    return {"units": [_unit_document(unit) for unit in roster.units]}


def kept(before: Roster, after: Roster) -> Roster:
    """`after`, where each unit of which it is not said whose people it took over holds to what `before` says of it."""
    said = before.before
    units = (
        replace(unit, before=(said.get(unit.id, ()) if unit.before is None else unit.before) or None)
        for unit in after.units
    )
    return replace(after, units=tuple(units))


def differences(before: Roster | None, after: Roster) -> RosterChange:
    """What becomes of the units when `after` takes the place of `before`."""
    old = {} if before is None else {unit.id: unit for unit in before.units}
    new = {unit.id: unit for unit in after.units}
    both = [(old[id], unit) for id, unit in new.items() if id in old]
    taken = takeovers(after.before, {} if before is None else before.before)
    return RosterChange(
        added=tuple(id for id in new if id not in old),
        moved=tuple(now.id for was, now in both if was.parent != now.parent),
        renamed=tuple(now.id for was, now in both if was.name != now.name),
        resized=tuple(now.id for was, now in both if was.headcount != now.headcount),
        left=tuple(id for id in old if id not in new),
        replacing=taken.replacing,
        merged=taken.merged,
        split=taken.split,
    )


def _units(document: object) -> list[object]:
    if isinstance(document, dict):
        if document.keys() != {"units"}:
            raise InvalidRoster([Fault("roster", "must be an object with the one field units, or the list of units")])
        document = document["units"]
    if not isinstance(document, list):
        raise InvalidRoster([Fault("units", "must be a list of units")])
    return document


def _row(unit: dict[str, object]) -> Row:
    parent = None if unit.get("parent") == "" else unit.get("parent")
    return Row(unit.get("id"), unit.get("name"), parent, unit.get("headcount"), unit.get("before"))


def _unit_document(unit: Unit) -> dict[str, Any]:
    document = {"id": unit.id, "name": unit.name, "parent": unit.parent, "headcount": unit.headcount}
    return document if unit.before is None else document | {"before": list(unit.before)}
