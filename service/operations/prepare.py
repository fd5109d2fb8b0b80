"""Before anyone answers: the roster, the pulse, its invitations, and opening it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date, timedelta

from service.custody.custody import Custody
from service.errors import Conflict, Fault, InvalidPulse, InvalidQuery, InvalidRoster, NotAllowed, NotFound
from service.operations import audit
from service.operations.access import Principal
from service.operations.instruments import instrument_of, lenses_of
from service.operations.keys import make_keys
from service.release.bands import collected
from service.release.policy import DEFAULT_THRESHOLD, FLOOR, digest_of, policy_document
from service.store import access, invitations, pulses, responses, results, rosters
from service.store.database import Connection, Database
from service.survey.draft import Draft, pulse_from
from service.survey.instrument_document import with_lenses
from service.survey.lineage import traced
from service.survey.opening import frozen
from service.survey.pulse import Pulse, State, require_step
from service.survey.roster import Roster
from service.survey.roster_document import RosterChange, differences, kept
from service.survey.roster_rules import MOST_FAULTS
from service.tokens import keys, plain

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
    if day > today + _AHEAD:
        raise InvalidRoster([Fault("as_of", "is more than a year ahead")])
    with database.begin() as tx:
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
        if apply and (touched or left):
            audit.record(tx, principal, "roster replaced", f"roster from {day}: {len(touched | left)} units")
        return change


def roster(database: Database, principal: Principal, day: date) -> Roster:
    """The tree as it stood on `day`."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        return rosters.roster_at(tx, principal.organisation, day)


def require_unit(database: Database, organisation: str, id: str) -> None:
    """Raise InvalidQuery unless it is or was a unit of a roster, or a pool: a key bound to any other reads nothing,
    and only its reader would find out."""
    with database.read() as tx:
        if id not in rosters.numbers(tx, organisation) and id not in pulses.pooled(tx, organisation):
            rule = "must be in a roster of this organisation, now or earlier, or a pool: import the roster first"
            raise InvalidQuery([Fault("unit", rule)])


def create_pulse(database: Database, principal: Principal, draft: Draft, *, once: bool = False) -> Pulse:
    """A pulse in draft; with `once` the very same one that is there already, if nobody is invited to it yet.

    Raises InvalidPulse with every fault of the draft.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        access.hold_organisation(tx, principal.organisation)
        try:
            base = instrument_of(tx, principal.organisation, draft.instrument, draft.version)
        except NotFound as error:
            raise InvalidPulse([Fault("instrument", "neither ships nor was imported")]) from error
        lenses = lenses_of(tx, principal.organisation, draft.lenses)
        series = draft.series or base.id
        before = pulses.series_threshold(tx, principal.organisation, series)
        least = max(FLOOR, before or FLOOR)
        default = max(DEFAULT_THRESHOLD, least)
        pulse = pulse_from(draft, keys.new_id(), principal.organisation, with_lenses(base, lenses), least, default)
        for known in pulses.drafts(tx, principal.organisation) if once else ():
            if replace(known, id=pulse.id) == pulse and not invitations.issued(tx, known.id):
                return known
        pulses.add_pulse(tx, pulse)
        responses.prepare_inviting(tx, pulse.id)
        audit.record(tx, principal, "pulse set up", f"pulse {pulse.id}")
        return pulse


def find_pulse(database: Database, principal: Principal, id: str) -> tuple[Pulse, str | None, str | None]:
    """The pulse, its policy's hash once open, its release's digest once released. Raises NotFound."""
    _require_reader(principal)
    with database.read() as tx:
        pulse = pulses.pulse_by_id(tx, id, principal.organisation)
        return pulse, pulses.policy_hash(tx, id), results.release_digest(tx, id)


def list_pulses(
    database: Database, principal: Principal, after: str = "", limit: int | None = None
) -> list[tuple[Pulse, str | None]]:
    """All pulses, or at most `limit` whose ids follow `after`, each with its policy's hash."""
    _require_reader(principal)
    with database.read() as tx:
        return pulses.pulses(tx, principal.organisation, after, limit)


