"""The directory of people: how units are made of them, the roster that comes of it, and whom to invite."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from service.errors import Conflict, InvalidRoster
from service.operations import audit, reorganise
from service.operations.access import Principal
from service.store import access, directory, rosters
from service.store.database import Connection, Database
from service.store.directory import DirectoryRow
from service.survey.people import Derived, Odd, People
from service.survey.people_mapping import UnitMapping, mapping_document, parse_mapping
from service.survey.people_units import address_of, derive, facts_of
from service.survey.roster import Roster
from service.survey.roster_document import RosterChange

#: What a `Trouble` is about, by where it is.
_WHERE = {
    "people": "The directory",
    "as_of": "The day",
    "units": "The number of units",
    **{field: f"A unit's {field}" for field in ("id", "name", "parent", "headcount")},
}
_OVERTAKEN = "is before that of a roster on record: what people make of it waits for that day"
_NOBODY = "has no active people: the roster stays as it is"
_NOT_DERIVED = "The roster is not what the people of the directory make of it: see GET /v1/directory."


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody to invite: the unit they stand in, their address, and the language they prefer (as `de-CH`), if any."""

    unit: str
    address: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the roster stays as it was: where, which rule, and how often (of very many, the first hundred)."""

    where: str
    why: str
    count: int = 1

    @property
    def sentence(self) -> str:
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{_WHERE.get(self.where, self.where)} {self.why}{times}."


@dataclass(frozen=True, slots=True)
class Outlook:
    """What people make of the roster: its change and the tree, both None where there is `trouble` or no mapping."""

    change: RosterChange | None = None
    roster: Roster | None = None
    odd: Odd = field(default_factory=Odd)
    trouble: tuple[Trouble, ...] = ()

    @property
    def differs(self) -> bool:
        return self.change is not None and any(asdict(self.change).values())


@dataclass(frozen=True, slots=True)
class Standing:
    """How the directory stands, in numbers; `due` while the roster may yet follow a change. Nobody's name is in it."""

    mapping: UnitMapping | None
    people: int
    active: int
    groups: int
    units: int
    due: bool
    odd: Mapping[str, int] = field(default_factory=dict)
    trouble: tuple[Trouble, ...] = ()


def standing(database: Database, principal: Principal) -> Standing:
    principal.require("manage", whole=True)
    with database.read() as tx:
        state = directory.state(tx, principal.organisation)
        people, active, groups = directory.numbers(tx, principal.organisation)
    said = json.loads(state.report or "{}")
    trouble = _trouble(said)
    mapping = mapping_of(state)
    return Standing(mapping, people, active, groups, said.get("units", 0), state.is_due, said.get("odd", {}), trouble)


def mapping_now(database: Database, principal: Principal) -> UnitMapping | None:
    """How units are made of people; None where they are not, and the roster is what is put by hand."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        return mapping_of(directory.state(tx, principal.organisation))


def put_mapping(
    database: Database, principal: Principal, mapping: UnitMapping | None, day: date, *, apply: bool = True
) -> Outlook:
    """Make units of people by `mapping`, from `day` on; by none, the roster stays as it is.

    With `apply` false only say what would come of it. The same mapping again changes nothing.
    """
    principal.require("manage", whole=True)
    organisation = principal.organisation
    if not apply:
        with database.read() as tx:
            directory.at_one_moment(tx)
            return outlook(tx, organisation, mapping, everybody(tx, organisation), day)
    with database.begin() as tx:
        before = mapping_of(directory.held(tx, organisation))
        if before != mapping:
            directory.put_mapping(tx, organisation, None if mapping is None else _text(mapping_document(mapping)))
            said = "none" if mapping is None else mapping.kind
            audit.record(tx, principal, "directory mapped", f"units from {said}")
    return settled(database, organisation, day)


def bring_up_to_date(database: Database, organisation: str, day: date) -> bool:
    """If people or the mapping changed since, make what comes of them the roster of `day`; whether it changed.

    Nothing is written where nothing differs, and several processes may try at once. What stands in the way (a roster
    dated later, rules of rosters that the units break) is kept for `GET /v1/directory`, and raises nothing.
    """
    return settled(database, organisation, day).differs


def bring_all_up_to_date(database: Database, day: date) -> None:
    """Every organisation's roster that is due; raises what stood in the way of one after the others are done."""
    with database.read() as tx:
        due = directory.due(tx)
    failures: list[Exception] = []
    for organisation in due:
        try:
            bring_up_to_date(database, organisation, day)
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]


