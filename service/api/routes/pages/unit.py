"""`/dashboard/unit`: one unit's blocks, their course, items, agreement, and its pictures to take away."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from service.api.parts import TheParts
from service.api.routes.pages.pictures import picture
from service.api.routes.pages.reader import Framed, ReaderRoute, SignedIn, reads_findings
from service.api.routes.pages.replies import page
from service.operations.access import Principal
from service.operations.asked import Query
from service.operations.report import Library
from service.pages.dashboard import unit
from service.pages.dashboard.frame import Frame

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


@router.get("/dashboard/unit")
def one_unit(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    return page(unit.unit_page(frame, _tables(parts.library, principal, frame)))


@router.get("/dashboard/unit/blocks.svg")
def blocks(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    return picture("unit-blocks", unit.blocks_picture(frame, parts.library.results(principal, _asked(frame))))


@router.get("/dashboard/unit/items.svg")
def items(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    return picture("unit-items", unit.items_picture(frame, parts.library.results(principal, _asked(frame))))


@router.get("/dashboard/unit/trend.svg", dependencies=[Depends(reads_findings)])
def trend(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    return picture("unit-trend", unit.trend_picture(frame, parts.library.trends_as_of(principal, _asked(frame))))


@router.get("/dashboard/unit/trends.svg", dependencies=[Depends(reads_findings)])
def trends(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    return picture("unit-trends", unit.others_picture(frame, parts.library.trends_as_of(principal, _asked(frame))))


def _asked(frame: Frame) -> Query:
    return Query(pulse=frame.release.pulse, unit=frame.unit)


def _tables(library: Library, principal: Principal, frame: Frame) -> unit.Tables:
    """Findings only for a key that may read them: without them the page is shorter, and no error."""
    query = _asked(frame)
    results, participation = library.results(principal, query), library.participation(principal, query)
    if "analytics" not in principal.scopes:
        return unit.Tables(results, participation)
    return unit.Tables(
        results,
        participation,
        library.trends_as_of(principal, query),
        library.findings(principal, "changes", query),
        library.findings(principal, "agreement", query),
    )
