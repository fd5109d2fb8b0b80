"""`/dashboard/quality`: how well the instrument measured, for keys that read findings of the whole organisation."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from service.api.parts import TheParts
from service.api.routes.pages.pictures import picture
from service.api.routes.pages.reader import Framed, ReaderRoute, SignedIn, reads_every_finding
from service.api.routes.pages.replies import page
from service.operations.asked import Query
from service.pages.dashboard.quality import coefficients_picture, quality_page

router = APIRouter(include_in_schema=False, route_class=ReaderRoute, dependencies=[Depends(reads_every_finding)])


@router.get("/dashboard/quality")
def quality(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    every = parts.library.findings(principal, "quality", Query(), whole=True)
    items = parts.library.findings(principal, "items", Query(pulse=frame.release.pulse), whole=True)
    return page(quality_page(frame, every, items))


@router.get("/dashboard/quality/coefficients.svg")
def coefficients(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    found = parts.library.findings(principal, "quality", Query(pulse=frame.release.pulse), whole=True)
    return picture("coefficients", coefficients_picture(frame, found))
