"""Released tables over HTTP beside a raw ASGI reply of as many bytes: `python -m tests.load.reads`."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx

from tests.load.client import get, load
from tests.load.ingest import CONNECTIONS, REDWOOD, body, free_port, process

PATHS = ("/v1/heatmap?pulse={pulse}", "/v1/results?pulse={pulse}&unit=t1", "/v1/pulses/{pulse}/release")
TEAMS, PEOPLE = 40, 12


def released(port: int, key: dict[str, str]) -> str:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=key, timeout=120) as client:
        units = [{"id": "all", "headcount": 0}]
        units += [{"id": f"t{number}", "parent": "all", "headcount": PEOPLE} for number in range(TEAMS)]
        client.put("/v1/roster", json={"units": units}).raise_for_status()
        pulse = client.post("/v1/pulses", json={"instrument": "five-blocks"}).raise_for_status().json()
        path = f"/v1/pulses/{pulse['id']}"
        issued = client.post(f"{path}/invitations").raise_for_status().json()["invitations"]
        client.post(f"{path}/open").raise_for_status()
        for entry in issued:
            for token in entry["tokens"]:
                client.post(f"{path}/responses", content=body(token, pulse["items"])).raise_for_status()
        client.post(f"{path}/close").raise_for_status()
        client.post(f"{path}/release").raise_for_status()
        return str(pulse["id"])


def measure(rounds: int, size: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {"REDWOOD_DATABASE_URL": f"sqlite:///{folder / 'redwood.db'}"}

        def shell(*words: str) -> str:
            command = [sys.executable, "-c", REDWOOD, *words]
            done = subprocess.run(
                command, env={**os.environ, **environment}, check=True, capture_output=True, text=True
            )
            return done.stdout.strip()

        shell("migrate")
        shell("organisation", "create", "Reading Works")
        secret = shell("key", "create", "--scope", "manage", "--scope", "results", "--scope", "analytics")
        key = {"Authorization": f"Bearer {secret}"}
        port = free_port()
        started, pid = stack.enter_context(process(["-c", REDWOOD, "serve", "--port", str(port)], port, **environment))
        print(f"answers {started:.2f} s after its start (target 1.5 s), {memory(pid):.0f} MB (target 90 MB)")
        pulse = released(port, key)
        print(f"{'path':<40}{'bytes':>9}{'redwood/s':>12}{'raw/s':>10}{'ratio':>8}   target 0.6")
        for path in PATHS:
            compare(path, path.format(pulse=pulse), port, key, rounds, size)
        print(f"{memory(pid):.0f} MB after reading")


def compare(name: str, path: str, port: int, key: dict[str, str], rounds: int, size: int) -> None:
    length = len(httpx.get(f"http://127.0.0.1:{port}{path}", headers=key).content)
    request = get(path, f"Authorization: {key['Authorization']}\r\n")
    other = free_port()
    words = ["-m", "uvicorn", "tests.load.contenders:raw", "--port", str(other), "--no-access-log"]
    rates: dict[int, list[float]] = {port: [], other: []}
    with process([*words, "--log-level", "warning"], other, CONTENDER_BYTES=str(length)):
        for _ in range(rounds):
            for each in (port, other):
                run = asyncio.run(load(each, [request] * size, CONNECTIONS))
                assert run.good == size
                rates[each].append(run.rate)
    ours, raw = (statistics.median(rates[each]) for each in (port, other))
    print(f"{name:<40}{length:>9,}{ours:>12,.0f}{raw:>10,.0f}{ours / raw:>8.2f}")


def memory(pid: int) -> float:
    """Megabytes of the process that are in memory; Linux only."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--size", type=int, default=10_000, help="requests a round")
    chosen = options.parse_args()
    measure(chosen.rounds, chosen.size)
