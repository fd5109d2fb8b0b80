"""`/healthz` and `/readyz`: is the process up, and can it do its work."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.documented import problems
from service.api.parts import TheParts

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
