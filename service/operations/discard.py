"""A pulse that no release will come of is taken away: a draft nobody wants, or an open one nobody can close."""

from __future__ import annotations

from service.custody.custody import Custody
from service.errors import Conflict
from service.operations.access import Principal
from service.operations.audit import record
from service.store import pulses
from service.store.database import Database
from service.store.discarding import remove_pulse
from service.store.scrub import scrub
from service.survey.pulse import State


def discard_pulse(database: Database, custody: Custody, principal: Principal, id: str, *, apply: bool) -> State:
    """Destroy a pulse with its invitations and what was collected; the state it was in. Without `apply` only say
    whether it could be.

    An open pulse goes only when its close key is no longer in custody: its answers cannot be read by anybody. Raises
    NotFound, and Conflict for any other pulse.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        pulse = pulses.locked(tx, id, principal.organisation)
        if pulse.state not in (State.DRAFT, State.OPEN):
            raise Conflict("Only a draft, or an open pulse whose key is gone, can be discarded.")
        if pulse.state is State.OPEN and custody.get(id, "close") is not None:
            raise Conflict("The key of this pulse is in custody: close it instead, so that its answers count.")
        if apply:
            remove_pulse(tx, id)
            record(tx, principal, "pulse discarded", f"pulse {id}")
    if apply:
        custody.destroy(id, "close")
        custody.destroy(id, "tokens")
        scrub(database)
    return pulse.state
