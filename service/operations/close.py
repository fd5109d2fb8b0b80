"""The end of a pulse: in one transaction answers become a folded tally and are destroyed, then their traces are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from service.operations.access import Principal
from service.release.gate import plan
from service.release.policy import Policy
from service.release.tree import atoms
from service.store import access, pulses, responses, results, rosters
from service.store.database import Connection, Database
from service.store.scrub import scrub
from service.survey.pulse import Pulse, State, require_step
from service.tally import codec
from service.tally.count import respondents
from service.tally.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class Closed:
    """`scrubbed` is false where traces of what was destroyed may still stand in the database's own log."""

    pulse: Pulse
    policy_hash: str | None
    scrubbed: bool


def close_pulse(database: Database, principal: Principal, id: str, day: date) -> Closed:
    """Tally and forget. Raises NotFound, and Conflict unless the pulse is open.

    What is kept is folded already: every team is counted within the group it will be published in, so that no
    statistic on fewer than the threshold is ever written. That is possible because the gate's choice depends on
    counts only.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        pulse = pulses.locked(tx, id, principal.organisation)
        require_step(pulse.state, State.CLOSED)
        access.hold_organisation(tx, principal.organisation)
        results.add_tally(tx, id, codec.encode(_folded(tx, pulse)))
        responses.forget(tx, id)
        pulses.set_closed(tx, pulse, day)
        closed = pulses.pulse_by_id(tx, id), pulses.policy_hash(tx, id)
    return Closed(*closed, scrubbed=scrub(database))


def _folded(tx: Connection, pulse: Pulse) -> Tally:
    roster = pulses.frozen_roster(tx, pulse.id)
    asked = pulse.asked
    numbers, answers = responses.read_columns(tx, pulse.id, len(asked))
    units = _positions(rosters.numbers(tx, pulse.organisation), roster.position)[numbers]
    policy = Policy(pulse.threshold)
    shown = plan(roster, respondents(units, len(roster.units)), policy)
    return tally(
        units=units,
        answers=answers,
        atom_of=atoms(roster.parents, shown),
        headcounts=np.array([unit.headcount for unit in roster.units], np.int64),
        points=[item.scale.points for item in asked],
        scored=[item.scored for item in asked],
        pool=policy.pool,
    )


def _positions(numbers: dict[str, int], position: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Unit number to place in the frozen roster; -1 for units that are not in it, which nobody was invited to."""
    table = np.full(max(numbers.values(), default=-1) + 1, -1, np.int64)
    for unit, number in numbers.items():
        table[number] = position.get(unit, -1)
    return table
