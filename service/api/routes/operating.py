"""`/healthz`, `/readyz` and `/metrics`: is the process up, can it do its work, and how does it fare."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from service.api.documented import problems
from service.api.parts import TheParts
from service.telemetry.metrics import MEDIA_TYPE

router = APIRouter(tags=["operate"])


@router.get("/healthz", status_code=204, response_class=Response, summary="The process answers, and no more is said")
async def healthz() -> Response:
    return Response(status_code=204)


@router.get(
    "/readyz",
    status_code=204,
    response_class=Response,
    summary="The database answers, is of this version and can be written, and submissions are being taken",
    responses=problems(),
)
async def readyz(parts: TheParts) -> Response:
    await parts.readiness.require()
    return Response(status_code=204)


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    summary="Figures for Prometheus, in which no respondent shows; for the machines beside this one only",
)
def metrics(parts: TheParts) -> Response:
    return Response(parts.metrics.text(), media_type=MEDIA_TYPE)
