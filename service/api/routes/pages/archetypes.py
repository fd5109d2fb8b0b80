"""`/dashboard/archetypes`: whether teams fall into kinds, which, and which team is of which."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from service.api.parts import TheParts
from service.api.routes.pages.pictures import picture
from service.api.routes.pages.reader import Framed, ReaderRoute, SignedIn, reads_every_finding, reads_findings
from service.api.routes.pages.replies import page
from service.exports.table import Table
from service.operations.access import Principal
from service.operations.asked import Query
from service.operations.report import Library
from service.pages.dashboard.archetypes import archetypes_page, map_picture, own_archetypes_page, profiles_picture

router = APIRouter(
    prefix="/dashboard/archetypes",
    include_in_schema=False,
    route_class=ReaderRoute,
    dependencies=[Depends(reads_findings)],
)


@router.get("")
def archetypes(frame: Framed, parts: TheParts, principal: SignedIn, sheet: int = 1) -> Response:
    """A key bound to a part reads its own teams' memberships; what all teams form together is not its to see."""
    clusters = _clusters(parts.library, principal, frame.release.pulse)
    if principal.unit is not None:
        return page(own_archetypes_page(frame, clusters, sheet))
    return page(archetypes_page(frame, clusters, _archetypes(parts.library, principal, frame.release.pulse), sheet))


@router.get("/map.svg", dependencies=[Depends(reads_every_finding)])
def team_map(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    pulse = frame.release.pulse
    groups = _archetypes(parts.library, principal, pulse)
    return picture("archetypes-map", map_picture(frame, _clusters(parts.library, principal, pulse), groups))


@router.get("/profiles.svg", dependencies=[Depends(reads_every_finding)])
def profiles(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    groups = _archetypes(parts.library, principal, frame.release.pulse)
    return picture("archetypes-profiles", profiles_picture(frame, groups))


def _clusters(library: Library, principal: Principal, pulse: str) -> Table:
    return library.findings(principal, "clusters", Query(pulse=pulse))


def _archetypes(library: Library, principal: Principal, pulse: str) -> Table:
    return library.findings(principal, "archetypes", Query(pulse=pulse), whole=True)
