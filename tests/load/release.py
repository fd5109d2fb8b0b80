"""Close and release of a large pulse, as multiples of merely reading it: `python -m tests.load.release`."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import numpy as np
import psycopg

from service.custody.folder import Folder
from service.operations import access, prepare, reorganise
from service.operations.access import Principal
from service.operations.close import close_pulse
from service.operations.keys import opener
from service.operations.publish import release_pulse
from service.seal.batch import columns
from service.seal.close_key import Sealing
from service.store import pulses, rosters
from service.store.batch import sealed_batch
from service.store.collector import BATCH_LIMIT, Submission
from service.store.database import Database
from service.store.migrate import upgrade
from service.store.responses import read_sealed
from service.survey.draft import Draft
from service.survey.roster import Unit, arranged
from tests.postgres import PostgresServer

ITEMS = [f"{block}{number}" for block in ("WB", "SB", "PS", "PC", "CL") for number in (1, 2, 3)]
DAY = date(2026, 1, 5)


def opened(database: Database, custody: Folder, url: str, people: int, teams: int) -> tuple[Principal, str]:
    """A pulse with an answer of everybody, written past the service, which is not what is measured here."""
    upgrade(database)
    principal = access.operator(access.create_organisation(database, "Large Works"))
    departments = max(1, teams // 100)
    units = [Unit("all", "all", None, 0)]
    units += [Unit(f"d{number}", f"d{number}", "all", 0) for number in range(departments)]
    units += [Unit(f"t{number}", f"t{number}", f"d{number % departments}", people // teams) for number in range(teams)]
    reorganise.put_roster(database, principal, arranged(units), DAY, today=DAY)
    pulse = prepare.create_pulse(database, principal, Draft("Large", "five-blocks", items=ITEMS)).id
    prepare.issue_invitations(database, principal, pulse, {"t0": 1}, DAY)
    prepare.open_pulse(database, custody, principal, pulse, DAY)
    with database.read() as tx:
        numbers = rosters.numbers(tx, principal.organisation)
    seed = custody.get(pulse, "tokens") or b""
    fill(database, url, pulse, seed, [numbers[f"t{number % teams}"] for number in range(people)])
    return principal, pulse


def fill(database: Database, url: str, pulse: str, seed: bytes, units: list[int]) -> None:
    """Exchanged invitations, redemptions, and responses sealed in full batches, as they come under load."""
    answers = np.random.default_rng(1).integers(1, 6, (len(units), len(ITEMS)), np.uint8)
    with database.read() as tx:
        close_key, _ = pulses.close_key(tx, pulse)
    sealing = Sealing(close_key, seed)
    sent = [Submission(pulse, os.urandom(16), b"", row.tobytes(), b"", sealing) for row in answers]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with cursor.copy(f"COPY invitation_{pulse} (pulse_id, digest, unit, evaluated) FROM STDIN".encode()) as copy:
            for unit in units:
                copy.write_row((pulse, os.urandom(32), unit, os.urandom(32)))
        with cursor.copy(f"COPY redemption_{pulse} (pulse_id, nullifier, unit, receipt) FROM STDIN".encode()) as copy:
            for it, unit in zip(sent, units, strict=True):
                copy.write_row((pulse, it.digest, unit, b""))
        with cursor.copy(f"COPY response_{pulse} (pulse_id, id, sealed) FROM STDIN".encode()) as copy:
            for start in range(0, len(sent), BATCH_LIMIT):
                batch = sent[start : start + BATCH_LIMIT]
                of = {it.digest: unit for it, unit in zip(batch, units[start:], strict=False)}
                copy.write_row((pulse, *sealed_batch(pulse, batch, of)))


def read(database: Database, custody: Folder, pulse: str) -> None:
    """What nobody can do without: the answers opened into numpy, their histograms and cross-products."""
    with database.read() as tx:
        key = opener(tx, custody, pulse)
        batches = [key.open(pulse, id, sealed) for id, sealed in read_sealed(tx, pulse)]
    units, answers, _ = columns(batches, len(ITEMS), 0)
    for item in range(len(ITEMS)):
        np.bincount(units * 6 + answers[:, item])
    scaled = answers.astype(np.float32)
    scaled.T @ scaled


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(people: int, teams: int) -> None:
    with ExitStack() as stack:
        custody = Folder(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        postgres = PostgresServer()
        stack.callback(postgres.stop)
        url = postgres.create_database()
        database = Database(url)
        stack.callback(database.dispose)
        principal, pulse = opened(database, custody, url, people, teams)
        reading = min(timed(lambda: read(database, custody, pulse)) for _ in range(3))
        closing = timed(lambda: close_pulse(database, custody, principal, pulse, DAY))
        releasing = timed(lambda: release_pulse(database, principal, pulse))
    print(f"{people:,} responses of {len(ITEMS)} items in {teams:,} teams, PostgreSQL")
    print(f"{'read, histograms, cross-products':<36}{reading:>8.2f} s")
    for name, took in (("close", closing), ("release", releasing), ("close and release", closing + releasing)):
        print(f"{name:<36}{took:>8.2f} s{took / reading:>8.1f}x")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--teams", type=int, default=10_000)
    chosen = options.parse_args()
    measure(chosen.people, chosen.teams)
