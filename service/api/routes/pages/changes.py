"""`/dashboard/changes`: what is told from chance, and what is not."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from service.api.parts import TheParts
from service.api.routes.pages.pictures import picture
from service.api.routes.pages.reader import Framed, ReaderRoute, SignedIn, reads_findings
from service.api.routes.pages.replies import page as reply
from service.api.routes.pages.units import known_branch
from service.operations.access import Principal
from service.operations.asked import Query
from service.operations.report import Library
from service.pages.dashboard.changes import changes_page, changes_picture
from service.pages.dashboard.overview import Findings

router = APIRouter(include_in_schema=False, route_class=ReaderRoute, dependencies=[Depends(reads_findings)])


@router.get("/dashboard/changes")
def changes(
    frame: Framed, parts: TheParts, principal: SignedIn, branch: str = "", page: int = 1, alerts: int = 1
) -> Response:
    head = known_branch(frame, branch)
    found = _findings(parts.library, principal, frame.release.pulse)
    return reply(changes_page(frame, found, head, page, alerts))


@router.get("/dashboard/changes/changes.svg")
def drawn(frame: Framed, parts: TheParts, principal: SignedIn, branch: str = "", page: int = 1) -> Response:
    head = known_branch(frame, branch)
    found = _findings(parts.library, principal, frame.release.pulse)
    return picture("changes", changes_picture(frame, found, head, page))


def _findings(library: Library, principal: Principal, pulse: str) -> Findings:
    query = Query(pulse=pulse)
    return Findings(
        changes=library.findings(principal, "changes", query), alerts=library.findings(principal, "alerts", query)
    )
