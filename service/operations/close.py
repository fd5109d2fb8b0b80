"""The end of a pulse: in one transaction answers become a sealed release and are destroyed, then their traces are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from service.custody.custody import Custody
from service.errors import Conflict, Unavailable, Unsafe
from service.operations import audit
from service.operations.access import Principal
from service.operations.keys import destroy_keys, opener
from service.operations.unsealing import unsealed
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
from service.tally.count import respondents
from service.tally.tally import Tally, cells, tally


@dataclass(frozen=True, slots=True)
class Closed:
    """`scrubbed` is false where traces of what was destroyed may still stand in the database's own log,
    `keys_destroyed` where somebody may still open copies of what was collected."""

    pulse: Pulse
    policy_hash: str | None
    scrubbed: bool
    keys_destroyed: bool


def close_pulse(database: Database, custody: Custody, principal: Principal, id: str, day: date) -> Closed:
    """Open what was sealed, tally, seal the release and forget, the keys last of all.

    Raises NotFound, Conflict unless the pulse is open, KeyGone, Altered, and Unsafe when the release did not withstand
    its own adversary or auditor: then nothing has changed, and the pulse is still open.

    Everything is decided here, while it can still be checked against who answered: what is written is what will be
    published, byte for byte, so that no statistic on fewer than the threshold is ever at rest.
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
        made, report = _tried(tx, closed, policy_hash or "", opener(tx, custody, id))
        content = codec.encode(made.release)
        digest = codec.digest(content)
        results.seal(tx, id, digest, content, report_bytes(id, digest, report))
        responses.forget(tx, id)
        audit.record(tx, principal, "pulse closed", f"pulse {id}")
    return Closed(closed, policy_hash, scrubbed=scrub(database), keys_destroyed=_keys_destroyed(database, custody, id))


def _keys_destroyed(database: Database, custody: Custody, pulse: str) -> bool:
    """The pulse is closed, whatever becomes of its keys now: what cannot be destroyed yet is said, and tried again."""
    try:
        return destroy_keys(database, custody, pulse)
    except Unavailable:
        return False


def _tried(tx: Connection, pulse: Pulse, policy_hash: str, key: Opening) -> tuple[Gated, Report]:
    """A release that passed its trial. Raises Unsafe.

    A trial of slices may be cut off, or find what the gate overlooked. The answers must not lie there for good because
    of that: without slices a release is simpler by far.
    """
    earlier = [codec.decode(content) for content in results.released_before(tx, pulse, LOOKED_BACK)]
    counted, shown, tallied = _counted(tx, pulse, policy_hash, key)
    for sliced in (True, False):
        made = gated(counted, shown, tallied, sliced=sliced)
        report = tried(made, earlier)
        if report.passed:
            return made, report
    raise Unsafe(report.failed)


def _counted(tx: Connection, pulse: Pulse, policy_hash: str, key: Opening) -> tuple[Counted, Flags, Tally]:
    if pulse.opened_on is None or pulse.closed_on is None or pulse.number is None:
        raise AssertionError("a closed pulse has both days and its number")
    roster = pulses.frozen_roster(tx, pulse.id)
    numbers, answers, bands = unsealed(tx, pulse, key)
    units = _positions(rosters.numbers(tx, pulse.organisation), roster.position)[numbers]
    if (units < 0).any():
        raise AssertionError("nobody is invited to a unit that is not in the frozen roster")
    policy = Policy(pulse.threshold)
    shown = plan(roster, respondents(units, len(roster.units)), policy)
    counted = Counted(
        pulse=pulse,
        policy_hash=policy_hash,
        opened_on=pulse.opened_on,
        closed_on=pulse.closed_on,
        number=pulse.number,
        roster=roster,
        earlier=pulses.earlier_rosters(tx, pulse),
    )
    tallied = tally(
        cells(units, bands, len(roster.units)),
        answers,
        atoms(roster.parents, shown),
        points=[item.scale.points for item in pulse.asked],
        scored=[item.scored for item in pulse.asked],
        pool=policy.pool,
    )
    return counted, shown, tallied


def _positions(numbers: dict[str, int], position: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Unit number to place in the frozen roster; -1 for units that are not in it, which nobody was invited to."""
    table = np.full(max(numbers.values(), default=-1) + 1, -1, np.int64)
    for unit, number in numbers.items():
        table[number] = position.get(unit, -1)
    return table
