"""An ASGI application called without a client between: what goes in is exactly what is said, what comes out is all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from fastapi.routing import iter_route_contexts

#: A place of its own for each call: how many wrong keys may come from one place is tested elsewhere.
_PLACES = itertools.cycle(range(65_536))


@dataclass(frozen=True)
class Reply:
    """Everything a caller gets to see; two that are equal tell the same."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value.decode("latin-1") for known, value in self.headers if known == name.encode()), "")

    @property
    def without_body(self) -> tuple[int, tuple[tuple[bytes, bytes], ...]]:
        return self.status, self.headers

    def __str__(self) -> str:
        return f"{self.status} {dict(self.headers)} {self.body[:300]!r}"


async def call(
    app: Any, method: str, address: str, headers: Mapping[str, str | bytes] | None = None, body: bytes = b""
) -> Reply:
    """One request over ASGI, as a server hands it over; headers that are words are sent as UTF-8."""
    path, _, query = address.partition("?")
    sent = {"host": "redwood", **({"content-length": str(len(body))} if body else {}), **(headers or {})}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), _bytes(value)) for name, value in sent.items()],
        "client": (f"fd00:0:{next(_PLACES):x}::1", 1),
        "server": ("redwood", 80),
    }
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start = messages[0]
    content = b"".join(message.get("body", b"") for message in messages[1:])
    return Reply(start["status"], tuple(sorted((bytes(k), bytes(v)) for k, v in start["headers"])), content)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def routes(app: Any) -> Iterator[tuple[str, str]]:
    """Method and path of everything the application routes, in whatever router it stands; HEAD only without a GET.

    A mounted application would have routes this cannot see, and is an error."""
    for context in iter_route_contexts(app.routes):
        methods = getattr(context, "methods", None)
        if not methods:
            raise AssertionError(f"{context!r} is no plain route: say here how its routes are found")
        for method in sorted(methods - {"HEAD"}):
            yield method, context.path
