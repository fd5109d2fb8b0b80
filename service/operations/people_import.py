"""A file of everybody into the directory, all of it or nothing: who comes, changes and leaves; and forgetting all."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from service.errors import Conflict, Fault, Invalid
from service.operations import audit
from service.operations.access import Principal
from service.operations.directory import Outlook, everybody, mapping_of, outlook, settled
from service.store import directory, letters, people, rewriting, scrub
from service.store.database import Connection, Database
from service.store.directory import Entry
from service.survey.people import People, Person
from service.survey.people_csv import PeopleFile, Stated
from service.survey.roster_rules import MOST_FAULTS
from service.tokens.keys import new_id


@dataclass(slots=True)
class Plan:
    """What a file makes of the directory. `leave` are ids."""

    come: list[Entry] = field(default_factory=list)
    change: list[Entry] = field(default_factory=list)
    stay: list[Entry] = field(default_factory=list)
    leave: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many people come, change, leave and stay as they are, and what that makes of the roster."""

    come: int
    change: int
    leave: int
    stay: int
    outlook: Outlook


def import_people(
    database: Database, principal: Principal, file: PeopleFile, day: date, *, apply: bool = True
) -> Imported:
    """Make the directory what the file says: whoever is not in it leaves, and is deleted.

    Somebody is the one with the same external id, else the one with the same user name, whose external id is then the
    file's. With `apply` false only say what would change. Raises Invalid for two lines of one person.
    """
    principal.require("scim", whole=True)
    stated = _told_apart(file.people)
    if not apply:
        return _looked_at(database, principal.organisation, stated, day)
    with database.begin() as tx:
        directory.held(tx, principal.organisation)
        plan = _plan(directory.entries(tx, principal.organisation), stated)
        _write(tx, principal, plan)
    return _imported(plan, settled(database, principal.organisation, day))


def forget_people(database: Database, principal: Principal, count: int) -> bool:
    """Destroy everybody in the directory, every group, and letters that are not sent to their end, in the files too.

    The mapping and the roster stay, and so do invitations that reached somebody; nobody is written to or reminded any
    more. Whether the files could be cleared; `count` says how many people there should be. Raises Conflict where there
    are others.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        directory.held(tx, principal.organisation)
        if directory.numbers(tx, principal.organisation)[0] != count:
            raise Conflict("There are not as many people as was said; nothing was changed.")
        directory.forget(tx, principal.organisation)
        written = letters.forget(tx, principal.organisation)
        directory.touch(tx, principal.organisation)
        audit.record(tx, principal, "people forgotten", f"{count} people, {written} letters")
    return clear_files(database)


def clear_files(database: Database) -> bool:
    """Have nothing stand in the database's files of people and letters that were deleted, of any organisation.

    False where something reads them all the time, or the account may not do it. May be repeated at any time.
    """
    cleared = rewriting.rewrite(database)
    return scrub.scrub(database) and cleared


def _looked_at(database: Database, organisation: str, stated: list[tuple[str, Stated]], day: date) -> Imported:
    with database.read() as tx:
        directory.at_one_moment(tx)
        plan = _plan(directory.entries(tx, organisation), stated)
        now = everybody(tx, organisation)
        then = People(_persons(plan), now.groups, now.members)
        return _imported(plan, outlook(tx, organisation, mapping_of(directory.state(tx, organisation)), then, day))


def _persons(plan: Plan) -> Iterator[Person]:
    for entry in (*plan.stay, *plan.change, *plan.come):
        yield Person(entry.id, entry.user_name, entry.external_id, entry.active, entry.document)


def _imported(plan: Plan, found: Outlook) -> Imported:
    return Imported(len(plan.come), len(plan.change), len(plan.leave), len(plan.stay), found)


def _write(tx: Connection, principal: Principal, plan: Plan) -> None:
    changes = len(plan.come) + len(plan.change) + len(plan.leave)
    if not changes:
        return
    directory.remove(tx, principal.organisation, plan.leave)
    directory.replace(tx, principal.organisation, plan.change)
    directory.write(tx, principal.organisation, plan.come)
    directory.touch(tx, principal.organisation, changes)
    counts = f"{len(plan.come)} came, {len(plan.change)} changed, {len(plan.leave)} left"
    audit.record(tx, principal, "people imported", counts)


def _told_apart(stated: Iterable[Stated]) -> list[tuple[str, Stated]]:
    """Each with its folded user name. Raises Invalid where two are one."""
    names: set[str] = set()
    ids: set[str] = set()
    faults: list[Fault] = []
    pairs = [(people.folded(one.user_name), one) for one in stated]
    for name, one in pairs:
        if name in names:
            faults.append(Fault(f"line {one.line}, userName", "is that of an earlier line"))
        if one.external_id is not None and one.external_id in ids:
            faults.append(Fault(f"line {one.line}, externalId", "is that of an earlier line"))
        names.add(name)
        ids |= {one.external_id} if one.external_id is not None else set()
    if faults:
        raise Invalid(faults[:MOST_FAULTS])
    return pairs


def _plan(known: Iterable[Entry], stated: list[tuple[str, Stated]]) -> Plan:
    """Everybody known is the one with their external id; else, where nobody has that, with their user name."""
    by_external = {one.external_id: place for place, (_, one) in enumerate(stated) if one.external_id is not None}
    by_name = {name: place for place, (name, _) in enumerate(stated)}
    plan, now = Plan(), int(time.time())
    met: set[int] = set()
    unmet: list[Entry] = []
    for entry in known:
        place = None if entry.external_id is None else by_external.get(entry.external_id)
        if not _meet(plan, entry, place, stated, met, now):
            unmet.append(entry)
    for entry in unmet:
        place = by_name.get(entry.folded_name)
        if not _meet(plan, entry, place, stated, met, now):
            plan.leave.append(entry.id)
    fresh = ((name, one) for place, (name, one) in enumerate(stated) if place not in met)
    plan.come.extend(_entry(new_id(), name, one, 1, now, now) for name, one in fresh)
    return plan


def _meet(
    plan: Plan, entry: Entry, place: int | None, stated: list[tuple[str, Stated]], met: set[int], now: int
) -> bool:
    """Whether the line at `place` is this person's and nobody else's: then they stay, or change."""
    if place is None or place in met:
        return False
    met.add(place)
    name, one = stated[place]
    if _says_the_same(entry, one):
        # As the file says it: its text is in memory anyway, and the database's need not stay there.
        plan.stay.append(_entry(entry.id, name, one, entry.version, entry.created_at, entry.changed_at))
    else:
        plan.change.append(_entry(entry.id, name, one, entry.version + 1, entry.created_at, now))
    return True


def _says_the_same(entry: Entry, one: Stated) -> bool:
    """A document that says the same in another order is the same."""
    if (entry.user_name, entry.external_id, entry.active) != (one.user_name, one.external_id, one.active):
        return False
    return entry.document == one.document or bool(json.loads(entry.document) == json.loads(one.document))


def _entry(id: str, name: str, one: Stated, version: int, created_at: int, changed_at: int) -> Entry:
    stated = (one.user_name, name, one.external_id, one.active, one.document)
    return Entry(id, *stated, version, created_at, changed_at)
