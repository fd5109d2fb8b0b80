"""`/dashboard/units`: every unit by every block that may be laid side by side, a branch and a page at a time."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.routes.pages.pictures import picture
from service.api.routes.pages.reader import Framed, ReaderRoute
from service.api.routes.pages.replies import page as reply
from service.errors import NotFound
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.units import heat_picture, units_page

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


@router.get("/dashboard/units")
def units(frame: Framed, branch: str = "", page: int = 1) -> Response:
    return reply(units_page(frame, known_branch(frame, branch), page))


@router.get("/dashboard/units/heatmap.svg")
def heat_map(frame: Framed, branch: str = "", page: int = 1) -> Response:
    return picture("heatmap", heat_picture(frame, known_branch(frame, branch), page))


def known_branch(frame: Frame, branch: str) -> str:
    """Raises NotFound for a unit the key may not see in this release, as for one that does not exist."""
    if branch and branch not in frame.visible:
        raise NotFound("unit")
    return branch
