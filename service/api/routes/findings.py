"""The data team's routes: findings computed from releases, as tables."""

from __future__ import annotations

import json

from fastapi import APIRouter, Depends, Request, Response

from service.api.access import AnalyticsReader
from service.api.documented import document, table
from service.api.parts import TheParts
from service.api.queries import AnyPulse, Block, OnePulse, Since, Unit, Until, Viewed, only_declared
from service.api.replies import LayoutAsked, reply, table_reply
from service.operations.analyse import stored_analysis
from service.operations.asked import Query

router = APIRouter(prefix="/v1", tags=["analyse"], dependencies=[Depends(only_declared)])


@router.get(
    "/trends", summary="Scores along a series, smoothed", responses=table("trends", "One row a unit, block and pulse.")
)
def get_trends(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    unit: Unit = None,
    block: Block = None,
    since: Since = None,
    until: Until = None,
    lineage: Viewed = "then",
) -> Response:
    query = Query(unit=unit, block=block, since=since, until=until, lineage=lineage)
    found = parts.library.trends(principal, query)
    return table_reply(request, found, layout, lasting=False)


@router.get("/changes", summary="What changed, as of a pulse", responses=table("changes", "One row a unit and block."))
def get_changes(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: OnePulse = None,
    unit: Unit = None,
    block: Block = None,
) -> Response:
    found = parts.library.findings(principal, "changes", Query(pulse=pulse, unit=unit, block=block), newest=True)
    return table_reply(request, found, layout, lasting=False)


@router.get(
    "/alerts",
    summary="Changes told from chance, pulse by pulse",
    responses=table("alerts", "A summary a pulse, and each alert."),
)
def get_alerts(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: AnyPulse = None,
    unit: Unit = None,
    block: Block = None,
) -> Response:
    found = parts.library.findings(principal, "alerts", Query(pulse=pulse, unit=unit, block=block))
    return table_reply(request, found, layout, lasting=False)


@router.get("/clusters", summary="Which team is of which archetype", responses=table("clusters", "One row a team."))
def get_clusters(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: OnePulse = None,
    unit: Unit = None,
) -> Response:
    found = parts.library.findings(principal, "clusters", Query(pulse=pulse, unit=unit), newest=True)
    return table_reply(request, found, layout, lasting=False)


@router.get(
    "/archetypes",
    summary="Archetypes of teams, or that there are none",
    responses=table("archetypes", "One row an archetype and block."),
)
def get_archetypes(
    request: Request, principal: AnalyticsReader, parts: TheParts, layout: LayoutAsked, pulse: OnePulse = None
) -> Response:
    found = parts.library.findings(principal, "archetypes", Query(pulse=pulse), newest=True, whole=True)
    return table_reply(request, found, layout, lasting=False)


@router.get(
    "/quality", summary="How well each block measures", responses=table("quality", "One row a pulse and block.")
)
def get_quality(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: AnyPulse = None,
    block: Block = None,
) -> Response:
    found = parts.library.findings(principal, "quality", Query(pulse=pulse, block=block), whole=True)
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get("/items", summary="How well each item measures", responses=table("items", "One row a pulse and item."))
def get_items(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: AnyPulse = None,
    block: Block = None,
) -> Response:
    found = parts.library.findings(principal, "items", Query(pulse=pulse, block=block), whole=True)
    return table_reply(request, found, layout, lasting=False)


@router.get(
    "/agreement", summary="How far units agree", responses=table("agreement", "One row a pulse, unit and block.")
)
def get_agreement(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: AnyPulse = None,
    unit: Unit = None,
    block: Block = None,
) -> Response:
    found = parts.library.findings(principal, "agreement", Query(pulse=pulse, unit=unit, block=block))
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get(
    "/drivers", summary="What goes with what between teams", responses=table("drivers", "One row an outcome and block.")
)
def get_drivers(
    request: Request, principal: AnalyticsReader, parts: TheParts, layout: LayoutAsked, pulse: OnePulse = None
) -> Response:
    found = parts.library.findings(principal, "drivers", Query(pulse=pulse), newest=True, whole=True)
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get(
    "/interdependence",
    summary="Over-reliance and isolation",
    responses=table("interdependence", "One row a pulse and unit."),
)
def get_interdependence(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: AnyPulse = None,
    unit: Unit = None,
) -> Response:
    found = parts.library.findings(principal, "interdependence", Query(pulse=pulse, unit=unit))
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get(
    "/coordination",
    summary="Work against how it is coordinated",
    responses=table("coordination", "One row a pulse and unit."),
)
def get_coordination(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: AnyPulse = None,
    unit: Unit = None,
) -> Response:
    found = parts.library.findings(principal, "coordination", Query(pulse=pulse, unit=unit))
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get(
    "/pulses/{pulse}/findings",
    summary="By which method a release's findings were computed, and each table's digest",
    responses=document("The method and the digests; null while they are due.", 401, 403, 404),
)
def get_findings(request: Request, principal: AnalyticsReader, parts: TheParts, pulse: str) -> Response:
    found = stored_analysis(parts.runtime.database, principal, pulse)
    said = {"pulse": pulse, "method": found and found.method, "tables": found and found.digests}
    return reply(request, json.dumps(said).encode(), "application/json")
