"""`/dashboard/report`: one sheet of paper about one unit and pulse."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.parts import TheParts
from service.api.routes.pages.reader import Framed, ReaderRoute, SignedIn
from service.api.routes.pages.replies import page
from service.operations.asked import Query
from service.pages.paper.report import report_page

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


@router.get("/dashboard/report")
def report(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    library, pulse = parts.library, frame.release.pulse
    computed = library.are_computed(pulse)
    about = Query(pulse=pulse, unit=frame.unit)
    may = computed and "analytics" in principal.scopes
    changes = library.findings(principal, "changes", about) if may else None
    return page(report_page(frame, library.digest(pulse), changes, computed=computed))
