"""The pages put together, with the files they point at and the API reference."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.api.routes.pages import answer, overview, signing_in, tables
from service.api.routes.pages.replies import page, see
from service.errors import NotFound
from service.pages.assets import assets
from service.pages.reference import reference_page

router = APIRouter(include_in_schema=False)
for part in (answer, signing_in, overview, tables):
    router.include_router(part.router)


@router.get("/")
def home() -> Response:
    return see("/dashboard")


@router.get("/docs")
def reference(request: Request) -> Response:
    return page(reference_page(request.app.openapi()))


@router.get("/static/{name}")
def static(name: str, v: str = "") -> Response:
    """Kept for good under the address that carries the file's own hash, asked for anew under any other."""
    asset = assets().get(name)
    if asset is None:
        raise NotFound("file")
    kept = "public, max-age=31536000, immutable" if v == asset.version else "no-cache"
    return Response(asset.content, 200, {"Cache-Control": kept}, media_type=asset.media_type)
