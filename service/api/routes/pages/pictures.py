"""How a picture leaves a page: an SVG of its own, named after what it shows."""

from __future__ import annotations

from fastapi import Response

from service.pages.charts.taken import standalone


def picture(name: str, svg: str) -> Response:
    """`svg` as it stands on a page. Raises ValueError when it is no picture of ours."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}.svg"'}
    return Response(standalone(svg), 200, headers, media_type="image/svg+xml")
