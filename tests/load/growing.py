"""One worker beside two, and reads with and without a replica: `python -m tests.load.growing`.

On a machine of few cores the client and the database take their share: what two workers gain shows where there are
cores for them. Workers are killed in the last round, and what was acknowledged is compared with the release.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from service.store.database import Database
from service.store.replica import Replica, release_contents
from tests.faults.serving import Server, prepared, until_acknowledged
from tests.growing.test_workers import children, kill_one
from tests.load.client import get, load, post
from tests.load.ingest import body
from tests.postgres import PostgresServer

ITEMS = [f"{block}{number}" for block in ("WB", "SB", "PS", "PC", "CL") for number in (1, 2, 3)]
CONNECTIONS = 64


@dataclass
class Side:
    """A service with an open pulse; `tokens` are spent round by round."""

    server: Server
    key: dict[str, str]
    pulse: str
    tokens: list[str]

    def requests(self, count: int) -> list[bytes]:
        taken, self.tokens = self.tokens[:count], self.tokens[count:]
        return [post(f"/v1/pulses/{self.pulse}/responses", body(token, ITEMS)) for token in taken]

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.server.url, headers=self.key, timeout=300)


def side(stack: ExitStack, url: str, count: int, **environment: str) -> Side:
    folder = stack.enter_context(TemporaryDirectory())
    server = Server(url, REDWOOD_CUSTODY=f"file:{folder}", **environment)
    key = prepared(url, "manage", "results")
    server.start()
    stack.callback(server.process.terminate)
    with httpx.Client(base_url=server.url, headers=key, timeout=300) as client:
        client.put("/v1/roster", json={"units": [{"id": "all", "headcount": count}]}).raise_for_status()
        pulse = client.post("/v1/pulses", json={"instrument": "five-blocks", "items": ITEMS}).json()["id"]
        issued = client.post(f"/v1/pulses/{pulse}/invitations").json()["invitations"]
        client.post(f"/v1/pulses/{pulse}/open").raise_for_status()
    return Side(server, key, pulse, issued[0]["tokens"])


def memory(process: int) -> tuple[int, int]:
    """A process's own share of memory and what it has resident, in MB."""
    rows = (line.split() for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:])
    sizes = {row[0]: int(row[1]) // 1024 for row in rows}
    return sizes["Pss:"], sizes["Rss:"]


def ingest(sides: dict[str, Side], rounds: int, size: int) -> None:
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(rounds):
        for name, it in list(sides.items())[:: -1 if turn % 2 else 1]:
            run = asyncio.run(load(it.server.port, it.requests(size), CONNECTIONS))
            assert run.good == size, f"{name}: {size - run.good} were not accepted"
            rates[name].append(run.rate)
    median = {name: statistics.median(them) for name, them in rates.items()}
    for name, rate in median.items():
        process = sides[name].server.process.pid
        shares = [memory(it) for it in (process, *children(process))]
        told = ", ".join(f"{share} of {resident}" for share, resident in shares)
        print(f"{name:<12}{rate:>10,.0f} submissions/s   MB of each process, share of resident: {told}")
    print(f"two / one   {median['two workers'] / median['one worker']:>10.2f}x")


def survive(it: Side, kills: int) -> None:
    """What is left of the tokens is sent while workers are killed; a client that gets no answer sends again."""
    waiting, lost = list(it.tokens), len(it.tokens)

    async def respondent() -> None:
        async with httpx.AsyncClient(base_url=it.server.url, timeout=60) as client:
            while waiting:
                sent = {"token": waiting.pop(), "answers": dict.fromkeys(ITEMS, 3)}
                await until_acknowledged(client, f"/v1/pulses/{it.pulse}/responses", sent)

    async def killer() -> None:
        for number in range(kills):
            while len(waiting) > lost * (kills - number) / (kills + 1):
                await asyncio.sleep(0.005)
            await asyncio.to_thread(kill_one, it.server)

    async def both() -> None:
        await asyncio.gather(killer(), *(respondent() for _ in range(16)))

    asyncio.run(both())


def counted(it: Side) -> int:
    with it.client() as client:
        for step in ("close", "release"):
            client.post(f"/v1/pulses/{it.pulse}/{step}").raise_for_status()
        return int(client.get(f"/v1/pulses/{it.pulse}/participation").json()["data"][0]["n"])


def reads(it: Side, url: str, standby_url: str, count: int) -> None:
    """Over HTTP one reply is remembered; what a replica takes off the primary are contents, read here as often."""
    requests = [get(f"/v1/results?pulse={it.pulse}", f"Authorization: {it.key['Authorization']}\r\n")] * count
    print(f"remembered  {asyncio.run(load(it.server.port, requests, CONNECTIONS)).rate:>10,.0f} reads/s of two workers")
    primary, replica = Database(url), Replica(standby_url)
    with primary.read() as tx:
        organisation = str(tx.exec_driver_sql("SELECT organisation_id FROM release").scalar_one())
    for name, asked in (("primary", primary), ("replica", replica)):
        release_contents(asked, primary, organisation, [it.pulse])
        begun = time.perf_counter()
        for _ in range(count // 20):
            assert release_contents(asked, primary, organisation, [it.pulse])
        print(f"{name:<12}{count // 20 / (time.perf_counter() - begun):>10,.0f} releases/s read from the database")
    primary.dispose()
    replica.dispose()


def measure(rounds: int, size: int, kills: int) -> None:
    with ExitStack() as stack:
        postgres = PostgresServer()
        stack.callback(postgres.stop)
        standby = postgres.standby()
        stack.callback(standby.stop)
        one, two = postgres.create_database(), postgres.create_database()
        there = standby.url(two.rpartition("/")[2])
        every = size * rounds + size // 4
        sides = {
            "one worker": side(stack, one, every),
            "two workers": side(stack, two, every, REDWOOD_WORKERS="2", REDWOOD_REPLICA_URL=there),
        }
        ingest(sides, rounds, size)
        survive(sides["two workers"], kills)
        n = counted(sides["two workers"])
        print(f"with {kills} workers killed: {every:,} acknowledged, {n:,} in the release")
        assert n == every
        reads(sides["two workers"], two, there, size)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--size", type=int, default=20_000, help="submissions a round")
    options.add_argument("--kills", type=int, default=4)
    chosen = options.parse_args()
    measure(chosen.rounds, chosen.size, chosen.kills)
