"""What schedules do when it is due: a round begins, is invited to and opened, and is closed when its days are over.

Each step is a transaction of its own and finds out by what stands in the database whether it is to be done: killed
anywhere, or done by several at once, a round is one pulse. Releasing is left to somebody who looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from service.custody.custody import Custody
from service.errors import Conflict, Overinvited, RedwoodError
from service.operations import audit, letters
from service.operations.access import Principal
from service.operations.close import close_pulse
from service.operations.discard import discard_draft
from service.operations.prepare import drafted, open_pulse, set_up
from service.operations.schedules import askings, draft_of
from service.store import access, invitations, schedules
from service.store.database import Connection, Database
from service.store.schedules import ScheduleRow, Standing
from service.store.scrub import scrub
from service.survey import cadence
from service.survey.pulse import State

#: Seconds for which one process works on a schedule undisturbed; if it dies, others go on after that. Where a close
#: takes longer, whoever comes next waits for it and finds it done.
_LEASE = 600
#: Seconds after which what could not be done is tried again: four times as many each time, up to six hours. To find
#: out that a release does not pass its trial costs as much as to close.
_FIRST, _FACTOR, _LONGEST = 60, 4, 21_600
_TRACES = (
    "The pulse is closed, and its answers and invitations are destroyed. Traces of them may still stand in the "
    "database's own log, or its keys are not destroyed yet: run 'redwood scrub' on the machine, and 'redwood doctor'."
)


class _Spoilt(Conflict):
    """A draft that was invited to and will not open: nobody can have answered it, so another may take its place."""


def run_due(database: Database, custody: Custody, day: date, now: Callable[[], int], *, sends_letters: bool) -> int:
    """Do what is due on that day, for every organisation; how many steps it took. `now` is in seconds since 1970.

    `sends_letters` says whether letters that are written will ever leave: where not, none is written, and no pulse is
    opened that waits for them. What cannot be done is kept as the schedule's trouble, in words, and tried again later.
    Raises what nobody foresaw, with the rest left for the next time.
    """
    with database.read() as tx:
        found = schedules.free(tx, now())
    done = 0
    for row, standing in found:
        if _is_due(row, standing, day):
            done += _work(database, custody, row, day, now, sends_letters)
        elif row.tries:  # somebody else has done it meanwhile
            _settle(database, row.id, None, 0, 0)
    return done


def _work(
    database: Database, custody: Custody, row: ScheduleRow, day: date, now: Callable[[], int], sends_letters: bool
) -> int:
    with database.begin() as tx:
        if not schedules.claim(tx, row.id, now(), now() + _LEASE):
            return 0
    principal = Principal(row.id, row.organisation, frozenset({"manage"}), label=f"schedule: {row.label}")
    notes: list[str] = []
    try:
        for note in _steps(database, custody, principal, day, sends_letters):
            notes.append(note)
    except RedwoodError as error:
        _put_off(database, row, f"{error.title}. {error}", now)
    except Exception as error:
        _put_off(database, row, f"Something went wrong that nobody foresaw: {type(error).__name__}.", now)
        raise
    else:
        _settle(database, row.id, " ".join(filter(None, notes)) or None, 0, 0)
    return len(notes)


def _put_off(database: Database, row: ScheduleRow, trouble: str, now: Callable[[], int]) -> None:
    _settle(database, row.id, trouble, row.tries + 1, now() + min(_LONGEST, _FIRST * _FACTOR ** min(row.tries, 9)))


def _settle(database: Database, id: str, trouble: str | None, tries: int, not_before: int) -> None:
    with database.begin() as tx:
        schedules.settle(tx, id, trouble, tries, not_before)


def _is_due(row: ScheduleRow, standing: Standing, day: date) -> bool:
    """What is open is closed in any case: a schedule that is paused begins and opens nothing."""
    if standing.state is State.OPEN and standing.opened_on is not None:
        return day >= standing.opened_on + timedelta(days=row.days)
    if row.paused:
        return False
    if standing.state is State.DRAFT:
        return row.hand_over != "nobody"
    return row.next_on is not None and row.next_on <= day


def _steps(database: Database, custody: Custody, principal: Principal, day: date, sends_letters: bool) -> Iterator[str]:
    """Do all that is due, and say what is to be told of each step. A draft that will not open is set up anew, once."""
    anew = False
    while True:
        try:
            note = _step(database, custody, principal, day, sends_letters)
        except _Spoilt as error:
            if anew:
                raise
            anew, note = True, _begin_anew(database, custody, principal, str(error))
        if note is None:
            return
        yield note


def _step(database: Database, custody: Custody, principal: Principal, day: date, sends_letters: bool) -> str | None:
    """Do the next thing that is due; what is to be told of it, None where nothing is due any more."""
    with database.read() as tx:
        found = schedules.one_schedule(tx, principal.organisation, principal.key)
        if found is None or not _is_due(*found, day):
            return None
        row, standing = found
        invited = row.pulse is not None and bool(invitations.issued(tx, row.pulse))
    try:
        if standing.state is State.OPEN:
            return _close(database, custody, principal, row, day)
        if standing.state is State.DRAFT:
            letters.require_server(sends_letters or row.hand_over != "letters")
        if standing.state is State.DRAFT and invited:
            _open(database, custody, principal, row, day)
        elif standing.state is State.DRAFT:
            _invite(database, custody, principal, row, day)
        else:
            _begin(database, principal, day)
    except Conflict:
        # Another process, or somebody by hand, may have been faster: then there is nothing to tell.
        if not _has_moved(database, row, standing, invited):
            raise
    return ""


def _close(database: Database, custody: Custody, principal: Principal, row: ScheduleRow, day: date) -> str:
    closed = close_pulse(database, custody, principal, row.pulse or "", day)
    return "" if closed.scrubbed and closed.keys_destroyed else _TRACES


def _open(database: Database, custody: Custody, principal: Principal, row: ScheduleRow, day: date) -> None:
    pulse = row.pulse or ""
    with database.read() as tx:
        if row.hand_over == "letters":
            carried = letters.are_written(tx, custody, pulse)
        else:
            carried = letters.are_handed_over(tx, row.organisation, pulse)
    if not carried:
        raise _Spoilt("What was to carry the draft's invitations is not here, as after a restore.")
    try:
        open_pulse(database, custody, principal, pulse, day)
    except Overinvited as error:
        raise _Spoilt(str(error)) from error


def _invite(database: Database, custody: Custody, principal: Principal, row: ScheduleRow, day: date) -> None:
    pulse = row.pulse or ""
    if row.hand_over == "letters":
        letters.invite(database, custody, principal, pulse, day, until=day + timedelta(days=row.days - 1))
    else:
        letters.hand_over(database, custody, principal, pulse, day)


def _begin(database: Database, principal: Principal, day: date) -> None:
    """Set the pulse of the latest day of the rule up, or let that day go: one that is late begins only if it can be
    open for all its days before the next one is due, or each later one would be late too."""
    with database.begin() as tx:
        found = schedules.held_schedule(tx, principal.key)
        if found is None or not _is_due(*found, day) or found[1].state in (State.DRAFT, State.OPEN):
            return
        row = found[0]
        on = cadence.latest_day(row.rule, row.starts_on, day) or day
        following = cadence.next_day(row.rule, row.starts_on, on)
        row = replace(row, last_on=on, next_on=following)
        if on == day or following is None or day + timedelta(days=row.days) <= following:
            _set_up(tx, principal, row, on)
        else:
            schedules.write_schedule(tx, row)
            audit.record(tx, principal, "round skipped", f"schedule {row.id}: {on}")


def _set_up(tx: Connection, principal: Principal, row: ScheduleRow, on: date) -> None:
    access.hold_organisation(tx, row.organisation)
    pulse = drafted(tx, row.organisation, draft_of(row, next(askings(tx, row)), on))
    schedules.write_schedule(tx, replace(row, round=row.round + 1, pulse=pulse.id))
    set_up(tx, principal, pulse)


def _begin_anew(database: Database, custody: Custody, principal: Principal, why: str) -> str:
    """Put a draft of the same round in the place of one that will not open.

    No letter of it has left. A distributor may have its codes, and sends them on when their pulse opens, which it never
    does. What somebody issued by hand may be in people's hands already: such a draft stays, and is theirs to decide on.
    """
    with database.read() as tx:
        found = schedules.one_schedule(tx, principal.organisation, principal.key)
        pulse = found[0].pulse or "" if found else ""
        issued = invitations.issued(tx, pulse)
    if _issued_by_hand(database, principal, pulse):
        raise Conflict(f"{why} Somebody issued invitations of it by hand: open the pulse by hand, or discard it.")
    with database.begin() as tx:
        found = schedules.held_schedule(tx, principal.key)
        if found is None or found[0].pulse != pulse or found[1].state is not State.DRAFT:
            return ""
        row = found[0]
        if row.last_on is not None and invitations.issued(tx, pulse) == issued:
            discard_draft(tx, custody, principal, pulse)
            _set_up(tx, principal, replace(row, round=row.round - 1), row.last_on)
            audit.record(tx, principal, "pulse discarded", f"pulse {pulse}")
    scrub(database)
    return ""


def _issued_by_hand(database: Database, principal: Principal, pulse: str) -> bool:
    its = (it for it in audit.every_entry(database, principal) if it.deed == "invitations issued")
    return any(it.subject.startswith(f"pulse {pulse}:") for it in its)


def _has_moved(database: Database, row: ScheduleRow, standing: Standing, invited: bool) -> bool:
    with database.read() as tx:
        found = schedules.one_schedule(tx, row.organisation, row.id)
        now = row.pulse is not None and bool(invitations.issued(tx, row.pulse))
    return found is None or found[1] != standing or found[0].pulse != row.pulse or now != invited
