"""TEMPORARY: replaced by the colleague's version."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from service.errors import Fault, InvalidRoster
from service.survey.roster import Roster, Unit, arranged


@dataclass(frozen=True, slots=True)
class RosterChange:
    added: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    resized: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def parse_roster(d: Any) -> Roster:
    try:
        return arranged(Unit(u["id"], u.get("name", u["id"]), u.get("parent"), u["headcount"]) for u in d["units"])
    except (KeyError, TypeError) as e:
        raise InvalidRoster([Fault("units", "is not valid")]) from e


def parse_roster_csv(text: str) -> Roster:
    return arranged(
        Unit(r["id"], r["name"], r["parent"] or None, int(r["headcount"])) for r in csv.DictReader(io.StringIO(text))
    )


def roster_document(r: Roster) -> dict[str, Any]:
    return {"units": [{"id": u.id, "name": u.name, "parent": u.parent, "headcount": u.headcount} for u in r.units]}


def differences(before: Roster | None, after: Roster) -> RosterChange:
    old = {u.id: u for u in before.units} if before else {}
    new = {u.id: u for u in after.units}
    both = [(old[i], new[i]) for i in new if i in old]
    return RosterChange(
        tuple(i for i in new if i not in old),
        tuple(b.id for a, b in both if a.parent != b.parent),
        tuple(b.id for a, b in both if a.name != b.name),
        tuple(b.id for a, b in both if a.headcount != b.headcount),
        tuple(i for i in old if i not in new),
    )
