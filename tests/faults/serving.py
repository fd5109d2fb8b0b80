"""`redwood serve` as a process of its own, which may be killed at any moment and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from service.operations import access
from service.store.database import Database
from service.store.migrate import upgrade

REDWOOD = [sys.executable, "-c", "from service.cli import main; main()"]
SECONDS_TO_START = 180


class Server:
    def __init__(self, database_url: str, **environment: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "REDWOOD_DATABASE_URL": database_url, **environment}

    def start(self) -> None:
        """Return when it is ready."""
        self.process = subprocess.Popen([*REDWOOD, "serve", "--port", str(self.port)], env=self.environment)
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if self.status("/readyz") == 204:
                return
            time.sleep(0.02)
        last = self.said("/readyz")
        raise AssertionError(f"the server does not get ready: {last!r} {getattr(last, 'text', '')}")

    def status(self, path: str) -> int | None:
        """What it answers, None where nobody does."""
        reply = self.said(path)
        return reply.status_code if isinstance(reply, httpx.Response) else None

    def said(self, path: str) -> httpx.Response | httpx.TransportError:
        try:
            return httpx.get(f"{self.url}{path}", timeout=20)
        except httpx.TransportError as error:
            return error

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def prepared(database_url: str, *scopes: str) -> dict[str, str]:
    """Tables, an organisation, and the header of a key, made here: a process for each would take seconds."""
    database = Database(database_url)
    upgrade(database)
    organisation = access.create_organisation(database, "Killed Works")
    secret = access.create_key(database, organisation, list(scopes), None, "test")
    database.dispose()
    return {"Authorization": f"Bearer {secret}"}


@contextmanager
def serving(database_url: str, **environment: str) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server on a database that is migrated for it, and the header of a key."""
    server = Server(database_url, **environment)
    key = prepared(database_url, "manage", "results")
    server.start()
    try:
        yield server, key
    finally:
        server.kill()


async def until_acknowledged(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    """What a good front end does: the very same submission again until there is an answer."""
    for _ in range(2_000):
        try:
            reply = await client.post(path, json=body)
        except httpx.TransportError:
            await asyncio.sleep(0.02)
            continue
        if reply.status_code == 204:
            return
        assert reply.status_code == 503, reply.text
        await asyncio.sleep(0.02)
    raise AssertionError("never acknowledged")
