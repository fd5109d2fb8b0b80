"""Replies that never change, kept as bytes before the application: a released figure is worked out once."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.keyring import Keyring
from service.api.replies import LASTING, is_held

#: Bytes kept; beyond them what was longest not asked for goes.
_ROOM = 64_000_000
#: Bytes of path, query and Accept; a request with more of them is not one that comes again.
_LONGEST = 2_000
#: Bytes that the objects of one reply take besides what they hold.
_OBJECTS = 2_000

#: Who asks what, and on which day: that a key read it is recorded once a day, by the application. Whoever a provider
#: knows has one number in whatever role they come, so what the role gives stands beside it.
_Key = tuple[str, str, str | None, frozenset[str], int, str, bytes, str]


@dataclass(frozen=True, slots=True)
class _Kept:
    """Both messages of a reply, the route that made it, and what says 'you have it already'."""

    start: Message
    body: Message
    route: object
    etag: str
    unchanged: Message
    size: int


class Remembered:
    """Answers a GET from memory when the same key asked the same before and the reply was marked lasting.

    A key is checked anew as often as the keyring does. Nothing about a request without a key is remembered.
    """

    def __init__(self, app: ASGIApp, keyring: Keyring) -> None:
        self._app, self._keyring = app, keyring
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = self._key(scope, headers)
        if key is None:
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(key)
        if kept is None:
            await self._app(scope, receive, self._keeping(key, scope, send))
            return
        self._kept.move_to_end(key)
        scope["route"] = kept.route
        if is_held(headers, kept.etag):
            await send(kept.unchanged)
            await send({"type": "http.response.body", "body": b""})
        else:
            await send(kept.start)
            await send(kept.body)

    def _key(self, scope: Scope, headers: Headers) -> _Key | None:
        """What the reply hangs on; None when it is not to be remembered. Headers are read as the application does."""
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        principal = self._keyring.known(secret) if scheme.lower() == "bearer" else None
        if principal is None:
            return None
        key = (
            principal.organisation,
            principal.key,
            principal.unit,
            principal.scopes,
            int(time.time()) // 86_400,
            scope["path"],
            scope["query_string"],
            ",".join(headers.getlist("accept")),
        )
        return key if _length(key[5:]) <= _LONGEST else None

    def _keeping(self, key: _Key, scope: Scope, send: Send) -> Send:
        started: Message | None = None

        async def keep(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message if message["status"] == 200 and LASTING in scope else None
            elif message.get("more_body"):
                started = None  # streamed: never whole in one message
            elif started is not None:
                self._keep(key, started, message, scope.get("route"))
            await send(message)

        return keep

    def _keep(self, key: _Key, start: Message, body: Message, route: object) -> None:
        headers = list(start["headers"])
        etag = dict(headers)[b"etag"].decode("latin-1")
        same = [(name, value) for name, value in headers if name not in {b"content-length", b"content-type"}]
        size = len(body["body"]) + _length(key[5:]) + sum(map(_length, headers)) + _OBJECTS
        kept = _Kept(start, body, route, etag, {**start, "status": 304, "headers": same}, size)
        if kept.size > _ROOM // 8 or key in self._kept:
            return
        self._kept[key] = kept
        self._size += kept.size
        while self._size > _ROOM:
            self._size -= self._kept.popitem(last=False)[1].size


def _length(parts: Iterable[str | bytes]) -> int:
    return sum(map(len, parts))
