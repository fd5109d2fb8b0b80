"""Before anyone answers: the roster, the pulse, its invitations, and opening it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from service.custody.custody import Custody
from service.errors import Conflict, Fault, InvalidPulse, InvalidQuery, NotAllowed, NotFound, Overinvited
from service.operations import audit, hooks
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
from service.tokens import keys, plain


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
        pulse = drafted(tx, principal.organisation, draft)
        for known in pulses.drafts(tx, principal.organisation) if once else ():
            if replace(known, id=pulse.id) == pulse and not invitations.issued(tx, known.id):
                return known
        set_up(tx, principal, pulse)
        return pulse


def drafted(tx: Connection, organisation: str, draft: Draft) -> Pulse:
    """The pulse a draft asks for, with an id of its own and not stored yet. Raises as `create_pulse` does."""
    try:
        base = instrument_of(tx, organisation, draft.instrument, draft.version)
    except NotFound as error:
        raise InvalidPulse([Fault("instrument", "neither ships nor was imported")]) from error
    lenses = lenses_of(tx, organisation, draft.lenses)
    before = pulses.series_threshold(tx, organisation, draft.series or base.id)
    least = max(FLOOR, before or FLOOR)
    default = max(DEFAULT_THRESHOLD, least)
    return pulse_from(draft, keys.new_id(), organisation, with_lenses(base, lenses), least, default)


def set_up(tx: Connection, principal: Principal, pulse: Pulse) -> None:
    """Store a pulse that was drafted in the same transaction, which ends with this."""
    pulses.add_pulse(tx, pulse)
    responses.prepare_inviting(tx, pulse.id)
    audit.record(tx, principal, "pulse set up", f"pulse {pulse.id}")


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
        issued = issue_within(tx, principal, id, counts, day, after=after)
        audit.record(tx, principal, "invitations issued", f"pulse {id}: {len(issued)}")
        return issued


def issue_within(
    tx: Connection,
    principal: Principal,
    id: str,
    counts: Mapping[str, int] | None,
    day: date,
    *,
    after: int | None = None,
) -> list[tuple[str, str]]:
    """The same as part of a larger step, which asks for the right to it, and records it last of all."""
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
    return issued


def open_pulse(database: Database, custody: Custody, principal: Principal, id: str, day: date) -> tuple[Pulse, str]:
    """Make the pulse's keys, freeze roster and policy, hash them all, and let answers in.

    Raises Conflict when not ready, Overinvited where a unit shrank after it was invited, InvalidPulse where classes or
    pools do not fit the roster of `day`, and CustodyFailed where the keys cannot be kept.
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
            raise Overinvited
        roster = frozen(pulse, _since_last(tx, pulse, tree, day), numbers)
        public, bound = make_keys(custody, id, [ids[number] for number in issued])
        policy_hash = digest_of(policy_document(pulse, roster, bound))
        pulses.set_open(tx, id, roster, collected(pulse, roster), policy_hash, public, day)
        responses.prepare_collecting(tx, id)
        hooks.tell(tx, principal.organisation, "pulse.opened", id, {"opened_on": day.isoformat()})
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


def _invitations_left(tree: Roster, issued: Mapping[int, int], numbers: Mapping[str, int]) -> dict[str, int]:
    return {unit.id: unit.headcount - issued.get(numbers[unit.id], 0) for unit in tree.units}
