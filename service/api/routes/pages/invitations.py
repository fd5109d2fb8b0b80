"""`/manage/pulse/invite`: invitations leave once, as letters, a poster or a list, and are kept nowhere."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.api.parts import TheParts
from service.api.problems import STATUS
from service.api.routes.pages.manage_pulses import Managing, TheDesk, known, to_pulse
from service.api.routes.pages.reader import ReaderRoute
from service.api.routes.pages.replies import Posted, page
from service.errors import Conflict, InvalidPulse, NotFound
from service.exports.text import MEDIA_TYPES
from service.operations import prepare
from service.pages.dashboard.frame import Around
from service.pages.manage.form import form_of
from service.pages.manage.inviting import (
    FIELDS,
    MEANWHILE,
    Inviting,
    Order,
    Way,
    invitations_csv,
    invite_page,
    ordered,
)
from service.pages.manage.pulse import Known, in_words
from service.pages.paper.letters import Batch, letters_page, origin_of, poster_page
from service.survey.pulse import State

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)

_INVALID = STATUS[InvalidPulse][0]


@router.get("/manage/pulse/invite")
def ask(
    request: Request, around: TheDesk, parts: TheParts, principal: Managing, pulse: str, unit: str = ""
) -> Response:
    found = known(parts, principal, pulse)
    if found.pulse.state is not State.DRAFT:
        return to_pulse(pulse, "already")
    return page(invite_page(around, _inviting(request, found, unit)))


@router.post("/manage/pulse/invite")
def issue(request: Request, around: TheDesk, parts: TheParts, principal: Managing, posted: Posted) -> Response:
    """The one answer that is not sent on to another address: what it holds can be shown only once.

    The form says how many invitations stood when it was shown, so that the same form sent again issues no others.
    """
    form = form_of(posted, once=FIELDS)
    found = known(parts, principal, form.text("pulse"))
    if found.pulse.state is not State.DRAFT:
        return to_pulse(found.pulse.id, "already")
    inviting = _inviting(request, found, form.text("unit"))
    if form.text("issued") != str(inviting.issued):
        return _meanwhile(request, around, found, form.text("unit"))
    order = ordered(form, inviting)
    if isinstance(order, list):
        return page(invite_page(around, inviting, order), _INVALID)
    counts = {inviting.unit.id: order.count} if inviting.unit else None
    try:
        issued = prepare.issue_invitations(
            parts.runtime.database, principal, found.pulse.id, counts, parts.today(), after=inviting.issued
        )
    except InvalidPulse as error:
        return page(invite_page(around, inviting, in_words(error.faults)), _INVALID)
    except Conflict:
        return _meanwhile(request, around, known(parts, principal, found.pulse.id), form.text("unit"))
    return _handed_out(around, inviting, order, issued)


def _meanwhile(request: Request, around: Around, found: Known, unit: str) -> Response:
    """Others were issued since the form was shown, or the pulse was opened: what is so now."""
    if found.pulse.state is not State.DRAFT:
        return to_pulse(found.pulse.id, "already")
    return page(invite_page(around, _inviting(request, found, unit), [MEANWHILE]), STATUS[Conflict][0])


def _inviting(request: Request, found: Known, id: str) -> Inviting:
    """Raises NotFound for no unit of today's roster."""
    roster = found.roster
    if roster is None or (id and id not in roster):
        raise NotFound("unit")
    unit = roster.units[roster.position[id]] if id else None
    issued = found.issued.get(id, 0) if unit else found.invited
    left = max(0, unit.headcount - issued) if unit else found.left
    here = origin_of(f"{request.url.scheme}://{request.url.netloc}") or ""
    return Inviting(found.pulse, unit, left, issued, here)


def _handed_out(around: Around, inviting: Inviting, order: Order, issued: list[tuple[str, str]]) -> Response:
    if inviting.unit is None or order.way is Way.LIST:
        kept = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="invitations.csv"'}
        return Response(invitations_csv(issued, order.origin), 201, kept, media_type=MEDIA_TYPES["csv"])
    batch = Batch(
        pulse=inviting.pulse,
        unit=inviting.unit.name,
        origin=order.origin,
        language=order.language,
        tokens=[token for _, token in issued],
        left=inviting.left - len(issued),
    )
    return page(letters_page(around, batch) if order.way is Way.LETTERS else poster_page(around, batch), 201)
