"""`/manage/schedules`: every schedule with its next rounds, what is done about one, and the form that makes another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Response

from service.api.inviting import require_letters, sends_letters
from service.api.parts import Parts, TheParts
from service.api.problems import STATUS
from service.api.routes.pages.manage_pulses import Managing
from service.api.routes.pages.reader import ReaderRoute, TheAround
from service.api.routes.pages.replies import Posted, page, see
from service.errors import Conflict, Fault, Invalid, InvalidQuery
from service.operations import instruments, schedules
from service.operations.access import Principal
from service.operations.schedules import Coming, Plan, Schedule
from service.pages.dashboard.frame import Around
from service.pages.manage.form import Form, form_of
from service.pages.manage.schedules import (
    MANY,
    ONCE,
    Filled,
    Line,
    Round,
    draft_of,
    filled_in,
    schedules_page,
)

_PATH = "/manage/schedules"
_UNSURE = "Tick the box to say that this is meant."

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


@router.get(_PATH)
def every(around: TheAround, parts: TheParts, principal: Managing, said: str = "") -> Response:
    return _shown(parts, principal, around, _empty(parts), said=said)


@router.post(_PATH)
def work(around: TheAround, parts: TheParts, principal: Managing, posted: Posted) -> Response:
    """What the button says that was pressed; what cannot be done is said on the page, and nothing is changed."""
    form = form_of(posted, once=ONCE, many=MANY)
    action = form.choice("action", "make", "pause", "resume", "again", "remove")
    if action == "make":
        return _made(parts, principal, around, form)
    found = schedules.find_schedule(parts.runtime.database, principal, form.text("schedule"))
    if action == "remove" and not form.ticked("sure"):
        return _shown(parts, principal, around, _empty(parts), problem=_UNSURE, status=STATUS[InvalidQuery][0])
    try:
        return see(f"{_PATH}?said={_done(parts, principal, found, action)}")
    except (Invalid, Conflict) as error:
        return _shown(parts, principal, around, _empty(parts), problem=str(error), status=STATUS[type(error)][0])


def _empty(parts: Parts) -> Filled:
    """The form before anybody fills it in: it offers nothing that cannot be had here."""
    return Filled() if sends_letters(parts.runtime.settings) else Filled(hand_over="nobody")


def _done(parts: Parts, principal: Principal, it: Schedule, action: str) -> str:
    database, row = parts.runtime.database, it.row
    if action == "remove":
        schedules.remove_schedule(database, principal, row.id)
        return "removed"
    plan = schedules.plan_of(row)
    if action != "again":
        plan = replace(plan, paused=action == "pause")
    schedules.change_schedule(database, principal, row.id, plan, parts.today())
    return {"pause": "paused", "resume": "resumed", "again": "again"}[action]


def _made(parts: Parts, principal: Principal, around: Around, form: Form) -> Response:
    filled, today = filled_in(form), parts.today()
    days, starts = form.number("days"), form.day("starts", today)
    if form.faults:
        return _shown(parts, principal, around, filled, faults=form.faults)
    starts = filled.counted_from(starts)
    plan = Plan(
        filled.label, filled.rule, starts, days or 0, filled.hand_over, None if filled.baseline else 0, draft_of(filled)
    )
    try:
        if plan.hand_over == "letters":
            require_letters(parts.runtime.settings)
        schedules.make_schedule(parts.runtime.database, principal, plan, today)
    except Invalid as error:
        return _shown(parts, principal, around, filled, faults=error.faults)
    except Conflict as error:
        return _shown(parts, principal, around, filled, problem=str(error), status=STATUS[Conflict][0])
    return see(f"{_PATH}?said=made")


def _shown(
    parts: Parts,
    principal: Principal,
    around: Around,
    filled: Filled,
    *,
    faults: Sequence[Fault] = (),
    problem: str = "",
    said: str = "",
    status: int = 200,
) -> Response:
    database, today = parts.runtime.database, parts.today()
    known = instruments.list_instruments(database, principal)
    found = schedules.list_schedules(database, principal)
    lines = [_line(it, schedules.coming(database, principal, it, today)) for it in found]
    content = schedules_page(around, lines, filled, known, faults=faults, problem=problem, said=said)
    return page(content, STATUS[InvalidQuery][0] if faults else status)


def _line(it: Schedule, coming: Sequence[Coming]) -> Line:
    row, state = it.row, it.standing.state
    return Line(
        id=row.id,
        label=row.label,
        rule=row.rule,
        days=row.days,
        hand_over=row.hand_over,
        paused=row.paused,
        pulse=row.pulse,
        state=None if state is None else state.value,
        closes_on=it.closes_on,
        trouble=row.trouble,
        rounds=[_round(each) for each in coming],
    )


def _round(it: Coming) -> Round:
    if it.asking is None:
        return Round(it.on, False, None)
    return Round(it.on, it.asking.kind == "baseline", len(it.asking.items))
