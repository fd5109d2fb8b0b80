"""`/v1/schedules`: the cadence in which pulses are set up, opened and closed by themselves; releasing stays by hand."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.access import Manager
from service.api.documented import guarded
from service.api.inviting import require_letters
from service.api.key_first import KeyFirst
from service.api.parts import Parts, TheParts
from service.api.schedule_schemas import (
    ScheduleBody,
    ScheduleChangeBody,
    ScheduleReply,
    SchedulesReply,
    schedule_reply,
)
from service.operations import schedules
from service.operations.access import Principal
from service.operations.schedules import Schedule

router = APIRouter(prefix="/v1/schedules", tags=["manage"], responses=guarded(404, 409), route_class=KeyFirst)


@router.post("", status_code=201, summary="Make a schedule")
def make_schedule(principal: Manager, parts: TheParts, body: ScheduleBody) -> ScheduleReply:
    plan = body.plan(parts.today())
    if plan.hand_over == "letters":
        require_letters(parts.runtime.settings)
    return _told(parts, principal, schedules.make_schedule(parts.runtime.database, principal, plan, parts.today()))


@router.get("", summary="Every schedule, with its next rounds", responses=guarded())
def list_schedules(principal: Manager, parts: TheParts) -> SchedulesReply:
    found = schedules.list_schedules(parts.runtime.database, principal)
    return SchedulesReply(data=[_told(parts, principal, it) for it in found])


@router.get("/{schedule}", summary="One schedule, with its next rounds and what they ask")
def get_schedule(principal: Manager, parts: TheParts, schedule: str) -> ScheduleReply:
    return _told(parts, principal, schedules.find_schedule(parts.runtime.database, principal, schedule))


@router.patch("/{schedule}", summary="Pause, resume or change a schedule")
def change_schedule(principal: Manager, parts: TheParts, schedule: str, body: ScheduleChangeBody) -> ScheduleReply:
    database = parts.runtime.database
    plan = body.plan(schedules.find_schedule(database, principal, schedule))
    if body.hand_over == "letters":
        require_letters(parts.runtime.settings)
    return _told(parts, principal, schedules.change_schedule(database, principal, schedule, plan, parts.today()))


@router.delete("/{schedule}", status_code=204, response_class=Response, summary="Forget a schedule; its pulse stays")
def remove_schedule(principal: Manager, parts: TheParts, schedule: str) -> Response:
    schedules.remove_schedule(parts.runtime.database, principal, schedule)
    return Response(status_code=204)


def _told(parts: Parts, principal: Principal, it: Schedule) -> ScheduleReply:
    return schedule_reply(it, schedules.coming(parts.runtime.database, principal, it, parts.today()))
