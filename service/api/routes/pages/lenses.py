"""`/dashboard/lenses`: how people lean on each other, and whether they keep in step as their work asks."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from service.api.parts import TheParts
from service.api.routes.pages.pictures import picture
from service.api.routes.pages.reader import Framed, ReaderRoute, SignedIn, reads_findings
from service.api.routes.pages.replies import page
from service.operations.asked import Query
from service.pages.dashboard.lenses import fit_picture, lenses_page, quadrant_picture

router = APIRouter(
    prefix="/dashboard/lenses", include_in_schema=False, route_class=ReaderRoute, dependencies=[Depends(reads_findings)]
)


@router.get("")
def lenses(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    query = Query(pulse=frame.release.pulse)
    leaning = parts.library.findings(principal, "interdependence", query)
    return page(lenses_page(frame, leaning, parts.library.findings(principal, "coordination", query)))


@router.get("/quadrant.svg")
def quadrant(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    query = Query(pulse=frame.release.pulse, unit=frame.unit)
    found = parts.library.findings(principal, "interdependence", query)
    return picture("interdependence", quadrant_picture(frame, found))


@router.get("/fit.svg")
def fit(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    query = Query(pulse=frame.release.pulse, unit=frame.unit)
    found = parts.library.findings(principal, "coordination", query)
    return picture("coordination", fit_picture(frame, found))
