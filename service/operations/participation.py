"""How many have answered, while a pulse runs: coarse on purpose, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from service.analytics.participation import Participation
from service.exports.table import Table
from service.exports.tables import participation_rows
from service.operations.access import Principal
from service.release.headcounts import stated
from service.store import invitations, pulses, rosters
from service.store.database import Connection, Database
from service.survey.pulse import Pulse, State
from service.survey.roster import Roster


def running_participation(database: Database, principal: Principal, id: str) -> Table:
    """One row a unit of the pulse's roster; none in draft, all suppressed between close and release.

    Counts move in steps of the threshold and never reach everybody, so that they are no exact figure, and two looks
    never tell that a particular few just answered; only units large enough, none of whose subtractions is small,
    have figures at all. Raises NotFound.
    """
    principal.require("results")
    with database.read() as tx:
        pulse = pulses.held(tx, id, principal.organisation)
        if pulse.state is State.DRAFT:
            return participation_rows([], {})
        roster = pulses.frozen_roster(tx, id)
        spent = _spent(tx, pulse, roster) if pulse.state is State.OPEN else []
    visible = {unit.id for unit in (roster.units if principal.unit is None else roster.subtree(principal.unit))}
    rows = [row for row in _rows(pulse, roster, spent) if row.unit in visible]
    return participation_rows(rows, {unit.id: unit.name for unit in roster.units})


def _rows(pulse: Pulse, roster: Roster, spent: list[int]) -> Iterator[Participation]:
    shown = stated(roster, pulse.threshold)
    for index, unit in enumerate(roster.units):
        if pulse.state is State.OPEN and shown[index]:
            headcount = roster.totals[index]
            # One less than all at most: the last step would say of everybody that they answered.
            n = min(spent[index], headcount - 1) // pulse.threshold * pulse.threshold
            yield Participation(pulse.id, unit.id, "ok", n, headcount, 100 * n / headcount)
        else:
            yield Participation(pulse.id, unit.id, "suppressed", None, None, None)


def _spent(tx: Connection, pulse: Pulse, roster: Roster) -> list[int]:
    """Invitations spent in each unit with everything below it, in the roster's order."""
    counts = invitations.spent(tx, pulse.id)
    own = {unit: counts.get(number, 0) for unit, number in rosters.numbers(tx, pulse.organisation).items()}
    # A pool is no unit of the organisation: it has no number, and nobody is invited to it.
    totals = [own.get(unit.id, 0) for unit in roster.units]
    for index in range(len(totals) - 1, -1, -1):
        if roster.parents[index] >= 0:
            totals[roster.parents[index]] += totals[index]
    return totals
