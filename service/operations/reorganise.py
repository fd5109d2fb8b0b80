"""The tree of units: put by hand or made of people, dated, and read as it stood on a day."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta

from service.errors import Conflict, Fault, InvalidRoster
from service.operations import audit
from service.operations.access import Principal
from service.store import access, directory, rosters
from service.store.database import Connection, Database
from service.survey.roster import Roster
from service.survey.roster_document import RosterChange, differences, kept
from service.survey.roster_rules import MOST_FAULTS

#: How far ahead a roster may be dated.
_AHEAD = timedelta(days=366)


def put_roster(
    database: Database,
    principal: Principal,
    roster: Roster,
    day: date,
    *,
    today: date,
    apply: bool = True,
    seen: Roster | None = None,
) -> RosterChange:
    """Make `roster` the tree from `day` on and say what that changes; with `apply` false, only say.

    With `seen`, the tree that was looked at before, only while that still stands or already is what is wanted.
    The same roster again changes nothing, and whose people a unit took over stays said until something else is said.
    Raises Conflict for a day before the latest on record and where the tree is no longer the one `seen`, InvalidRoster
    for a day more than a year ahead (no other could follow it until then) and for units named as taken over that there
    never were.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        return replace_roster(tx, principal, roster, day, today=today, apply=apply, seen=seen, by_hand=True)


def replace_roster(
    tx: Connection,
    principal: Principal,
    roster: Roster,
    day: date,
    *,
    today: date,
    apply: bool = True,
    seen: Roster | None = None,
    by_hand: bool = False,
) -> RosterChange:
    """What `put_roster` does, as the end of a transaction that does more.

    Put `by_hand`, it is the directory's to look at again: where units are made of people, these have the last word.
    """
    if day > today + _AHEAD:
        raise InvalidRoster([Fault("as_of", "is more than a year ahead")])
    access.hold_organisation(tx, principal.organisation)
    latest = rosters.latest_day(tx, principal.organisation)
    if latest is not None and day < latest:
        raise Conflict("History is kept: a roster cannot be dated before the latest one on record.")
    before = rosters.roster_at(tx, principal.organisation, day)
    _require_known(roster, rosters.numbers(tx, principal.organisation))
    roster = kept(before, roster)
    change = differences(before, roster)
    left = set(change.left)
    touched = {*change.added, *change.moved, *change.renamed, *change.resized}
    touched |= {id for id, named in roster.before.items() if named != before.before.get(id, ())}
    if seen is not None and seen != before and (touched or left):
        raise Conflict("The roster has changed since it was looked at.")
    if apply:
        rosters.write_versions(
            tx,
            principal.organisation,
            day,
            present=[unit for unit in roster.units if unit.id in touched],
            gone=[unit for unit in before.units if unit.id in left],
        )
    if apply and by_hand and (touched or left):
        directory.touch(tx, principal.organisation)
    if apply and (touched or left):
        audit.record(tx, principal, "roster replaced", f"roster from {day}: {len(touched | left)} units")
    return change


def roster(database: Database, principal: Principal, day: date) -> Roster:
    """The tree as it stood on `day`."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        return rosters.roster_at(tx, principal.organisation, day)


def _require_known(roster: Roster, known: Container[str]) -> None:
    faults = [
        Fault(roster.said.get(unit.id, "units"), "names a unit that was in no earlier roster")
        for unit in roster.units
        if any(id not in known for id in unit.before or ())
    ]
    if faults:
        raise InvalidRoster(faults[:MOST_FAULTS])
