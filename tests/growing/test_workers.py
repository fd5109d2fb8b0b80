"""Several processes of `redwood serve`: killed and made anew under load, with a replica beside, and nothing is lost."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.api import analyst
from service.api.analyst import ProcessAnalyst
from service.bootstrap import runtime
from service.commands import serving
from service.errors import InvalidSettings
from service.operations.standbys import standby_findings
from service.settings import from_environment
from service.store import results
from service.store.database import Database
from service.store.replica import Replica
from tests.faults.serving import Server, prepared, until_acknowledged
from tests.faults.world import ITEM, body
from tests.growing.conftest import Standby

PEOPLE = 120
VALUES = [1 + number % 5 for number in range(PEOPLE)]
_SECONDS = 60


def children(process: int) -> list[int]:
    return [int(it) for it in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def kill_one(server: Server) -> None:
    """Return when another has taken its place."""
    victim, *others = children(server.process.pid)
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(set(children(server.process.pid)) - {victim}) > len(others), "no worker is made anew")


@contextmanager
def two_workers(url: str, **environment: str) -> Iterator[tuple[Server, httpx.Client]]:
    server = Server(url, REDWOOD_WORKERS="2", **environment)
    key = prepared(url, "manage", "results")
    server.start()
    try:
        with httpx.Client(base_url=server.url, headers=key, timeout=60) as client:
            yield server, client
    finally:
        server.process.terminate()
        assert server.process.wait(_SECONDS) == 0


def begun(client: httpx.Client) -> tuple[str, list[str]]:
    client.put("/v1/roster", json={"units": [{"id": "all", "headcount": PEOPLE}]}).raise_for_status()
    pulse = client.post("/v1/pulses", json={"instrument": "five-blocks", "items": [ITEM]}).json()["id"]
    issued = client.post(f"/v1/pulses/{pulse}/invitations").json()["invitations"]
    client.post(f"/v1/pulses/{pulse}/open").raise_for_status()
    return pulse, issued[0]["tokens"]


async def answer_all(server: Server, pulse: str, tokens: list[str]) -> None:
    """Everybody answers, on connections of their own, while one worker after the other is killed."""
    waiting = list(zip(tokens, VALUES, strict=True))

    async def respondent() -> None:
        async with httpx.AsyncClient(base_url=server.url) as client:
            while waiting:
                await until_acknowledged(client, f"/v1/pulses/{pulse}/responses", body(*waiting.pop()))

    async def killer() -> None:
        for left in (PEOPLE * 2 // 3, PEOPLE // 3):
            while len(waiting) > left:
                await asyncio.sleep(0)
            await asyncio.to_thread(kill_one, server)

    await asyncio.gather(killer(), *(respondent() for _ in range(6)))


def test_workers_that_are_killed_and_a_replica_that_goes_lose_nothing_and_differ_in_nothing(
    postgres_url: str, standby: Standby
) -> None:
    with two_workers(postgres_url, REDWOOD_REPLICA_URL=standby.url(postgres_url)) as (server, client):
        reply = client.get("/healthz")
        assert not {"date", "server"} & set(reply.headers)
        for worker in children(server.process.pid):
            limits = Path(f"/proc/{worker}/limits").read_text().splitlines()
            assert next(line.split()[4:6] for line in limits if line.startswith("Max core")) == ["0", "0"]

        pulse, tokens = begun(client)
        asyncio.run(answer_all(server, pulse, tokens))
        standby.ask("SELECT pg_wal_replay_pause()")
        for step in ("close", "release"):
            client.post(f"/v1/pulses/{pulse}/{step}").raise_for_status()
        fresh = client.get(f"/v1/pulses/{pulse}/release")
        row = client.get(f"/v1/results?pulse={pulse}&item={ITEM}").json()["data"][0]
        assert (row["n"], round(row["mean"] * row["n"])) == (PEOPLE, sum(VALUES))
        standby.ask("SELECT pg_wal_replay_resume()")
        standby.follow()
        assert stored(postgres_url, pulse) == stored(standby.url(postgres_url), pulse) == fresh.content

        counted = summed(client)
        assert counted >= 1
        for gone in (False, True):
            if gone:
                standby.server.kill()
            for _ in range(2):  # nothing is remembered by those who come after
                kill_one(server)
            with httpx.Client(base_url=server.url, headers=client.headers, timeout=60) as anew:
                assert anew.get(f"/v1/pulses/{pulse}/release").content == fresh.content
        assert summed(client) >= counted
    standby.server.start()


def stored(url: str, pulse: str) -> bytes:
    database = Database(url)
    with database.read() as tx:
        content = results.contents(tx, [pulse])[pulse]
    database.dispose()
    return content


def summed(client: httpx.Client) -> float:
    """How many releases were read, whichever worker answers: what a killed one counted stays counted."""
    with httpx.Client(base_url=client.base_url, timeout=60) as anew:
        lines = anew.get("/metrics").text.splitlines()
    name = 'redwood_requests_total{method="GET",route="/v1/pulses/{pulse}/release",status="2xx"}'
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


#: Two workers that do as they are told; the numbers of those that ended are printed.
TOLD = "import sys, time; from service.commands.workers import Workers; from service.errors import Unavailable\n"
TOLD += "def work():\n    {}\nsys.exit(Workers(2, work, lambda pid: print(pid, flush=True)).run())"


def workers(work: str) -> subprocess.Popen[str]:
    said = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", TOLD.format(work)], stdout=said, stderr=said, text=True)


def test_no_worker_outlives_the_process_that_made_them() -> None:
    with workers("time.sleep(600)") as first:
        until(lambda: len(children(first.pid)) == 2, "no workers")
        made = children(first.pid)
        first.kill()
    until(lambda: not any(is_there(it) for it in made), "workers stay")


def is_there(process: int) -> bool:
    """Dead ones that nobody has asked about are not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_one_worker_cannot_begin_no_other_tries_again() -> None:
    with workers("raise Unavailable('nothing to serve')") as first:
        out, err = first.communicate(timeout=_SECONDS)
    assert first.returncode == 1
    assert len(out.split()) == 2
    assert set(err.splitlines()) == {"redwood: nothing to serve"}


