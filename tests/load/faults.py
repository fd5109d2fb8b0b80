"""Everybody answers while everything is killed: `python -m tests.load.faults [--database sqlite|postgresql]`.

Several pulses, plain and unlinkable tokens, front ends that send again and some that send twice differently, servers
and the database killed with `kill -9`, backups all the while. Then every pulse is closed, one under a kill, and what is
released is compared with what the driver knows was acknowledged. Exit code 1 when anything is off.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from service.custody.folder import Folder
from service.store import copying
from service.store.database import Database
from service.store.tables import invitation, redemption, response
from service.tokens.unlinkable import Holder, Unlinkable, class_key, decoded, encoded, written
from tests.faults.serving import REDWOOD, Server, prepared
from tests.load.exchanging import exchange_past_the_service
from tests.postgres import PostgresServer

ITEMS = ("WB1", "SB1", "PS1", "PC1", "CL1")
PULSES, UNITS = 4, 24
CONNECTIONS = 48

#: Shares of all submissions: with an unlinkable token; those of them exchanged over HTTP; sent again once it is
#: acknowledged; sent with two different answers at once; and, on top, with a token nobody issued.
UNLINKABLE, EXCHANGED, AGAIN, RIVALS, FORGED = 0.4, 0.05, 0.05, 0.03, 0.02


@dataclass(frozen=True)
class Sheet:
    """What one respondent means to send: `other` too, at the same time, where she cannot make up her mind."""

    pulse: str
    unit: str
    token: str
    answers: tuple[int, ...]
    other: tuple[int, ...] | None = None
    exchange: bool = False
    forged: bool = False


@dataclass
class Books:
    """The driver's own arithmetic, and what it saw on the way."""

    seen: Counter[str] = field(default_factory=Counter)
    people: Counter[tuple[str, str]] = field(default_factory=Counter)
    sums: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    off: list[str] = field(default_factory=list)

    def stands(self, sheet: Sheet, answers: tuple[int, ...]) -> None:
        self.seen["acknowledged"] += 1
        self.people[sheet.pulse, sheet.unit] += 1
        for item, answer in zip(ITEMS, answers, strict=True):
            self.sums[sheet.pulse, sheet.unit, item] += answer

    def hold(self, what: bool, otherwise: str) -> None:
        if not what:
            self.off.append(otherwise)


