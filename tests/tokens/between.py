"""Somebody between client and server, who reads everything and may lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx

#: A lie: what becomes of a reply, given the path, what was sent and what was said, both as JSON.
Lie = Callable[[str, dict[str, Any], dict[str, Any]], dict[str, Any]]


@dataclass
class Seen:
    path: str
    headers: dict[str, str]
    body: bytes
    connection: tuple[str, int]
    status: int


@dataclass
class Between:
    """A server in the server's place: hands everything on, notes what it saw, and tells `lie` instead of the truth."""

    behind: str
    lie: Lie
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    def paths(self) -> list[str]:
        """The last part of each path that was asked for; what stood behind refused none of them."""
        assert all(one.status in {200, 204} for one in self.seen)
        return [one.path.rpartition("/")[2].partition("?")[0] for one in self.seen]

    def replied(self, handler: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        kind = {"Content-Type": headers.get("content-type", "")}
        reply = httpx.request(handler.command, self.behind + handler.path, content=body, headers=kind)
        self.seen.append(Seen(handler.path, headers, body, handler.client_address, reply.status_code))
        if reply.status_code != 200:
            return reply.status_code, reply.content
        lied = self.lie(handler.path, json.loads(body) if body else {}, reply.json())
        return 200, json.dumps(lied).encode()


def handler_of(between: Between) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, content = between.replied(self)
            self.send_response(status)
            self.send_header("Set-Cookie", "known=again; Path=/")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *words: Any) -> None: ...

    return Handler
