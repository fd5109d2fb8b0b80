"""The pages put together, with the files they point at."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.routes.pages import (
    answer,
    archetypes,
    attack_report,
    changes,
    drivers,
    forecast,
    invitations,
    lenses,
    letters,
    manage_life,
    manage_people,
    manage_pulses,
    manage_roster,
    manage_schedules,
    manage_setup,
    overview,
    provider,
    quality,
    reference,
    report,
    signing_in,
    tables,
    unit,
    units,
)
from service.api.routes.pages.replies import see
from service.errors import NotFound
from service.pages.assets import assets

router = APIRouter(include_in_schema=False)
#: In order: `/manage/pulse/invite` is one page, `/manage/pulse/{step}` any of several.
_PARTS = (
    answer,
    attack_report,
    archetypes,
    drivers,
    forecast,
    lenses,
    quality,
    reference,
    units,
    changes,
    signing_in,
    provider,
    overview,
    tables,
    manage_roster,
    manage_people,
    manage_pulses,
    invitations,
    letters,
    manage_life,
    unit,
    report,
    manage_setup,
    manage_schedules,
)
for part in _PARTS:
    router.include_router(part.router)


@router.get("/")
def home() -> Response:
    return see("/dashboard")


@router.get("/static/{name}")
def static(name: str, v: str = "") -> Response:
    """Kept for good under the address that carries the file's own hash, asked for anew under any other."""
    asset = assets().get(name)
    if asset is None:
        raise NotFound("file")
    kept = "public, max-age=31536000, immutable" if v == asset.version else "no-cache"
    return Response(asset.content, 200, {"Cache-Control": kept}, media_type=asset.media_type)
