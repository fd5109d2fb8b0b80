"""Schedules: the cadence in which pulses are set up, invited to, opened and closed by themselves, never released."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import repeat

from service.errors import Conflict, Fault, Invalid, InvalidPulse, InvalidQuery, NotFound
from service.operations import audit
from service.operations.access import Principal
from service.operations.instruments import instrument_of, lenses_of
from service.operations.prepare import drafted
from service.store import access, pulses, schedules
from service.store.database import Connection, Database
from service.store.schedules import ScheduleRow, Standing
from service.survey import cadence, rotation
from service.survey.draft import Draft
from service.survey.lenses import with_lenses
from service.survey.pulse import State
from service.survey.rotation import Asking
from service.survey.wording import is_text, text_rule
from service.tokens import keys

#: Who hands invitations over: the service by e-mail or to webhooks, or nobody but whoever manages.
HAND_OVER = ("letters", "hooks", "nobody")
#: Schedules of one organisation, and days a round may be open.
MOST, LONGEST = 50, 366
#: Days of the rule that are told ahead.
AHEAD = 5
#: The label of a pulse is that of its schedule and a day, and has at most 200 characters.
_LABEL = 180
_MOST_BASELINE = 1000
_FROM, _TO = timedelta(days=-366), timedelta(days=732)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for. `rule` is a recurrence rule counted from `starts_on`, `days` how long each pulse is open.

    `baseline_every` says which rounds ask everything: the first and every so many after it, 0 none, None as many as
    make two a year. Where `draft` names its items they are asked each time, and it says nothing. The draft's label is
    made of the schedule's.
    """

    label: str
    rule: str
    starts_on: date
    days: int
    hand_over: str
    baseline_every: int | None
    draft: Draft
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """A round that is to come: its day, and what it will ask if nothing else is asked in its series until then; None
    where the instrument as it stands no longer allows it."""

    on: date
    asking: Asking | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule and where the pulse of its last round stands."""

    row: ScheduleRow
    standing: Standing

    @property
    def closes_on(self) -> date | None:
        """When the pulse of the last round is closed, if it is open."""
        if self.standing.state is not State.OPEN or self.standing.opened_on is None:
            return None
        return self.standing.opened_on + timedelta(days=self.row.days)


def make_schedule(database: Database, principal: Principal, plan: Plan, day: date) -> Schedule:
    """A schedule whose first round is on the first day of its rule from `day` on.

    Raises InvalidQuery and InvalidPulse with every fault, and Conflict where there are many already.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        access.hold_organisation(tx, principal.organisation)
        if schedules.how_many(tx, principal.organisation) >= MOST:
            raise Conflict(f"There are {MOST} schedules already: remove one first.")
        row = _row(tx, principal, plan, keys.new_id(), day)
        row = replace(row, next_on=cadence.next_day(row.rule, row.starts_on, day - timedelta(days=1)))
        schedules.add_schedule(tx, row)
        audit.record(tx, principal, "schedule made", f"schedule {row.id}: {row.rule}")
    return Schedule(row, Standing(None, None))


def change_schedule(database: Database, principal: Principal, id: str, plan: Plan, day: date) -> Schedule:
    """Another plan from the next round on; whatever could not be done is tried again at once.

    A pulse under way goes on as it is, and is closed by the days that the plan says now. Raises as `make_schedule`
    does, and NotFound.
    """
    principal.require("manage", whole=True)
    with database.begin() as tx:
        before, standing = _held(tx, principal, id)
        planned = plan_of(before)
        if replace(plan, paused=planned.paused) == planned:
            # Whatever has become of its instrument and its roster: it can be paused, and tried again.
            row = replace(before, paused=plan.paused, tries=0, not_before=0)
        else:
            row = _row(tx, principal, plan, id, day, planned.starts_on)
        since = max(day - timedelta(days=1), before.last_on or date.min)
        same = (row.rule, row.starts_on, row.paused) == (before.rule, before.starts_on, before.paused)
        next_on = before.next_on if same else cadence.next_day(row.rule, row.starts_on, since)
        row = replace(
            row, round=before.round, last_on=before.last_on, next_on=next_on, pulse=before.pulse, trouble=None
        )
        schedules.write_schedule(tx, row)
        audit.record(tx, principal, _deed(before, row), f"schedule {id}: {row.rule}")
    return Schedule(row, standing)


def plan_of(row: ScheduleRow) -> Plan:
    """What a schedule does, as one would ask for it."""
    every = None if row.draft.items is not None else row.baseline_every
    return Plan(row.label, row.rule, row.starts_on, row.days, row.hand_over, every, row.draft, row.paused)


def remove_schedule(database: Database, principal: Principal, id: str) -> None:
    """Forget it; a pulse under way stays, and is somebody's to close. Raises NotFound."""
    principal.require("manage", whole=True)
    with database.begin() as tx:
        _held(tx, principal, id)
        schedules.remove_schedule(tx, id)
        audit.record(tx, principal, "schedule removed", f"schedule {id}")


def list_schedules(database: Database, principal: Principal) -> list[Schedule]:
    """All of them, by label."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        found = [Schedule(*it) for it in schedules.schedules(tx, principal.organisation)]
    return sorted(found, key=lambda it: (it.row.label, it.row.id))


def find_schedule(database: Database, principal: Principal, id: str) -> Schedule:
    """Raises NotFound."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        return Schedule(*_known(schedules.one_schedule(tx, principal.organisation, id)))


