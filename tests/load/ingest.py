"""Ingest beside a bare echo, the usual endpoints and itself unsealed, all in one run: `python -m tests.load.ingest`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from service.tokens.unlinkable import NONCE, Unlinkable, class_key, written
from tests.load.client import Run, load, post
from tests.load.exchanging import exchange_past_the_service
from tests.postgres import PostgresServer

ITEMS = 15
CONNECTIONS = 64
REDWOOD = "from service.cli import main; main()"
UNSEALED = "from tests.load.contenders import unsealed; unsealed()"


@dataclass(frozen=True)
class Target:
    """`this` carries at least `least` times the requests of `that`."""

    this: str
    that: str
    least: float


TARGETS = (
    Target("redwood, PostgreSQL", "echo", 1.2),
    Target("redwood, PostgreSQL", "one transaction each", 6),
    Target("redwood, SQLite", "aiosqlite each", 4),
    Target("redwood, PostgreSQL", "unsealed, PostgreSQL", 0.9),
    Target("redwood, SQLite", "unsealed, SQLite", 0.9),
    Target("unlinkable, PostgreSQL", "redwood, PostgreSQL", 0),
    Target("unlinkable, SQLite", "redwood, SQLite", 0),
)
LATENCY = (("redwood, PostgreSQL", 5), ("redwood, SQLite", 5))


@dataclass
class Side:
    """A server under load, and the requests it still has to be sent."""

    port: int
    requests: list[bytes]
    share: int

    def take(self) -> list[bytes]:
        taken, self.requests = self.requests[: self.share], self.requests[self.share :]
        return taken


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def process(words: list[str], port: int, **environment: str) -> Iterator[tuple[float, int]]:
    """A server that runs while the block does; gives the seconds it took until it answered, and its process id."""
    begun = time.perf_counter()
    running = subprocess.Popen([sys.executable, *words], env={**os.environ, **environment})
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                if running.poll() is not None:
                    raise
                time.sleep(0.01)
        yield time.perf_counter() - begun, running.pid
    finally:
        running.terminate()
        running.wait()


def contender(stack: ExitStack, name: str, bodies: list[bytes], **environment: str) -> Side:
    port = free_port()
    words = ["-m", "uvicorn", f"tests.load.contenders:{name}", "--factory", "--port", str(port)]
    stack.enter_context(process([*words, "--no-access-log", "--log-level", "warning"], port, **environment))
    return Side(port, [post("/responses", body) for body in bodies], 0)


@dataclass
class Pulse:
    """An open pulse of a Redwood of its own, and the tokens it takes."""

    port: int
    id: str
    key: dict[str, str]
    items: list[str]
    tokens: list[str]
    folder: Path
    url: str

    def side(self) -> Side:
        return Side(self.port, [post(f"/v1/pulses/{self.id}/responses", body(it, self.items)) for it in self.tokens], 0)

    def exchanged(self) -> Side:
        """Another unlinkable token for each plain one: made with the seed, past the exchange, which is not measured."""
        issuer = class_key((self.folder / f"{self.id}.tokens").read_bytes(), self.id, "all")
        exchange_past_the_service(self.url, self.id, self.tokens)
        nonces = [os.urandom(NONCE) for _ in self.tokens]
        self.tokens = [written(Unlinkable(self.id, "all", nonce, issuer.output(nonce))) for nonce in nonces]
        return self.side()


def redwood(stack: ExitStack, url: str, count: int, program: str = REDWOOD) -> Pulse:
    """Redwood with an open pulse of `count` tokens."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    environment = {"REDWOOD_DATABASE_URL": url, "REDWOOD_CUSTODY": f"file:{folder}"}

    def shell(*words: str) -> str:
        command = [sys.executable, "-c", REDWOOD, *words]
        done = subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    shell("migrate")
    shell("organisation", "create", "Load Works")
    key = {"Authorization": "Bearer " + shell("key", "create", "--scope", "manage", "--scope", "results")}
    port = free_port()
    started, _ = stack.enter_context(process(["-c", program, "serve", "--port", str(port)], port, **environment))
    print(f"{url.partition(':')[0]:<12} answers {started:.2f} s after its start (target 1.5 s)")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=key, timeout=120) as client:
        client.put("/v1/roster", json={"units": [{"id": "all", "headcount": count}]}).raise_for_status()
        items = [f"{block}{number}" for block in ("WB", "SB", "PS", "PC", "CL") for number in (1, 2, 3)]
        pulse = client.post("/v1/pulses", json={"instrument": "five-blocks", "items": items}).raise_for_status()
        id = pulse.json()["id"]
        issued = client.post(f"/v1/pulses/{id}/invitations").raise_for_status().json()
        client.post(f"/v1/pulses/{id}/open").raise_for_status()
    return Pulse(port, id, key, items, issued["invitations"][0]["tokens"], folder, url)


