"""Tells of requests, for whoever runs the service, but not of those that respondents' browsers make.

It stands behind the respondent's door, and tells nothing of a request before its route is known: what no route takes is
told of nowhere either, since browsers ask for icons and the like besides the pages they are shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.telemetry.seen import Seen, method_of

#: What a caller may say of the trace a request belongs to (W3C Trace Context); nothing else is taken from it.
_TRACE = ("traceparent", "tracestate")


class Watched:
    def __init__(self, app: ASGIApp, unseen: Collection[str], told: Sequence[Callable[[Seen], None]]) -> None:
        """`unseen` are the templates of routes of which nothing is told."""
        self._app, self._unseen, self._told = app, frozenset(unseen), told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, start, status = time.time_ns(), time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", None)
            if route is not None and route not in self._unseen:
                self._tell(scope, route, status, begun, time.perf_counter() - start)

    def _tell(self, scope: Scope, route: str, status: int, begun: int, seconds: float) -> None:
        headers = Headers(scope=scope)
        trace = {name: headers[name] for name in _TRACE if name in headers}
        seen = Seen(method_of(scope["method"]), route, status, begun, seconds, trace)
        for tell in self._told:
            tell(seen)
