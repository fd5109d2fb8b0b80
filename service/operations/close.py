"""The end of a pulse: in one transaction answers become a sealed release and are destroyed, then their traces are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from service.custody.custody import Custody
from service.errors import Conflict, NotFound, Unavailable, Unsafe
from service.operations import audit, hooks
from service.operations.access import Principal
from service.operations.keys import destroy_keys, opener
from service.operations.unsealing import Counting, asked_of, in_memory, spent_by_place, unsealed
from service.release import codec
from service.release.attack import LOOKED_BACK
from service.release.gate import Counted, Gated, gated, plan
from service.release.policy import Policy
from service.release.report import Report, report_bytes
from service.release.tree import Flags, atoms
from service.release.trial import tried
from service.seal.close_key import Opening
from service.store import access, pulses, responses, results, rosters
from service.store.database import Connection, Database
from service.store.scrub import scrub
from service.survey.pulse import Pulse, State, require_step
from service.tally.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class Closed:
    """`scrubbed` is false where traces of what was destroyed may still stand in the database's own log,
    `keys_destroyed` where somebody may still open copies of what was collected."""

    pulse: Pulse
    policy_hash: str | None
    scrubbed: bool
    keys_destroyed: bool


def close_pulse(
    database: Database,
    custody: Custody,
    principal: Principal,
    id: str,
    day: date,
    counting: Counting = in_memory,
) -> Closed:
    """Open what was sealed, tally, seal the release and forget, the keys last of all.

    Raises NotFound, Conflict unless the pulse is open, KeyGone, Altered, and Unsafe when the release did not withstand
    its own adversary or auditor: then nothing has changed, and the pulse is still open.

    Everything is decided here, while it can still be checked against who answered: what is written is what will be
    published, byte for byte, so that no statistic on fewer than the threshold is ever at rest. `counting` may open and
    count elsewhere; what it comes to is held against who answered here.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        pulse = pulses.locked(tx, id, principal.organisation)
        require_step(pulse.state, State.CLOSED)
        if pulses.is_restored(tx, id) and not custody.forgets:
            raise Conflict(
                "This pulse was restored from a backup and may have been closed before: keys that cannot be destroyed "
                "would close it twice, and two releases could be subtracted. Discard it."
            )
        access.hold_organisation(tx, principal.organisation)
        pulses.set_closed(tx, pulse, day)
        closed, policy_hash = pulses.pulse_by_id(tx, id), pulses.policy_hash(tx, id)
        made, report = _tried(tx, closed, policy_hash or "", opener(tx, custody, id), counting)
        digest = codec.digest(made.content)
        results.seal(tx, id, digest, made.content, report_bytes(id, digest, report))
        responses.forget(tx, id)
        hooks.tell(tx, principal.organisation, "pulse.closed", id, {"closed_on": day.isoformat()})
        audit.record(tx, principal, "pulse closed", f"pulse {id}")
    return Closed(closed, policy_hash, scrubbed=scrub(database), keys_destroyed=_keys_destroyed(database, custody, id))


def organisation_of(database: Database, id: str) -> str:
    """Whose pulse it is, for whoever holds the shell. Raises NotFound."""
    with database.read() as tx:
        return pulses.pulse_by_id(tx, id).organisation


def unless_closing(database: Database, id: str, clear: Callable[[], None]) -> bool:
    """Clear away what a close that was killed left behind. Not done, and false, while somebody closes that pulse, as
    may be one of another database."""
    try:
        with database.begin() as tx:
            pulses.is_held_open(tx, id)
            pulses.pulse_by_id(tx, id)
            clear()
    except (Unavailable, NotFound):
        return False
    return True


def _keys_destroyed(database: Database, custody: Custody, pulse: str) -> bool:
    """The pulse is closed, whatever becomes of its keys now: what cannot be destroyed yet is said, and tried again."""
    try:
        return destroy_keys(database, custody, pulse)
    except Unavailable:
        return False


def _tried(tx: Connection, pulse: Pulse, policy_hash: str, key: Opening, counting: Counting) -> tuple[Gated, Report]:
    """A release that passed its trial. Raises Unsafe.

    A trial of slices may be cut off, or find what the gate overlooked. The answers must not lie there for good because
    of that: without slices a release is simpler by far.
    """
    earlier = [codec.decode(content) for content in results.released_before(tx, pulse, LOOKED_BACK)]
    counted, shown, tallied = _counted(tx, pulse, policy_hash, key, counting)
    for sliced in (True, False):
        made = gated(counted, shown, tallied, sliced=sliced)
        report = tried(made, earlier)
        if report.passed:
            return made, report
    raise Unsafe(report.failed)


def _counted(
    tx: Connection, pulse: Pulse, policy_hash: str, key: Opening, counting: Counting
) -> tuple[Counted, Flags, Tally]:
    if pulse.opened_on is None or pulse.closed_on is None or pulse.number is None:
        raise AssertionError("a closed pulse has both days and its number")
    roster = pulses.frozen_roster(tx, pulse.id)
    places = _places(rosters.numbers(tx, pulse.organisation), roster.position)
    policy = Policy(pulse.threshold)
    # What is published follows from how many answered where, which the tokens say before anything is opened.
    spent = spent_by_place(tx, pulse, places, len(roster.units))
    shown = plan(roster, spent, policy)
    asked = asked_of(pulse, places, atoms(roster.parents, shown))
    counted = Counted(
        pulse=pulse,
        policy_hash=policy_hash,
        opened_on=pulse.opened_on,
        closed_on=pulse.closed_on,
        number=pulse.number,
        roster=roster,
        earlier=pulses.earlier_rosters(tx, pulse),
    )
    return counted, shown, tally(unsealed(tx, pulse, key, asked, spent, counting), asked, policy.pool)


def _places(numbers: dict[str, int], position: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Unit number to place in the frozen roster; -1 for units that are not in it, which nobody was invited to."""
    table = np.full(max(numbers.values(), default=-1) + 1, -1, np.int64)
    for unit, number in numbers.items():
        table[number] = position.get(unit, -1)
    return table
