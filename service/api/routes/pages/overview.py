"""`/dashboard`: how an organisation, or the part of it a key reaches, stands."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.routes.pages.reader import Framed, ReaderRoute
from service.api.routes.pages.replies import page
from service.pages.dashboard.overview import overview_page

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


@router.get("/dashboard")
def overview(frame: Framed) -> Response:
    return page(overview_page(frame))
