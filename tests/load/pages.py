"""What each page takes of the server, and how large it is: `python -m tests.load.pages [FILE] [--units 1000]`.

Every kind of page that links lead to from the dashboard is asked for over one kept connection, one at a time, by a key
with every scope. FILE is a database as `redwood demo` leaves it, and is copied; without one a demo is made.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from service.bootstrap import runtime
from service.operations import access
from service.settings import Settings
from tests.load.ingest import REDWOOD, free_port, process
from tests.pages.browser.crawl import crawled

MOST_MS, MOST_BYTES = 20, 150_000
STARTS = ("/dashboard", "/manage", "/docs", "/attack-report", "/answer", "/dashboard/sign-in")
SCOPES = ["manage", "results", "analytics"]


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one page, in milliseconds as the client waits: `median` and `late`, the 95th percentile; `busy` is the mean of
    the server's processor time, which other work on the machine does not lengthen."""

    median: float
    late: float
    busy: float
    size: int


def measured(client: httpx.Client, pid: int, address: str, times: int) -> Measured:
    """Asked for three times before."""
    for _ in range(3):
        size = len(client.get(address).raise_for_status().content)
    taken, before = [], processor(pid)
    for _ in range(times):
        begun = time.perf_counter()
        client.get(address)
        taken.append(1000 * (time.perf_counter() - begun))
    busy = 1000 * (processor(pid) - before) / times
    return Measured(statistics.median(taken), sorted(taken)[round(0.95 * (times - 1))], busy, size)


def processor(pid: int) -> float:
    """Seconds of processor time a process has taken (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def table(base: str, pid: int, key: str, times: int) -> None:
    with httpx.Client(base_url=base, timeout=120, follow_redirects=True) as client:
        client.post("/dashboard/sign-in", data={"key": key}).raise_for_status()
        found = crawled(client, STARTS)
        empty = measured(client, pid, "/healthz", times)
        print(f"an empty reply takes {empty.median:.1f} ms on this machine, counted in below")
        print(
            f"{'page':<28}{'bytes':>9}{'median':>9}{'95 %':>9}{'busy':>9}   at most {MOST_MS} ms, {MOST_BYTES:,} bytes"
        )
        for kind, address in found.kinds.items():
            it = measured(client, pid, address, times)
            missed = "   missed" * (it.median > MOST_MS or it.size > MOST_BYTES)
            print(f"{kind:<28}{it.size:>9,}{it.median:>9.1f}{it.late:>9.1f}{it.busy:>9.1f}{missed}")


def made(file: Path, units: int) -> None:
    """A demo; or an organisation of so many teams with one released pulse, collected over HTTP."""
    environment = {**os.environ, "REDWOOD_DATABASE_URL": f"sqlite:///{file}"}
    if not units:
        words = ["-c", REDWOOD, "demo", "--no-serve", "--file", str(file)]
        subprocess.run([sys.executable, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
        return
    for words in (["migrate"], ["organisation", "create", "Wide Works"]):
        subprocess.run([sys.executable, "-c", REDWOOD, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    with process(["-c", REDWOOD, "serve", "--port", str(port)], port, **environment):
        collect(f"http://127.0.0.1:{port}", secret(file), units)


def collect(base: str, key: str, units: int) -> None:
    """Teams of eight in departments of ten and divisions of a hundred; everybody answers five items."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=base, headers=headers, timeout=1200) as client:
        roster = [{"id": "all", "name": "Wide Works", "headcount": 0}]
        for number in range(0, units, 100):
            roster.append({"id": f"v{number}", "name": f"Division {number}", "parent": "all", "headcount": 0})
        for number in range(0, units, 10):
            above = f"v{number - number % 100}"
            roster.append({"id": f"d{number}", "name": f"Department {number}", "parent": above, "headcount": 0})
        for number in range(units):
            above = f"d{number - number % 10}"
            roster.append({"id": f"t{number}", "name": f"Team {number}", "parent": above, "headcount": 8})
        client.put("/v1/roster", json={"units": roster}).raise_for_status()
        items = ["WB1", "SB1", "PS1", "PC1", "CL1"]
        pulse = client.post("/v1/pulses", json={"instrument": "five-blocks", "items": items}).raise_for_status().json()
        path = f"/v1/pulses/{pulse['id']}"
        issued = client.post(f"{path}/invitations").raise_for_status().json()["invitations"]
        client.post(f"{path}/open").raise_for_status()
        for place, entry in enumerate(issued):
            for person, token in enumerate(entry["tokens"]):
                answers = {
                    item: 1 + (place * 7 + person * 3 + at * (1 + place % 3)) % 5 for at, item in enumerate(items)
                }
                client.post(f"{path}/responses", json={"token": token, "answers": answers}).raise_for_status()
        client.post(f"{path}/close").raise_for_status()
        client.post(f"{path}/release").raise_for_status()


def secret(file: Path) -> str:
    """A new key of the only organisation in it."""
    database = runtime(Settings(database_url=f"sqlite:///{file}")).database
    found = access.create_key(database, access.find_organisation(database, None), SCOPES, None, "load")
    database.dispose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--units", type=int, default=0, help="instead of the demo, an organisation of so many teams")
    parser.add_argument("--times", type=int, default=100)
    said = parser.parse_args()
    with ExitStack() as stack:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "redwood.db"
        if said.file:
            shutil.copy(said.file, file)
        else:
            made(file, said.units)
        port, environment = free_port(), {"REDWOOD_DATABASE_URL": f"sqlite:///{file}"}
        words = ["-c", REDWOOD, "serve", "--migrate", "--port", str(port)]
        _, pid = stack.enter_context(process(words, port, **environment))
        table(f"http://127.0.0.1:{port}", pid, secret(file), said.times)


if __name__ == "__main__":
    main()
