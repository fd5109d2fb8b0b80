"""A pulse that no release will come of is taken away: a draft nobody wants, or an open one nobody can close."""

from __future__ import annotations

from service.custody.custody import OF_A_PULSE, Custody
from service.errors import Altered, Conflict, KeyGone
from service.operations.access import Principal
from service.operations.audit import record
from service.operations.keys import opener
from service.operations.unsealing import require_whole
from service.store import pulses
from service.store.database import Connection, Database
from service.store.discarding import remove_pulse
from service.store.scrub import scrub
from service.survey.pulse import Pulse, State


def discard_pulse(
    database: Database, custody: Custody, principal: Principal, id: str, *, apply: bool, answered: bool = False
) -> State:
    """Destroy a pulse with its invitations and, of one that is said to be `answered`, what was collected; the state it
    was in. Without `apply` only say whether it could be.

    An open pulse goes only when it can never be closed: its close key is no longer in custody, or what was collected
    was altered. Raises NotFound, and Conflict for any other pulse.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        pulse = pulses.locked(tx, id, principal.organisation)
        if pulse.state not in (State.DRAFT, State.OPEN):
            raise Conflict("Only a draft, or an open pulse that can never be closed, can be discarded.")
        if pulse.state is State.OPEN and not answered:
            raise Conflict("People may have answered this pulse: add --answered, if what they said is to be destroyed.")
        if pulse.state is State.OPEN and _can_be_closed(tx, custody, pulse):
            raise Conflict("This pulse can be closed: do that instead, so that its answers count.")
        if apply:
            # First, so that nothing has changed where they cannot be: what is left of them closes nothing.
            _destroy(custody, pulse)
            remove_pulse(tx, id)
            record(tx, principal, "pulse discarded", f"pulse {id}")
    if apply:
        scrub(database)
    return pulse.state


def discard_draft(tx: Connection, custody: Custody, principal: Principal, id: str) -> None:
    """Destroy a draft as part of a larger step, which records it last of all, and scrubs.

    Raises NotFound, and Conflict once it is open.
    """
    pulse = pulses.locked(tx, id, principal.organisation)
    if pulse.state is not State.DRAFT:
        raise Conflict("The pulse is a draft no longer.")
    _destroy(custody, pulse)
    remove_pulse(tx, id)


def _destroy(custody: Custody, pulse: Pulse) -> None:
    """A draft has none, unless an opening of it failed. One that opened had: a keeper that is not there says so now."""
    for kind in (*OF_A_PULSE, "mark"):
        if pulse.state is State.OPEN or custody.get(pulse.id, kind) is not None:
            custody.destroy(pulse.id, kind)


def _can_be_closed(tx: Connection, custody: Custody, pulse: Pulse) -> bool:
    if pulses.is_restored(tx, pulse.id) and not custody.forgets:
        return False
    try:
        require_whole(tx, pulse, opener(tx, custody, pulse.id))
    except (Altered, KeyGone):
        return False
    return True