def body(token: str, items: list[str]) -> bytes:
    return json.dumps({"token": token, "answers": {item: random.randint(1, 5) for item in items}}).encode()


def counted(pulse: Pulse) -> int:
    """How many responses the release says there were."""
    with httpx.Client(base_url=f"http://127.0.0.1:{pulse.port}", headers=pulse.key, timeout=120) as client:
        client.post(f"/v1/pulses/{pulse.id}/close").raise_for_status()
        client.post(f"/v1/pulses/{pulse.id}/release").raise_for_status()
        rows = client.get(f"/v1/pulses/{pulse.id}/participation").raise_for_status().json()["data"]
        return int(rows[0]["n"])


def measure(rounds: int, size: int) -> None:
    random.seed(1)
    items = [f"Q{number}" for number in range(ITEMS)]
    slow = size // 5

    def bodies(count: int) -> list[bytes]:
        return [body(f"token-{number}", items) for number in range(count)]

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = PostgresServer()
        stack.callback(postgres.stop)

        def pulse(name: str, kind: str, program: str = REDWOOD) -> Pulse:
            url = postgres.create_database() if kind == "PostgreSQL" else f"sqlite:///{folder / name}.db"
            return redwood(stack, url, size * rounds, program)

        kinds = ("PostgreSQL", "SQLite")
        ours = {f"{name}, {kind}": pulse(name, kind) for kind in kinds for name in ("redwood", "unlinkable")}
        # Turns of what is compared most closely follow each other, so that the machine is the same for both.
        sides = {
            "echo": contender(stack, "echo", bodies(size * rounds)),
            "redwood, PostgreSQL": ours["redwood, PostgreSQL"].side(),
            "unsealed, PostgreSQL": pulse("unsealed", "PostgreSQL", UNSEALED).side(),
            "unlinkable, PostgreSQL": ours["unlinkable, PostgreSQL"].exchanged(),
            "one transaction each": contender(
                stack,
                "one_transaction_each",
                bodies(slow * rounds),
                CONTENDER_URL=postgres.create_database().replace("postgresql:", "postgresql+asyncpg:"),
            ),
            "redwood, SQLite": ours["redwood, SQLite"].side(),
            "unsealed, SQLite": pulse("unsealed", "SQLite", UNSEALED).side(),
            "unlinkable, SQLite": ours["unlinkable, SQLite"].exchanged(),
            "aiosqlite each": contender(
                stack, "aiosqlite_each", bodies(slow * rounds), CONTENDER_FILE=str(folder / "usual.db")
            ),
        }
        runs: dict[str, list[Run]] = {name: [] for name in sides}
        for side in sides.values():
            side.share = len(side.requests) // rounds
        for turn in range(rounds):
            # Every other round goes backwards: who comes after whom tells nothing.
            for name, side in list(sides.items())[:: -1 if turn % 2 else 1]:
                requests = side.take()
                run = asyncio.run(load(side.port, requests, CONNECTIONS))
                assert run.good == len(requests), f"{name}: {len(requests) - run.good} were not accepted"
                runs[name].append(run)
        report(runs)
        for name, mine in ours.items():
            n = counted(mine)
            print(f"{name}: {size * rounds} acknowledged, {n} in the release")
            assert n == size * rounds


def report(runs: dict[str, list[Run]]) -> None:
    print(f"\n{'side':<24}{'requests/s':>12}{'p99 ms':>10}   median of {len(runs['echo'])} rounds, in turn")
    for name, done in runs.items():
        print(f"{name:<24}{rate(done):>12,.0f}{1000 * p99(done):>10.1f}")
    print(f"\n{'ratio':<52}{'measured':>10}{'target':>10}")
    for target in TARGETS:
        ratio = rate(runs[target.this]) / rate(runs[target.that])
        least = f">= {target.least:g}" if target.least else "none"
        print(f"{f'{target.this} / {target.that}':<52}{ratio:>9.2f}x{least:>10}")
    for name, most in LATENCY:
        ratio = p99(runs[name]) / p99(runs["echo"])
        print(f"{f'p99 of {name} / echo':<52}{ratio:>9.2f}x{'< ' + format(most, 'g'):>10}")


def rate(runs: list[Run]) -> float:
    return statistics.median(run.rate for run in runs)


def p99(runs: list[Run]) -> float:
    return statistics.median(run.p99 for run in runs)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--size", type=int, default=20_000, help="requests a round; a fifth for the slow sides")
    chosen = options.parse_args()
    measure(chosen.rounds, chosen.size)
