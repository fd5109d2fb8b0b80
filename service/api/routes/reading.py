"""The reader's routes: released figures as tables, and nothing from before a release."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from service.api.access import ResultsReader
from service.api.documented import document, table
from service.api.parts import TheParts
from service.api.queries import AnyPulse, Block, By, OnePulse, Unit, only_declared
from service.api.replies import LayoutAsked, reply, table_reply
from service.exports.dictionary import dictionary
from service.operations import asked
from service.operations.participation import running_participation

router = APIRouter(prefix="/v1", tags=["read"], dependencies=[Depends(only_declared)])


@router.get(
    "/results",
    summary="Scores by unit, block and item",
    responses=table("results", "One row a unit, pulse and measure."),
)
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
    found = parts.library.results(principal, asked.Query(pulse=pulse, unit=unit, block=block, item=item, by=by))
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get("/heatmap", summary="Units by blocks", responses=table("heatmap", "One row a unit and block."))
def get_heatmap(
    request: Request,
    principal: ResultsReader,
    parts: TheParts,
    layout: LayoutAsked,
    pulse: OnePulse = None,
    unit: Unit = None,
    block: Block = None,
) -> Response:
    found = parts.library.heatmap(principal, asked.Query(pulse=pulse, unit=unit, block=block))
    return table_reply(request, found, layout, lasting=pulse is not None)


@router.get("/dictionary", summary="Every column of every table", responses=table("dictionary", "One row a column."))
def get_dictionary(
    request: Request,
    layout: LayoutAsked,
    table: Annotated[str | None, Query(description="The columns of this table only.")] = None,
) -> Response:
    return table_reply(request, dictionary(table), layout, lasting=False)


@router.get(
    "/pulses/{pulse}/participation", summary="Response rates", responses=table("participation", "One row a unit.")
)
def get_participation(
    request: Request,
    principal: ResultsReader,
    parts: TheParts,
    pulse: str,
    layout: LayoutAsked,
) -> Response:
    released = parts.library.is_released(principal, pulse)
    found = (
        parts.library.participation(principal, asked.Query(pulse=pulse))
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
    "/pulses/{pulse}/attack-report",
    summary="What the adversary tried on this release, and what it got",
    responses=document("The report.", 404),
)
def get_attack_report(request: Request, parts: TheParts, pulse: str) -> Response:
    return reply(request, parts.library.attack_report(pulse), "application/json", lasting=True, immutable=True)
