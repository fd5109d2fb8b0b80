"""The respondent's door as plain ASGI: the one path where a framework would cost more than everything behind it."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.middleware import strict
from service.api.problems import reply_to
from service.api.routes.responding import take
from service.api.schemas import RESPONSE_LIMIT
from service.errors import RedwoodError
from service.operations.collect import Collection

_PATH = re.compile(r"/v1/pulses/([^/]+)/responses")

# Nothing to show, so nothing a browser must be told besides not to keep it.
_NOTHING: tuple[Message, Message] = (
    {"type": "http.response.start", "status": 204, "headers": [(b"cache-control", b"no-store")]},
    {"type": "http.response.body", "body": b""},
)


class Door:
    """Takes POSTs of responses itself and passes everything else on."""

    def __init__(self, app: ASGIApp, collection: Collection) -> None:
        self._app, self._collection = app, collection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        try:
            raw = await _body(receive)
            if raw is None:
                return
            await take(self._collection, found[1], raw)
        except RedwoodError as error:
            reply = reply_to(error)
            reply.raw_headers = strict(reply.raw_headers)
            await reply(scope, receive, send)
            return
        for message in _NOTHING:
            await send(message)


async def _body(receive: Receive) -> bytes | None:
    """The whole body, or as much of one that is too large as shows it; None when the sender left before its end."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > RESPONSE_LIMIT or not message.get("more_body"):
            return body
