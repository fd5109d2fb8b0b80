"""`/manage/pulse/open`, `/close`, `/release`: each asks once more, does it, and sends the browser on to read."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.parts import Parts, TheParts
from service.api.problems import STATUS
from service.api.routes.pages.manage_pulses import Managing, TheDesk, known, to_pulse
from service.api.routes.pages.reader import ReaderRoute
from service.api.routes.pages.replies import Posted, page
from service.errors import Altered, Conflict, CustodyFailed, InvalidPulse, KeyGone, NotFound, Unsafe
from service.operations import close, prepare, publish
from service.operations.access import Principal
from service.pages.manage.form import form_of
from service.pages.manage.pulse import confirm_page, in_words
from service.survey.pulse import State

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)

_FROM = {"open": State.DRAFT, "close": State.OPEN, "release": State.CLOSED}
_UNTICKED = "Nothing was done: tick the box to say that this is meant."


@router.get("/manage/pulse/{step}")
def ask(around: TheDesk, parts: TheParts, principal: Managing, step: str, pulse: str) -> Response:
    found = known(parts, principal, pulse)
    if step not in _FROM:
        raise NotFound("page")
    if found.pulse.state is not _FROM[step]:
        return to_pulse(pulse, "already")
    return page(confirm_page(around, found))


@router.post("/manage/pulse/{step}")
def carry_out(around: TheDesk, parts: TheParts, principal: Managing, step: str, posted: Posted) -> Response:
    """What cannot be done is said on the page that asked, and the pulse is as it was."""
    if step not in _FROM:
        raise NotFound("page")
    form = form_of(posted, once=("pulse", "sure"))
    found = known(parts, principal, form.text("pulse"))
    if found.pulse.state is not _FROM[step]:
        return to_pulse(found.pulse.id, "already")
    if not form.ticked("sure"):
        return page(confirm_page(around, found, [_UNTICKED]), STATUS[InvalidPulse][0])
    try:
        return to_pulse(found.pulse.id, _DONE[step](parts, principal, found.pulse.id))
    except InvalidPulse as error:
        return page(confirm_page(around, found, in_words(error.faults)), STATUS[InvalidPulse][0])
    except (Altered, Conflict, CustodyFailed, KeyGone, Unsafe) as error:
        return page(confirm_page(around, found, [str(error)]), STATUS[type(error)][0])


def _opened(parts: Parts, principal: Principal, pulse: str) -> str:
    prepare.open_pulse(parts.runtime.database, parts.runtime.custody, principal, pulse, parts.today())
    return "opened"


def _closed(parts: Parts, principal: Principal, pulse: str) -> str:
    made = close.close_pulse(parts.runtime.database, parts.runtime.custody, principal, pulse, parts.today())
    if not made.keys_destroyed:
        return "keys"
    return "closed" if made.scrubbed else "traces"


def _released(parts: Parts, principal: Principal, pulse: str) -> str:
    publish.release_pulse(parts.runtime.database, principal, pulse)
    parts.analyst.wake()
    return "released"


_DONE = {"open": _opened, "close": _closed, "release": _released}
