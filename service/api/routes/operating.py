"""`/healthz` and `/readyz`: is the process up, and can it do its work."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.documented import problems
from service.api.parts import TheParts
from service.errors import Unavailable

router = APIRouter(tags=["operate"])


@router.get("/healthz", status_code=204, response_class=Response, summary="The process answers")
async def healthz() -> Response:
    return Response(status_code=204)


@router.get(
    "/readyz", status_code=204, response_class=Response, summary="The database answers too", responses=problems()
)
def readyz(parts: TheParts) -> Response:
    if not parts.runtime.database.reachable():
        raise Unavailable("The database cannot be reached.")
    return Response(status_code=204)
