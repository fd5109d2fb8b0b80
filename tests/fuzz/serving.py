"""A server of its own on a database of its own, with a little organisation, for whoever wants to harm it."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import text

from service.store.database import Database
from service.tokens.unlinkable import Holder, decoded

_REDWOOD = [sys.executable, "-c", "from service.cli import main; main()"]
#: Tables that reading fills: who read what, who is signed in, and what is computed once somebody asks.
_READ = {"audit", "session", "analysis", "finding", "forecast_gaps"}
PEOPLE = 30
ITEMS = ["WB1", "PS1", "CL1"]


@dataclass(frozen=True)
class Target:
    """Where it listens, and everything an insider could have: `keys` and `cookies` by name, unspent tokens of both
    kinds of one open pulse."""

    port: int
    url: str
    log: Path
    pulse: str
    keys: dict[str, str]
    cookies: dict[str, str]
    invitations: list[str]
    unlinkable: list[str]
    #: An invitation that was exchanged for one of these.
    exchanged: str

    def counts(self) -> dict[str, int]:
        """Rows of every table that only a request that succeeds may change."""
        database = Database(self.url)
        listing = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if database.is_sqlite
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        with database.read() as tx:
            names = [row[0] for row in tx.execute(text(listing)) if row[0] not in _READ]
            found = {name: tx.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in names}
        database.dispose()
        return found

    def answers(self) -> bool:
        return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=10).status_code == 204


@contextmanager
def served(url: str, folder: Path) -> Iterator[Target]:
    """`url` is that of an empty or a migrated database; what the server says goes into a file in `folder`."""
    environment = {**os.environ, "REDWOOD_DATABASE_URL": url, "REDWOOD_CUSTODY": f"file:{folder / 'keys'}"}

    def shell(*words: str) -> str:
        done = subprocess.run([*_REDWOOD, *words], env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    shell("migrate")
    shell("organisation", "create", "Fuzzed Works")
    keys = {"manage": shell("key", "create", "--scope", "manage", "--scope", "results", "--scope", "analytics")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "log"
    with log.open("wb") as said:
        words = [*_REDWOOD, "serve", "--port", str(port)]
        environment["REDWOOD_LOG_LEVEL"] = "debug"
        running = subprocess.Popen(words, env=environment, stdout=said, stderr=said)
        try:
            yield _target(url, port, log, keys)
        finally:
            running.terminate()
            running.wait()


def _target(url: str, port: int, log: Path, keys: dict[str, str]) -> Target:
    bearer = {"Authorization": f"Bearer {keys['manage']}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=bearer, timeout=60) as client:
        _wait(client)
        units = [{"id": "all", "headcount": 0}, {"id": "n1", "parent": "all", "headcount": PEOPLE}]
        client.put("/v1/roster", json={"units": units}).raise_for_status()
        body = {"instrument": "five-blocks", "items": ITEMS}
        pulse = client.post("/v1/pulses", json=body).raise_for_status().json()["id"]
        issued = client.post(f"/v1/pulses/{pulse}/invitations").raise_for_status().json()["invitations"]
        client.post(f"/v1/pulses/{pulse}/open").raise_for_status()
        signed = client.post("/dashboard/sign-in", data={"key": keys["manage"]})
        tokens = [token for entry in issued for token in entry["tokens"]]
        return Target(
            port=port,
            url=url,
            log=log,
            pulse=pulse,
            keys=keys,
            cookies=dict(signed.cookies),
            invitations=tokens[3:],
            unlinkable=[exchanged(client, pulse, token) for token in tokens[:3]],
            exchanged=tokens[0],
        )


def exchanged(client: httpx.Client, pulse: str, invitation: str) -> str:
    """The unlinkable token that one invitation is good for."""
    holder = Holder.blind(secrets.token_bytes(32))
    blinded = base64.urlsafe_b64encode(holder.blinded).rstrip(b"=").decode()
    asked = {"invitation": invitation, "blinded": blinded}
    got = client.post(f"/v1/pulses/{pulse}/tokens", json=asked, headers={"Authorization": ""}).raise_for_status().json()
    return holder.token(pulse, got["unit"], *(decoded(got[name]) for name in ("public_key", "evaluated", "proof")))


def _wait(client: httpx.Client) -> None:
    for _ in range(600):
        try:
            if client.get("/readyz").status_code == 204:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the server does not get ready")