def issue_invitations(
    database: Database,
    principal: Principal,
    id: str,
    counts: Mapping[str, int] | None,
    day: date,
    *,
    after: int | None = None,
) -> list[tuple[str, str]]:
    """New (unit, token) pairs: `counts` of each unit, or as many as each unit's headcount still allows.

    With `after`, only if so many were issued before to these units, or to all: what is sent twice issues once.
    The tokens are stored nowhere. Raises Conflict once the pulse is open or others were issued, and InvalidPulse for an
    unknown unit or for more invitations than a unit has people: a second token is a second vote. And before any token
    is handed out for what the pulse says of units that the roster does not bear out.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        pulse = pulses.locked(tx, id, principal.organisation)
        if pulse.state is not State.DRAFT:
            raise Conflict("Invitations are issued before a pulse opens, all at once or in batches.")
        tree = rosters.roster_at(tx, principal.organisation, day)
        numbers = rosters.numbers(tx, principal.organisation)
        frozen(pulse, tree, numbers)
        before = invitations.issued(tx, id)
        asked = before if counts is None else {numbers[unit] for unit in counts if unit in numbers}
        if after is not None and after != sum(before.get(number, 0) for number in asked):
            raise Conflict("Invitations have been issued since: look at how many are left.")
        left = _invitations_left(tree, before, numbers)
        wanted = {unit: max(0, count) for unit, count in left.items()} if counts is None else dict(counts)
        faults = [
            Fault(f"units[{place}]", "is no unit of the roster, or is given more invitations than it has people")
            for place, (unit, count) in enumerate(wanted.items())
            if not 0 <= count <= max(0, left.get(unit, -1)) or unit not in left
        ]
        if faults:
            raise InvalidPulse(faults)
        issued = [(unit, plain.issue(id)) for unit, count in wanted.items() for _ in range(count)]
        invitations.add_invitations(tx, id, [(plain.digest_of(token), numbers[unit]) for unit, token in issued])
        audit.record(tx, principal, "invitations issued", f"pulse {id}: {len(issued)}")
        return issued


def open_pulse(database: Database, custody: Custody, principal: Principal, id: str, day: date) -> tuple[Pulse, str]:
    """Make the pulse's keys, freeze roster and policy, hash them all, and let answers in.

    Raises Conflict when not ready, InvalidPulse where classes or pools do not fit the roster of `day`, and
    CustodyFailed where the keys cannot be kept.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        pulse = pulses.locked(tx, id, principal.organisation)
        require_step(pulse.state, State.OPEN)
        access.hold_organisation(tx, principal.organisation)
        if pulse.threshold < (pulses.series_threshold(tx, principal.organisation, pulse.series) or 0):
            raise Conflict(
                "Thresholds only rise along a series, and a later pulse opened first: set this one up again."
            )
        tree = rosters.roster_at(tx, principal.organisation, day)
        issued = invitations.issued(tx, id)
        if not issued:
            raise Conflict("Nobody is invited yet: invitations are issued before a pulse opens.")
        numbers = rosters.numbers(tx, principal.organisation)
        left = _invitations_left(tree, issued, numbers)
        ids = {number: unit for unit, number in numbers.items()}
        if any(left.get(ids[number], -1) < 0 for number in issued):
            raise Conflict("The roster shrank below the invitations issued: set the pulse up again.")
        roster = frozen(pulse, _since_last(tx, pulse, tree, day), numbers)
        public, bound = make_keys(custody, id, [ids[number] for number in issued])
        policy_hash = digest_of(policy_document(pulse, roster, bound))
        pulses.set_open(tx, id, roster, collected(pulse, roster), policy_hash, public, day)
        responses.prepare_collecting(tx, id)
        audit.record(tx, principal, "pulse opened", f"pulse {id}")
        return pulses.pulse_by_id(tx, id), policy_hash


def _require_reader(principal: Principal) -> None:
    if not principal.scopes & {"manage", "results", "analytics"}:
        raise NotAllowed("manage")


def _since_last(tx: Connection, pulse: Pulse, tree: Roster, day: date) -> Roster:
    """The tree, where units that came and went since the last pulse are not named, but those they had taken over.

    Only units that stood in a pulse have figures to be followed back to.
    """
    latest = pulses.latest_roster(tx, pulse.organisation, pulse.series)
    named = traced(tree.before, latest.before, rosters.taken_over(tx, pulse.organisation, day))
    return Roster(tuple(replace(unit, before=named[unit.id] or None) for unit in tree.units))


def _require_known(roster: Roster, known: Container[str]) -> None:
    faults = [
        Fault(roster.said.get(unit.id, "units"), "names a unit that was in no earlier roster")
        for unit in roster.units
        if any(id not in known for id in unit.before or ())
    ]
    if faults:
        raise InvalidRoster(faults[:MOST_FAULTS])


def _invitations_left(tree: Roster, issued: Mapping[int, int], numbers: Mapping[str, int]) -> dict[str, int]:
    return {unit.id: unit.headcount - issued.get(numbers[unit.id], 0) for unit in tree.units}
