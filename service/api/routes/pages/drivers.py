"""`/dashboard/drivers`: what goes with what between teams, for keys of the whole organisation."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from service.api.parts import TheParts
from service.api.routes.pages.pictures import picture
from service.api.routes.pages.reader import Framed, ReaderRoute, SignedIn, reads_every_finding
from service.api.routes.pages.replies import page
from service.exports.table import Table
from service.operations.access import Principal
from service.operations.asked import Query
from service.operations.report import Library
from service.pages.dashboard.drivers import drivers_page, shares_picture

router = APIRouter(
    prefix="/dashboard/drivers",
    include_in_schema=False,
    route_class=ReaderRoute,
    dependencies=[Depends(reads_every_finding)],
)


@router.get("")
def drivers(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    return page(drivers_page(frame, _drivers(parts.library, principal, frame.release.pulse)))


@router.get("/shares.svg")
def shares(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    """Of the outcome that the address names as its block."""
    found = _drivers(parts.library, principal, frame.release.pulse)
    return picture(f"goes-with-{frame.block}", shares_picture(frame, found, frame.block))


def _drivers(library: Library, principal: Principal, pulse: str) -> Table:
    return library.findings(principal, "drivers", Query(pulse=pulse), whole=True)
