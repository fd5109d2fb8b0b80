"""`kill -9` of the server and of PostgreSQL under load: what was acknowledged is there once."""

from __future__ import annotations

import asyncio
import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.serving import REDWOOD, Server, prepared, serving, until_acknowledged

PEOPLE = 240
KILLS = 2


def set_up(server: Server, key: dict[str, str]) -> tuple[str, list[str]]:
    with httpx.Client(base_url=server.url, headers=key, timeout=30) as client:
        units = [{"id": "all", "headcount": 0}, {"id": "many", "parent": "all", "headcount": PEOPLE}]
        client.put("/v1/roster", json={"units": units}).raise_for_status()
        pulse = client.post("/v1/pulses", json={"instrument": "five-blocks"}).raise_for_status().json()["id"]
        issued = client.post(f"/v1/pulses/{pulse}/invitations").raise_for_status().json()["invitations"]
        client.post(f"/v1/pulses/{pulse}/open").raise_for_status()
        return pulse, issued[0]["tokens"]


def outcome(server: Server, key: dict[str, str], pulse: str) -> tuple[int, float]:
    with httpx.Client(base_url=server.url, headers=key, timeout=60) as client:
        client.post(f"/v1/pulses/{pulse}/close").raise_for_status()
        client.post(f"/v1/pulses/{pulse}/release").raise_for_status()
        rows = client.get(f"/v1/results?pulse={pulse}&unit=many&item=WB1").raise_for_status().json()["data"]
        return rows[0]["n"], rows[0]["mean"]


async def answer_all(server: Server, pulse: str, tokens: list[str], answers: list[int], disturb: Any) -> None:
    waiting = list(zip(tokens, answers, strict=True))
    left = len(waiting)

    async def respondent(client: httpx.AsyncClient) -> None:
        nonlocal left
        while waiting:
            token, answer = waiting.pop()
            body = {"token": token, "answers": {"WB1": answer}}
            await until_acknowledged(client, f"/v1/pulses/{pulse}/responses", body)
            left -= 1

    async with httpx.AsyncClient(base_url=server.url, timeout=5) as client:
        work = asyncio.gather(*(respondent(client) for _ in range(20)))
        for kill in range(1, KILLS + 1):
            while left > PEOPLE * (KILLS + 1 - kill) // (KILLS + 1):
                await asyncio.sleep(0.001)
            await asyncio.to_thread(disturb)
        await work


def test_killing_the_server_loses_nothing_and_counts_nothing_twice(database_url: str) -> None:
    answers = random.Random(3).choices([1, 2, 3, 4, 5], k=PEOPLE)
    with serving(database_url) as (server, key):
        pulse, tokens = set_up(server, key)

        def disturb() -> None:
            server.kill()
            server.start()

        asyncio.run(answer_all(server, pulse, tokens, answers, disturb))
        n, mean = outcome(server, key, pulse)
    assert (n, mean) == (PEOPLE, pytest.approx(sum(answers) / PEOPLE, rel=1e-12))


def test_killing_postgresql_loses_nothing_and_counts_nothing_twice(postgres_server: Any) -> None:
    answers = random.Random(4).choices([1, 2, 3, 4, 5], k=PEOPLE)
    with serving(postgres_server.create_database()) as (server, key):
        pulse, tokens = set_up(server, key)

        def disturb() -> None:
            postgres_server.kill()
            postgres_server.start()

        asyncio.run(answer_all(server, pulse, tokens, answers, disturb))
        n, mean = outcome(server, key, pulse)
    assert (n, mean) == (PEOPLE, pytest.approx(sum(answers) / PEOPLE, rel=1e-12))


def dump_all_that_may_be() -> None:
    """What a careless machine would do with the memory of a process that dies of a fault."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_server_logs_nothing_of_a_respondent(database_url: str, tmp_path: Path) -> None:
    server = Server(database_url)
    key = prepared(database_url, "manage")
    log = tmp_path / "log"
    with log.open("wb") as handle:
        environment = {**server.environment, "REDWOOD_LOG_LEVEL": "debug"}
        process = subprocess.Popen(
            [*REDWOOD, "serve", "--port", str(server.port)],
            env=environment,
            stdout=handle,
            stderr=handle,
            preexec_fn=dump_all_that_may_be,
        )
    try:
        for _ in range(600):
            try:
                httpx.get(f"{server.url}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        if sys.platform == "linux":  # elsewhere nobody but the process itself is told
            assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 0)
        pulse, tokens = set_up(server, key)
        path = f"{server.url}/v1/pulses/{pulse}/responses"
        replies = [
            httpx.post(path, json={"token": tokens[0], "answers": {"WB1": 4}}),
            httpx.post(path, json={"token": tokens[0], "answers": {"WB1": 9, "secret-item": 1}}),
            httpx.post(path, content=b'{"token": "se'),
        ]
    finally:
        process.terminate()
        process.wait()
    said = log.read_text()
    for leak in (pulse, "responses", tokens[0], "secret-item", "127.0.0.1:5"):
        assert leak not in said
    for reply in replies:
        assert {"date", "server", "set-cookie"}.isdisjoint(reply.headers)
        assert "secret-item" not in reply.text
