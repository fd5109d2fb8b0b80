"""Replies that never change, kept as bytes before the application: a released figure is worked out once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.keyring import Keyring

#: Bytes kept; beyond them what was longest not asked for goes.
_ROOM = 64_000_000

_Key = tuple[str, str, bytes, bytes]


@dataclass(frozen=True, slots=True)
class _Kept:
    """Both messages of a reply, and those that say 'you have it already'."""

    start: Message
    body: Message
    etag: bytes
    unchanged: Message

    @property
    def size(self) -> int:
        return len(self.body["body"])


class Remembered:
    """Answers a GET from memory when the same key asked the same before and the reply was marked immutable.

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
        headers = dict(scope["headers"])
        principal = self._keyring.known(headers.get(b"authorization", b"").removeprefix(b"Bearer ").decode("latin-1"))
        if principal is None:
            await self._app(scope, receive, send)
            return
        key = (principal.key, scope["path"], scope["query_string"], headers.get(b"accept", b""))
        kept = self._kept.get(key)
        if kept is None:
            await self._app(scope, receive, self._keeping(key, send))
            return
        self._kept.move_to_end(key)
        if kept.etag in headers.get(b"if-none-match", b""):
            await send(kept.unchanged)
            await send({"type": "http.response.body", "body": b""})
        else:
            await send(kept.start)
            await send(kept.body)

    def _keeping(self, key: _Key, send: Send) -> Send:
        started: Message | None = None

        async def keep(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message if _is_immutable(message) else None
            elif message.get("more_body"):
                started = None  # streamed: never whole in one message
            elif started is not None:
                self._keep(key, started, message)
            await send(message)

        return keep

    def _keep(self, key: _Key, start: Message, body: Message) -> None:
        headers = list(start["headers"])
        etag = dict(headers)[b"etag"]
        same = [(name, value) for name, value in headers if name not in {b"content-length", b"content-type"}]
        kept = _Kept(start, body, etag, {**start, "status": 304, "headers": same})
        if kept.size > _ROOM // 8 or key in self._kept:
            return
        self._kept[key] = kept
        self._size += kept.size
        while self._size > _ROOM:
            self._size -= self._kept.popitem(last=False)[1].size


def _is_immutable(start: Message) -> bool:
    return start["status"] == 200 and b"immutable" in dict(start["headers"]).get(b"cache-control", b"")
