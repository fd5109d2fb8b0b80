"""Saying in time that an operation will go: in the contract, and with every answer it still gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def announced(since: date, sunset: date, guide: str) -> dict[str, Any]:
    """Options of a route that is deprecated `since` a day and may be gone from the day `sunset` on (UTC).

    `guide` is the address of a page that says what to use instead. Raises ValueError for less than half a year, which
    is what the contract promises.
    """
    if (sunset - since).days < 180:
        raise ValueError("whoever relies on an operation gets half a year to move")
    said = {"x-deprecated": since.isoformat(), "x-sunset": sunset.isoformat(), "x-guide": guide}
    return {"deprecated": True, "openapi_extra": said}


class Deprecation:
    """Adds Deprecation (RFC 9745), Sunset (RFC 8594) and where to read on to answers of routes that were announced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def saying(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = getattr(scope.get("route"), "openapi_extra", None) or {}
                if "x-sunset" in said:
                    message = {**message, "headers": [*message["headers"], *_headers(said)]}
            await send(message)

        await self._app(scope, receive, saying if scope["type"] == "http" else send)


def _headers(said: dict[str, str]) -> list[tuple[bytes, bytes]]:
    since, sunset = _first_second(said["x-deprecated"]), _first_second(said["x-sunset"])
    fields = {
        "deprecation": f"@{int(since.timestamp())}",
        "sunset": format_datetime(sunset, usegmt=True),
        "link": f'<{said["x-guide"]}>; rel="deprecation"; type="text/html", <{said["x-guide"]}>; rel="sunset"',
    }
    return [(name.encode(), value.encode()) for name, value in fields.items()]


def _first_second(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)