def settled(database: Database, organisation: str, day: date) -> Outlook:
    """What `bring_up_to_date` did; no change where nothing was due, or somebody else did it meanwhile."""
    with database.read() as tx:
        directory.at_one_moment(tx)
        state = directory.state(tx, organisation)
        if not state.is_due:
            return _as_it_is(state)
        found = _overtaken(tx, organisation, day)
        found = found or outlook(tx, organisation, mapping_of(state), everybody(tx, organisation), day)
    try:
        return found if _written(database, organisation, state, found, day) else Outlook(RosterChange())
    except Conflict:  # a roster came in between: looked at anew the next time
        return Outlook(trouble=(Trouble("as_of", _OVERTAKEN),))


def outlook(tx: Connection, organisation: str, mapping: UnitMapping | None, people: People, day: date) -> Outlook:
    """What would come of `people` by `mapping`; nothing is written."""
    if mapping is None:
        return Outlook()
    try:
        found = derive(people, mapping)
    except InvalidRoster as error:
        counts = Counter((fault.where, fault.why) for fault in error.faults)
        return Outlook(trouble=tuple(Trouble(*fault, count) for fault, count in sorted(counts.items())))
    if not found.places:
        return Outlook(odd=found.odd, trouble=(Trouble("people", _NOBODY),))
    try:
        change = reorganise.replace_roster(tx, _deriving(organisation), found.roster, day, today=day, apply=False)
    except Conflict:
        return Outlook(odd=found.odd, trouble=(Trouble("as_of", _OVERTAKEN),))
    return Outlook(change, found.roster, found.odd)


def everybody(tx: Connection, organisation: str) -> People:
    return People(
        directory.people(tx, organisation), directory.groups(tx, organisation), directory.memberships(tx, organisation)
    )


def mapping_of(state: DirectoryRow) -> UnitMapping | None:
    return None if state.mapping is None else parse_mapping(json.loads(state.mapping))


def invited_people(tx: Connection, organisation: str, day: date) -> Iterator[Addressee]:
    """Everybody active who has an address, with the unit of the roster of `day` they stand in, in no order.

    Nobody changes people until the transaction ends. Raises Conflict where the organisation has no mapping, or its
    roster holds fewer people in a unit than the directory: bring it up to date first.
    """
    mapping = mapping_of(directory.held(tx, organisation))
    if mapping is None:
        raise Conflict("People stand in no units yet: say how with PUT /v1/directory.")
    found = derive(everybody(tx, organisation), mapping)
    stated = {unit.id: unit.headcount for unit in rosters.roster_at(tx, organisation, day).units}
    if any(unit.headcount > stated.get(unit.id, 0) for unit in found.roster.units):
        raise Conflict(_NOT_DERIVED)
    return _addressees(tx, organisation, found)


def _addressees(tx: Connection, organisation: str, found: Derived) -> Iterator[Addressee]:
    for person in directory.people(tx, organisation):
        if person.active:
            facts = facts_of(person)
            address, language = address_of(facts), facts.get("preferredLanguage")
            if address is not None:
                yield Addressee(found.places[person.id], address, language if isinstance(language, str) else None)


def _overtaken(tx: Connection, organisation: str, day: date) -> Outlook | None:
    """Looked at before everything else: it may stand for months, and is asked every minute."""
    latest = rosters.latest_day(tx, organisation)
    return Outlook(trouble=(Trouble("as_of", _OVERTAKEN),)) if latest is not None and latest > day else None


def _written(database: Database, organisation: str, state: DirectoryRow, found: Outlook, day: date) -> bool:
    """Whether it was this that wrote what was found: not where another came first, or the mapping is another by now.

    What waits for a later day stays due.
    """
    said = _text(_report(found))
    waits = any(it.where == "as_of" for it in found.trouble)
    if waits and said == state.report:
        return True
    with database.begin() as tx:
        access.hold_organisation(tx, organisation)
        if not directory.conclude(tx, organisation, state, state.derived if waits else state.changes, said):
            return False
        if found.roster is not None and found.differs:
            reorganise.replace_roster(tx, _deriving(organisation), found.roster, day, today=day)
    return True


def _as_it_is(state: DirectoryRow) -> Outlook:
    trouble = _trouble(json.loads(state.report or "{}"))
    return Outlook(None if state.mapping is None or trouble else RosterChange(), trouble=trouble)


def _trouble(report: Mapping[str, Any]) -> tuple[Trouble, ...]:
    return tuple(Trouble(**it) for it in report.get("trouble", ()))


def _report(found: Outlook) -> dict[str, Any]:
    units = 0 if found.roster is None else len(found.roster.units)
    odd = {name: count for name, count in asdict(found.odd).items() if count}
    return {"units": units, "odd": odd, "trouble": [asdict(it) for it in found.trouble]}


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _deriving(organisation: str) -> Principal:
    """In whose name the roster follows people, in the audit log too."""
    return Principal("directory", organisation, frozenset({"manage"}), label="directory")
