"""Bodies and replies about schedules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.api.schemas import Body, PolicyBody, PoolBody, PulseBody
from service.errors import Fault, InvalidPulse
from service.operations.schedules import Coming, Plan, Schedule, plan_of
from service.survey.draft import Draft

HandOver = Literal["letters", "hooks", "nobody"]
_RULE = "A recurrence rule of RFC 5545 by days, e.g. FREQ=WEEKLY;INTERVAL=2;BYDAY=MO. Days are UTC days."
_STARTS = "The day the rule is counted from; today when left out."
_DAYS = "How many days each pulse is open: it is closed as the next one begins, or earlier."
_HAND_OVER = (
    "Who hands invitations over: `letters` sends them by e-mail to everybody in the directory, `hooks` to the webhook "
    "that wants `invitations.issued`. With `nobody` the pulse is set up on its day, and waits as a draft until "
    "somebody issues the invitations and opens it."
)
_BASELINE = (
    "The first round and every so many after it ask everything, with the lenses; those between ask the anchors and the "
    "next in turn. 0: none does; left out: as many as make two a year."
)
_PULSE = (
    "What each pulse is, as for `POST /v1/pulses` without a label. Items that are named are asked each time; left out, "
    "items take turns."
)


class ScheduleBody(Body):
    label: Annotated[str, Field(max_length=200, description="For people: each pulse is called so, with its day.")]
    rule: Annotated[str, Field(max_length=200, description=_RULE)]
    starts_on: Annotated[date, Field(strict=False)] | None = Field(None, description=_STARTS)
    days: int = Field(description=_DAYS)
    hand_over: HandOver = Field(description=_HAND_OVER)
    baseline_every: int | None = Field(None, description=_BASELINE)
    paused: bool = Field(False, description="Whether nothing begins; what is open is closed all the same.")
    pulse: PulseBody = Field(description=_PULSE)

    def plan(self, today: date) -> Plan:
        return Plan(
            self.label,
            self.rule,
            self.starts_on or today,
            self.days,
            self.hand_over,
            self.baseline_every,
            _draft(self.pulse),
            self.paused,
        )


class ScheduleChangeBody(Body):
    """What is left out stays. Even with nothing in it, what could not be done is tried again at once."""

    label: Annotated[str, Field(max_length=200)] | None = None
    rule: Annotated[str, Field(max_length=200)] | None = Field(None, description=_RULE)
    starts_on: Annotated[date, Field(strict=False)] | None = None
    days: int | None = Field(None, description=_DAYS)
    hand_over: HandOver | None = Field(None, description=_HAND_OVER)
    baseline_every: int | None = Field(None, description=_BASELINE)
    paused: bool | None = None
    pulse: PulseBody | None = Field(None, description=_PULSE)

    def plan(self, it: Schedule) -> Plan:
        """Without naming items any more it is as if nothing had been said of baselines."""
        said = {name: getattr(self, name) for name in self.model_fields_set if name != "pulse"}
        plan = replace(plan_of(it.row), **{name: value for name, value in said.items() if value is not None})
        return plan if self.pulse is None else replace(plan, draft=_draft(self.pulse))


class ComingReply(BaseModel):
    on: date
    kind: Literal["baseline", "pulse"] | None
    items: list[str] | None = Field(description="What it will ask; null where the instrument no longer allows it.")


class ScheduleReply(BaseModel):
    id: str
    label: str
    rule: str
    starts_on: date
    days: int
    hand_over: HandOver
    baseline_every: int | None = Field(description="Null where the items are named.")
    paused: bool
    pulse: PulseBody
    rounds: int = Field(description="How many began.")
    last: str | None = Field(description="The pulse of the last round.")
    state: Literal["draft", "open", "closed", "released"] | None = Field(description="Where that pulse stands.")
    closes_on: date | None = Field(description="When that pulse is closed, while it is open.")
    trouble: str | None = Field(description="What was due and could not be done; it is tried again.")
    coming: list[ComingReply] = Field(description="The next rounds; none where the rule has ended.")


class SchedulesReply(BaseModel):
    data: list[ScheduleReply]
    next: str | None = None


def schedule_reply(it: Schedule, coming: list[Coming]) -> ScheduleReply:
    row = it.row
    return ScheduleReply(
        id=row.id,
        label=row.label,
        rule=row.rule,
        starts_on=row.starts_on,
        days=row.days,
        hand_over=row.hand_over,  # type: ignore[arg-type]
        baseline_every=None if row.draft.items is not None else row.baseline_every,
        paused=row.paused,
        pulse=_pulse(row.draft),
        rounds=row.round,
        last=None if it.standing.state is None else row.pulse,
        state=None if it.standing.state is None else it.standing.state.value,
        closes_on=it.closes_on,
        trouble=row.trouble,
        coming=[_coming(each) for each in coming],
    )


def _coming(it: Coming) -> ComingReply:
    if it.asking is None:
        return ComingReply(on=it.on, kind=None, items=None)
    return ComingReply(on=it.on, kind=it.asking.kind, items=list(it.asking.items))


def _draft(pulse: PulseBody) -> Draft:
    if pulse.label is not None:
        raise InvalidPulse([Fault("pulse.label", "is made of the schedule's label and the day: leave it out")])
    return pulse.draft()


def _pulse(draft: Draft) -> PulseBody:
    return PulseBody(
        label=None,
        instrument=draft.instrument,
        version=draft.version,
        lenses=list(draft.lenses),
        items=None if draft.items is None else list(draft.items),
        bands={band: list(values) for band, values in draft.bands.items()},
        crosses=[list(cross) for cross in draft.crosses],
        classes={unit: {band: dict(counts) for band, counts in it.items()} for unit, it in draft.classes.items()},
        pools=[PoolBody(id=pool.id, name=pool.name, units=list(pool.units)) for pool in draft.pools],
        tokens=list(draft.tokens),
        policy=None if draft.threshold is None else PolicyBody(threshold=draft.threshold),
        series=draft.series,
    )
