"""`/attack-report`: what the adversary tried on a release and got, open to everybody as the API's document is."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response

from service.api.parts import Parts, TheParts
from service.api.routes.pages.reader import ReaderRoute, around_of, frame_of, session_of
from service.api.routes.pages.replies import page, see
from service.errors import NotAllowed, NotAuthenticated, NotFound
from service.operations.access import Principal
from service.operations.dashboard import chosen
from service.pages.attack_report import attack_report_page
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.messages import message_page

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)
PATH = "/attack-report"


@router.get(PATH)
def attack_report(request: Request, parts: TheParts, pulse: str | None = None) -> Response:
    """For a signed-in reader without a pulse, that of the newest release; the dashboard's menu stands around those
    of the reader's own organisation."""
    frame = _frame(request, parts, _reader(request, parts), pulse or None)
    if pulse:
        return _report(parts, pulse, frame)
    if frame is not None:
        return see(f"{PATH}?pulse={frame.release.pulse}")
    return page(
        message_page("Of which pulse?", "The report of a release stands at this address with ?pulse= and its id.")
    )


def _report(parts: Parts, pulse: str, frame: Frame | None) -> Response:
    try:
        report = json.loads(parts.library.attack_report(pulse))
    except NotFound:
        # A pulse that is not released and one that never was must look alike.
        text = "Either this pulse has not been released, or its id is not right."
        return page(message_page("There is no such report", text), 404)
    return page(attack_report_page(report, frame))


def _reader(request: Request, parts: Parts) -> Principal | None:
    try:
        return session_of(request, parts)
    except NotAuthenticated:
        return None


def _frame(request: Request, parts: Parts, principal: Principal | None, pulse: str | None) -> Frame | None:
    """None for nobody's session, for a key that reads no results, and for a pulse that key does not reach."""
    if principal is None:
        return None
    try:
        found = chosen(parts.library, principal, pulse=pulse, unit=None, block=None)
    except (NotAllowed, NotFound):
        return None
    if found is None:
        return None
    return frame_of(around_of(request, parts, principal, {"pulse": found.release.pulse}), found)
