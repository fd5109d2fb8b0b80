"""`/dashboard`: how an organisation, or the part of it a key reaches, stands."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from service.api.parts import TheParts
from service.api.routes.pages.pictures import picture
from service.api.routes.pages.reader import Framed, ReaderRoute, SignedIn
from service.api.routes.pages.replies import page, see
from service.errors import NotAllowed, RedwoodError
from service.operations.access import Principal
from service.operations.asked import Query
from service.operations.report import Library
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.overview import Findings, blocks_picture, overview_page


class OnlyManages(NotAllowed):
    """A key that reads no results and has a page all the same: that of the pulses."""


class OverviewRoute(ReaderRoute):
    @staticmethod
    def refuse(request: Request, error: RedwoodError) -> Response:
        return see("/manage") if isinstance(error, OnlyManages) else ReaderRoute.refuse(request, error)


router = APIRouter(include_in_schema=False, route_class=OverviewRoute)


def _reads(principal: SignedIn) -> None:
    """Sign-in leads here whatever the key: who may only manage is sent on."""
    if "results" not in principal.scopes and "manage" in principal.scopes and principal.unit is None:
        raise OnlyManages("results")


@router.get("/dashboard", dependencies=[Depends(_reads)])
def overview(frame: Framed, parts: TheParts, principal: SignedIn) -> Response:
    if "analytics" not in principal.scopes:
        return page(overview_page(frame, None))
    computed = parts.library.are_computed(frame.release.pulse)
    findings = _findings(frame, parts.library, principal) if computed else None
    return page(overview_page(frame, findings, computed=computed))


@router.get("/dashboard/overview/blocks.svg")
def blocks(frame: Framed) -> Response:
    return picture("blocks", blocks_picture(frame))


def _findings(frame: Frame, library: Library, principal: Principal) -> Findings:
    pulse = frame.release.pulse
    return Findings(
        changes=library.findings(principal, "changes", Query(pulse=pulse, unit=frame.unit)),
        alerts=library.findings(principal, "alerts", Query(pulse=pulse)),
    )
