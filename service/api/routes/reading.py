"""The reader's routes: released figures as tables, and nothing from before a release."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.api.access import AnalyticsReader, ResultsReader
from service.api.documented import document, table
from service.api.parts import TheParts
from service.api.replies import LayoutAsked, reply, table_reply
from service.exports.dictionary import dictionary
from service.operations import report
from service.operations.analyse import stored_analysis
from service.operations.participation import running_participation

router = APIRouter(prefix="/v1", tags=["read"])


AnyPulse = Annotated[str | None, Query(description="One released pulse; all of them when left out.")]
OnePulse = Annotated[str | None, Query(description="One released pulse; the last to close when left out.")]
Unit = Annotated[str | None, Query(description="One unit.")]
Block = Annotated[str | None, Query(description="One block or lens.")]
By = Annotated[
    str | None, Query(description="A band, or two with a comma between: its values in place of whole units.")
]
Since = Annotated[date | None, Query(alias="from", description="First closing day.")]
Until = Annotated[date | None, Query(alias="to", description="Last closing day.")]


@router.get("/results", summary="Scores by unit, block and item", responses=table("One row a unit, pulse and measure."))
def get_results(
    request: Request,
    principal: ResultsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: AnyPulse = None,
    unit: Unit = None,
    block: Block = None,
    item: Annotated[str | None, Query(description="One item.")] = None,
    by: By = None,
) -> Response:
    found = parts.library.results(principal, report.Query(pulse=pulse, unit=unit, block=block, item=item, by=by))
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get("/heatmap", summary="Units by blocks", responses=table("One row a unit and block."))
def get_heatmap(
    request: Request,
    principal: ResultsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: OnePulse = None,
    unit: Unit = None,
    block: Block = None,
) -> Response:
    found = parts.library.heatmap(principal, report.Query(pulse=pulse, unit=unit, block=block))
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get("/trends", summary="Scores along a series", responses=table("One row a unit, block and pulse."))
def get_trends(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    unit: Unit = None,
    block: Block = None,
    since: Since = None,
    until: Until = None,
) -> Response:
    found = parts.library.trends(principal, report.Query(unit=unit, block=block, since=since, until=until))
    return table_reply(request, found, layout, lasting=False)


@router.get("/quality", summary="Aggregation statistics", responses=table("One row a pulse and block."))
def get_quality(
    request: Request,
    principal: AnalyticsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: AnyPulse = None,
    block: Block = None,
) -> Response:
    found = parts.library.findings(principal, "quality", report.Query(pulse=pulse, block=block), whole=True)
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get("/dictionary", summary="Every column of every table", responses=table("One row a column."))
def get_dictionary(request: Request, layout: LayoutAsked) -> Response:
    return table_reply(request, dictionary(), layout, lasting=False)


@router.get("/pulses/{pulse}/participation", summary="Response rates", responses=table("One row a unit."))
def get_participation(
    request: Request,
    principal: ResultsReader,
    parts: TheParts,
    pulse: str,
    layout: LayoutAsked,
) -> Response:
    released = parts.library.is_released(principal, pulse)
    found = (
        parts.library.participation(principal, report.Query(pulse=pulse))
        if released
        else running_participation(parts.runtime.database, principal, pulse)
    )
    return table_reply(request, found, layout, lasting=released)


@router.get(
    "/pulses/{pulse}/release",
    summary="The release, whole: canonical bytes and their digest",
    responses=document("Canonical JSON; its SHA-256 is in X-Release-Digest.", 401, 403, 404),
)
def get_release(request: Request, principal: ResultsReader, parts: TheParts, pulse: str) -> Response:
    content, digest = parts.library.release(principal, pulse)
    answer = reply(request, content, "application/json", lasting=True, immutable=True)
    answer.headers["X-Release-Digest"] = digest
    return answer


@router.get(
    "/pulses/{pulse}/findings",
    summary="By which method a release's findings were computed, and each table's digest",
    responses=document("The method and the digests; null while they are due.", 401, 403, 404),
)
def get_findings(request: Request, principal: AnalyticsReader, parts: TheParts, pulse: str) -> Response:
    found = stored_analysis(parts.runtime.database, principal, pulse)
    said = {"pulse": pulse, "method": found and found.method, "tables": found and found.digests}
    return reply(request, json.dumps(said).encode(), "application/json")


@router.get(
    "/pulses/{pulse}/attack-report",
    summary="What the adversary tried on this release, and what it got",
    responses=document("The report.", 404),
)
def get_attack_report(request: Request, parts: TheParts, pulse: str) -> Response:
    return reply(request, parts.library.attack_report(pulse), "application/json", lasting=True, immutable=True)