def coming(database: Database, principal: Principal, it: Schedule, day: date) -> list[Coming]:
    """Its next rounds; none where its rule has ended."""
    principal.require("manage", whole=True)
    row = it.row
    if row.next_on is None:
        return []
    since = max(row.next_on, day) if row.paused else row.next_on
    days = cadence.days_after(row.rule, row.starts_on, since - timedelta(days=1), AHEAD)
    with database.read() as tx:
        try:
            asked: Iterator[Asking | None] = askings(tx, row)
        except Invalid:
            asked = repeat(None)
        return [Coming(on, asking) for on, asking in zip(days, asked, strict=False)]


def troubled(database: Database) -> list[tuple[str, str]]:
    """Every organisation's schedules that could not do what was due, and what that was."""
    with database.read() as tx:
        return schedules.troubled(tx)


def askings(tx: Connection, row: ScheduleRow) -> Iterator[Asking]:
    """What the next round asks, and each after it, without end. Raises InvalidPulse and InvalidInstrument."""
    draft = row.draft
    if draft.items is not None:
        return repeat(Asking("pulse", tuple(draft.items)))
    try:
        base = instrument_of(tx, row.organisation, draft.instrument, draft.version)
    except NotFound as error:
        raise InvalidPulse([Fault("instrument", "neither ships nor was imported")]) from error
    if row.baseline_every != 1:
        rotation.require_anchors(base)
    whole = with_lenses(base, lenses_of(tx, row.organisation, draft.lenses))
    before = pulses.asked_before(tx, row.organisation, draft.series or base.id)
    return rotation.coming(base, whole, before, row.round, row.baseline_every)


def draft_of(row: ScheduleRow, asking: Asking, on: date) -> Draft:
    """The draft of the round that is due `on` that day. Lenses are for baselines, or for items that name theirs."""
    whole = asking.kind == "baseline" or row.draft.items is not None
    lenses = row.draft.lenses if whole else ()
    return replace(row.draft, label=f"{row.label} {on.isoformat()}", items=asking.items, lenses=lenses)


def _row(
    tx: Connection, principal: Principal, plan: Plan, id: str, day: date, counted_from: date | None = None
) -> ScheduleRow:
    """`counted_from` is when the schedule that is changed is counted from: that may be as long ago as it is."""
    faults = _faults(plan, day, counted_from)
    if faults:
        raise InvalidQuery(faults)
    cadence.require_rule(plan.rule, plan.starts_on)
    gap = cadence.shortest_gap(plan.rule, plan.starts_on)
    if gap is not None and gap < plan.days:
        raise InvalidQuery([Fault("days", f"must be at most {gap}: a pulse closes before the next round begins")])
    every = plan.baseline_every
    if every is None:
        every = cadence.in_half_a_year(plan.rule, plan.starts_on)
    row = ScheduleRow(
        id=id,
        organisation=principal.organisation,
        label=plan.label,
        rule=plan.rule,
        starts_on=plan.starts_on,
        days=plan.days,
        hand_over=plan.hand_over,
        baseline_every=0 if plan.draft.items is not None else every,
        draft=replace(plan.draft, label=""),
        paused=plan.paused,
    )
    _require_rounds(tx, row, day)
    return row


def _faults(plan: Plan, day: date, counted_from: date | None) -> list[Fault]:
    wrong = {
        Fault("label", text_rule(_LABEL)): not is_text(plan.label, _LABEL),
        Fault("days", f"must be 1 to {LONGEST}"): not 1 <= plan.days <= LONGEST,
        Fault("starts_on", "must be at most a year past and two years ahead"): plan.starts_on != counted_from
        and not day + _FROM <= plan.starts_on <= day + _TO,
        Fault("hand_over", f"must be one of {', '.join(HAND_OVER)}"): plan.hand_over not in HAND_OVER,
        Fault("baseline_every", f"must be 0 to {_MOST_BASELINE}"): not (
            0 <= (plan.baseline_every or 0) <= _MOST_BASELINE
        ),
    }
    return [fault for fault, holds in wrong.items() if holds]


def _require_rounds(tx: Connection, row: ScheduleRow, day: date) -> None:
    """Raise InvalidPulse unless a baseline, if there is any, and a short pulse could be set up today."""
    try:
        for number in (0, 1):
            asking = next(askings(tx, replace(row, round=number)))
            drafted(tx, row.organisation, draft_of(row, asking, day))
    except InvalidPulse as error:
        raise InvalidPulse([Fault(f"pulse.{fault.where}", fault.why) for fault in error.faults]) from error


def _held(tx: Connection, principal: Principal, id: str) -> tuple[ScheduleRow, Standing]:
    _known(schedules.one_schedule(tx, principal.organisation, id))
    return _known(schedules.held_schedule(tx, id))


def _known(found: tuple[ScheduleRow, Standing] | None) -> tuple[ScheduleRow, Standing]:
    if found is None:
        raise NotFound("schedule")
    return found


def _deed(before: ScheduleRow, row: ScheduleRow) -> str:
    if before.paused == row.paused:
        return "schedule changed"
    return "schedule paused" if row.paused else "schedule resumed"
