"""How many invitations each unit holds: what a manager must know to issue the rest, and nothing of who spent one."""

from __future__ import annotations

from datetime import date

from service.operations.access import Principal
from service.store import invitations, pulses, rosters
from service.store.database import Database
from service.survey.pulse import State
from service.survey.roster import Roster


def invited(database: Database, principal: Principal, id: str, day: date) -> tuple[Roster, dict[str, int]]:
    """The tree a pulse asks and, by unit, the invitations issued: the tree of `day` in draft, the frozen one after.

    Units that have left the tree are counted too; after closing there is none to count. Raises NotFound.
    """
    principal.require("manage", whole=True)
    with database.read() as tx:
        pulse = pulses.pulse_by_id(tx, id, principal.organisation)
        draft = pulse.state is State.DRAFT
        tree = rosters.roster_at(tx, principal.organisation, day) if draft else pulses.frozen_roster(tx, id)
        units = {number: unit for unit, number in rosters.numbers(tx, principal.organisation).items()}
        return tree, {units[number]: count for number, count in invitations.issued(tx, id).items()}