def test_workers_take_turns_to_compute_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    told = "import sys, time; log = open(sys.argv[1], 'a'); print('in', file=log, flush=True); time.sleep(0.2)\n"
    told += "print('out', file=log)"
    monkeypatch.setattr(analyst, "_COMMAND", [sys.executable, "-c", told, str(log)])
    several = [ProcessAnalyst("sqlite://", tmp_path / "turn") for _ in range(3)]
    for it in several:
        it.wake()
    until(lambda: log.exists() and log.read_text().count("out") == 3, "not all had their turn")
    assert log.read_text().split() == ["in", "out"] * 3


def test_an_orphan_that_still_computes_is_waited_for(tmp_path: Path) -> None:
    """Its worker was killed: whoever comes next must not compute beside it."""
    turn, begun, end = tmp_path / "turn", tmp_path / "begun", tmp_path / "end"
    computing = f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\n"
    computing += f"while not pathlib.Path({str(end)!r}).exists(): time.sleep(0.05)"
    worker = f"import pathlib, sys, time\nfrom service.api import analyst\nanalyst._COMMAND = {[sys.executable]!r}"
    worker += f" + ['-c', {computing!r}]\nanalyst.ProcessAnalyst('sqlite://', pathlib.Path({str(turn)!r})).wake()\n"
    worker += "time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", worker], cwd=Path(__file__).parents[2])
    try:
        until(begun.exists, "nothing was begun")
        process.kill()
        process.wait()
        with turn.open("ab") as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        end.touch()
    with turn.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def test_what_needs_postgresql_is_refused_on_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDWOOD_DATABASE_URL", "sqlite:///nowhere.db")
    with pytest.raises(InvalidSettings, match="REDWOOD_WORKERS"):
        serving.serve(workers=2)
    with pytest.raises(InvalidSettings, match="REDWOOD_REPLICA_URL"):
        runtime(from_environment(replica_url="postgresql://h/d"))


def test_doctor_tells_of_standbys(postgres_url: str, standby: Standby) -> None:
    def said(url: str) -> dict[str, str]:
        replica = Replica(url)
        found: list[Any] = list(standby_findings(database, replica))
        replica.dispose()
        return {it.what: f"{it.verdict} {it.words}" for it in found}

    database = Database(postgres_url)
    standby.follow()
    found = said(standby.url(postgres_url))
    assert found["standby walreceiver"].startswith("ok follows")
    assert found["replica"].startswith("ok a standby")
    assert "replica wal_recycle" not in found
    standby.ask("SELECT pg_wal_replay_pause()")
    assert "and paused" in said(standby.url(postgres_url))["replica"]
    standby.ask("SELECT pg_wal_replay_resume()")
    assert said(postgres_url)["replica"] == "broken is no standby of this database: nothing it has is believed"
    standby.server.kill()
    assert said(standby.url(postgres_url))["replica"].startswith("broken cannot be reached")
    standby.server.start()
    database.dispose()
