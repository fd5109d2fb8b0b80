"""`/manage/letters` and `/manage/reminders`: everybody is written to, the first time and again."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.inviting import require_letters
from service.api.parts import TheParts
from service.api.routes.pages.manage_pulses import Managing, to_pulse
from service.api.routes.pages.reader import ReaderRoute
from service.api.routes.pages.replies import Posted
from service.errors import Conflict, InvalidPulse
from service.operations import letters, prepare
from service.pages.manage.form import form_of

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


@router.post("/manage/letters")
def write(parts: TheParts, principal: Managing, posted: Posted) -> Response:
    runtime, id = parts.runtime, form_of(posted, once=("pulse",)).text("pulse")
    prepare.find_pulse(runtime.database, principal, id)
    try:
        require_letters(runtime.settings)
        letters.invite(runtime.database, runtime.custody, principal, id, parts.today())
    except (Conflict, InvalidPulse):
        return to_pulse(id, "unwritten")
    return to_pulse(id, "written")


@router.post("/manage/reminders")
def remind(parts: TheParts, principal: Managing, posted: Posted) -> Response:
    id = form_of(posted, once=("pulse",)).text("pulse")
    try:
        letters.remind(parts.runtime.database, principal, id, parts.today())
    except Conflict:
        return to_pulse(id, "unreminded")
    return to_pulse(id, "reminded")