class Line:
    """One connection of one front end: whatever breaks, the same request goes out again, to any server."""

    def __init__(self, servers: list[Server], books: Books) -> None:
        self._servers, self._books = servers, books
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """The first answer that says something: not 503, and not 404, which a stranger's outage does not make."""
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: redwood\r\nContent-Type: application/json\r\n"
        request = f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
        while True:
            self._books.seen["requests"] += 1
            try:
                status, said = await asyncio.wait_for(self._ask(request), 20)
            except (OSError, EOFError, TimeoutError):
                self._books.seen["cut off"] += 1
                self._drop()
                await asyncio.sleep(random.uniform(0.1, 0.5))
                continue
            if status != 503:
                return status, said
            self._books.seen["503"] += 1
            self._drop()
            await asyncio.sleep(random.uniform(0.1, 0.5))

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", random.choice(self._servers).port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, found, rest = head.partition(b"content-length: ")
        length = int(rest.partition(b"\r")[0]) if found else 0
        return int(head[9:12]), await reader.readexactly(length)

    def _drop(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    close = _drop


async def respond(lines: tuple[Line, Line], sheet: Sheet, books: Books) -> None:
    """One respondent from her invitation to the last answer, each checked."""
    line, second = lines
    path = f"/v1/pulses/{sheet.pulse}/responses"
    token = await exchanged(line, sheet, books) if sheet.exchange else sheet.token

    def body(answers: tuple[int, ...]) -> dict[str, Any]:
        return {"token": token, "answers": dict(zip(ITEMS, answers, strict=True))}

    if sheet.forged:
        status, _ = await line.post(path, body(sheet.answers))
        books.hold(status == 403, f"a forged token was answered {status}")
        return
    if sheet.other is None:
        status, _ = await line.post(path, body(sheet.answers))
        books.hold(status == 204, f"a submission was answered {status}")
        stood = sheet.answers
    else:
        replies = await asyncio.gather(line.post(path, body(sheet.answers)), second.post(path, body(sheet.other)))
        statuses = [status for status, _ in replies]
        books.hold(sorted(statuses) == [204, 403], f"two answers on one token were answered {statuses}")
        stood = sheet.answers if statuses[0] == 204 else sheet.other
    books.stands(sheet, stood)
    if random.random() < AGAIN:
        status, _ = await second.post(path, body(stood))
        books.hold(status == 204, f"the very same again was answered {status}")


async def exchanged(line: Line, sheet: Sheet, books: Books) -> str:
    """An unlinkable token for an invitation, over HTTP, the very same request again until it is answered."""
    holder = Holder.blind(os.urandom(32))
    body = {"invitation": sheet.token, "blinded": encoded(holder.blinded)}
    status, said = await line.post(f"/v1/pulses/{sheet.pulse}/tokens", body)
    books.hold(status == 200, f"an exchange was answered {status}")
    made = json.loads(said)
    books.seen["exchanged"] += 1
    parts = (decoded(made[name]) for name in ("public_key", "evaluated", "proof"))
    return holder.token(sheet.pulse, sheet.unit, *parts)


def sheets_of(pulse: str, invitations: dict[str, list[str]], keys: Folder, url: str) -> list[Sheet]:
    """Half made up here: what an unlinkable token would be is worked out from the seed, which the driver has, and its
    invitation is written down as exchanged."""
    seed = keys.get(pulse, "tokens")
    assert seed is not None
    sheets, used = [], []
    for unit, tokens in invitations.items():
        issuer = class_key(seed, pulse, unit)
        for token in tokens:
            kind = random.random()
            exchange = kind < UNLINKABLE * EXCHANGED
            if not exchange and kind < UNLINKABLE:
                used.append(token)
                nonce = os.urandom(32)
                token = written(Unlinkable(pulse, unit, nonce, issuer.output(nonce)))
            other = answers() if random.random() < RIVALS else None
            sheets.append(Sheet(pulse, unit, token, answers(), other, exchange))
            if random.random() < FORGED:
                forged = written(Unlinkable(pulse, unit, os.urandom(32), os.urandom(64)))
                sheets.append(
                    Sheet(pulse, unit, random.choice((forged, f"{pulse}.{'A' * 43}")), answers(), forged=True)
                )
    exchange_past_the_service(url, pulse, used)
    return sheets


def answers() -> tuple[int, ...]:
    return tuple(random.choices((1, 2, 3, 4, 5), k=len(ITEMS)))


class World:
    """Servers, the database under them, and what can be done to both."""

    def __init__(self, stack: ExitStack, kind: str, books: Books) -> None:
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.keys, self.books = Folder(self.folder / "keys"), books
        self.postgres = PostgresServer() if kind == "postgresql" else None
        if self.postgres:
            stack.callback(self.postgres.stop)
        self.url = self.postgres.create_database() if self.postgres else f"sqlite:///{self.folder / 'redwood.db'}"
        custody = f"file:{self.folder / 'keys'}"
        self.servers = [Server(self.url, REDWOOD_CUSTODY=custody) for _ in range(2 if self.postgres else 1)]
        self.key = prepared(self.url, "manage", "results")
        for server in self.servers:
            server.start()
            stack.callback(server.kill)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        with httpx.Client(base_url=self.servers[0].url, headers=self.key, timeout=300) as client:
            return client.request(method, path, json=body).raise_for_status().json()

    def opened(self) -> tuple[str, dict[str, list[str]]]:
        pulse = self.call("POST", "/v1/pulses", {"instrument": "five-blocks", "items": list(ITEMS)})["id"]
        issued = self.call("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
        self.call("POST", f"/v1/pulses/{pulse}/open")
        return pulse, {entry["unit"]: entry["tokens"] for entry in issued}

    def harm(self) -> None:
        """Kill a server or the database, and start it again after a moment."""
        victim: Any = random.choice([*self.servers, self.postgres] if self.postgres else self.servers)
        self.books.seen["kills of the database" if victim is self.postgres else "kills of a server"] += 1
        victim.kill()
        time.sleep(random.random() / 4)
        victim.start()

    def back_up(self, number: int) -> None:
        """A backup may fail while its database is killed; one that says it was made is whole."""
        file = self.folder / f"backup-{number}.db"
        command = [*REDWOOD, "backup", str(file)]
        done = subprocess.run(command, env=self.servers[0].environment, capture_output=True, check=False)
        self.books.seen["backups" if done.returncode == 0 else "backups broken off"] += 1
        self.books.hold(file.exists() == (done.returncode == 0), "a broken backup left a file")
        if done.returncode == 0:
            copying.examine(file)

    def close(self, pulse: str, *, killed: bool) -> None:
        """Close and release; where `killed`, the server dies somewhere in between, and it is tried again."""
        if killed:
            server = self.servers[0]
            call = "import httpx, sys; httpx.post(sys.argv[1], headers={'Authorization': sys.argv[2]}, timeout=60)"
            words = [sys.executable, "-c", call, f"{server.url}/v1/pulses/{pulse}/close", self.key["Authorization"]]
            closing = subprocess.Popen(words, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(0.3, 3))
            server.kill()
            closing.wait()
            server.start()
        state = self.call("GET", f"/v1/pulses/{pulse}")["state"]
        if state == "open":
            self.call("POST", f"/v1/pulses/{pulse}/close")
        self.books.seen["closes cut off undone" if killed and state == "open" else "closes"] += 1
        self.call("POST", f"/v1/pulses/{pulse}/release")


async def play(world: World, sheets: list[Sheet], kills: int) -> None:
    """Everybody answers; meanwhile so many kills, and half as many backups, spread over the whole time."""
    random.shuffle(sheets)
    total, left = len(sheets), iter(sheets)

    async def front_end() -> None:
        lines = Line(world.servers, world.books), Line(world.servers, world.books)
        for sheet in left:
            await respond(lines, sheet, world.books)
        for line in lines:
            line.close()

    async def spread(count: int, what: Any) -> None:
        for number in range(count):
            while world.books.seen["acknowledged"] < total * (number + 0.5) / (count + 0.5) * 0.95:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(what, number)

    await asyncio.gather(
        spread(kills, lambda _: world.harm()),
        spread((kills + 1) // 2, world.back_up),
        *(front_end() for _ in range(CONNECTIONS)),
    )


def compare(world: World, pulses: list[str]) -> None:
    """The released figures of every unit with those in the books."""
    books = world.books
    for pulse in pulses:
        rows = rows_of(world, f"/v1/results?pulse={pulse}")
        found = {(row["unit"], row["item"]): row for row in rows if row["item"] is not None}
        for unit in sorted({unit for of, unit in books.people if of == pulse}):
            for item in ITEMS:
                row, n = found[unit, item], books.people[pulse, unit]
                shown = (row["n"], None if row["mean"] is None else round(row["mean"] * row["n"], 6))
                books.seen["figures compared"] += 1
                known = (n, books.sums[pulse, unit, item])
                books.hold(shown == known, f"{unit} {item}: released {shown}, acknowledged {known}")
                books.seen["released"] += (row["n"] or 0) if item == ITEMS[0] else 0


def rows_of(world: World, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = world.call("GET", path + (f"&cursor={cursor}" if cursor else ""))
        rows += page["data"]
        cursor = page["next"]
    return rows


def nothing_left(world: World) -> None:
    database = Database(world.url)
    with database.read() as tx:
        for table in (invitation, redemption, response):
            world.books.hold(tx.execute(table.select().limit(1)).first() is None, f"{table.name} is not empty")
    database.dispose()
    world.books.hold(not list(world.keys.path.iterdir()), "keys are left")


def run(kind: str, submissions: int, kills: int) -> Books:
    books = Books()
    with ExitStack() as stack:
        world = World(stack, kind, books)
        share = submissions // PULSES // UNITS
        units = [{"id": "all", "headcount": 0}]
        units += [{"id": f"t{number}", "parent": "all", "headcount": share} for number in range(UNITS)]
        world.call("PUT", "/v1/roster", {"units": units})
        pulses = dict(world.opened() for _ in range(PULSES))
        sheets = [
            sheet for pulse, issued in pulses.items() for sheet in sheets_of(pulse, issued, world.keys, world.url)
        ]
        begun = time.monotonic()
        asyncio.run(play(world, sheets, kills))
        took = time.monotonic() - begun
        for place, pulse in enumerate(pulses):
            world.close(pulse, killed=place % 2 == 0)
        compare(world, list(pulses))
        nothing_left(world)
    print(f"{kind}: {took:.0f} s to collect, {books.seen['acknowledged'] / took:,.0f} acknowledged a second")
    for what, count in sorted(books.seen.items()):
        print(f"  {what:<24}{count:>10,}")
    return books


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--submissions", type=int, default=50_000)
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--kills", type=int, default=12)
    options.add_argument("--seed", type=int, default=None, help="of everything that is drawn by lot")
    chosen = options.parse_args()
    random.seed(chosen.seed)
    found = run(chosen.database, chosen.submissions, chosen.kills)
    for fault in found.off[:20]:
        print(f"OFF: {fault}")
    lost = found.seen["acknowledged"] - found.seen["released"]
    print(f"  {'acknowledged, released':<24}{found.seen['acknowledged']:>10,}{found.seen['released']:>10,}")
    sys.exit(1 if found.off or lost else 0)
