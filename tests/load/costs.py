"""What one response costs, in bytes and in processor time: `python -m tests.load.costs`."""

from __future__ import annotations

import argparse
import os
import pickle
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psycopg

from service.custody.folder import Folder
from service.operations import prepare
from service.operations.backup import back_up
from service.operations.close import close_pulse
from service.operations.stir import stir
from service.operations.unsealing import in_memory
from service.seal.batch import packed
from service.seal.close_key import SECRET, Opener, Opening, Sealing
from service.spark.exchange import cut, exported
from service.store.database import Database
from service.survey.draft import Draft
from service.tally.partial import Asked
from service.tally.tally import tally
from service.tokens.unlinkable import NONCE, class_key
from tests.load.release import DAY, ITEMS, opened
from tests.postgres import PostgresServer

TOGETHER = (1, 8, 64, 512)


def spent(work: Callable[[], object]) -> float:
    """Seconds of this process's processor time: whoever else uses the machine changes little of it."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def sealing(responses: int) -> None:
    """One response of 15 items, by how many came in together."""
    units = max(1, responses // 100)
    chance = np.random.default_rng(1)
    answers = chance.integers(1, 6, (responses, len(ITEMS)), np.uint8)
    rows = [
        (u, b"", it.tobytes()) for u, it in zip(chance.integers(0, units, responses).tolist(), answers, strict=True)
    ]
    asked = Asked((5,) * len(ITEMS), (True,) * len(ITEMS), (), np.arange(units), np.arange(units))
    print(f"one response of {len(ITEMS)} items, {responses:,} of them in {units:,} teams")
    print(f"{'together':<12}{'bytes sealed':>14}{'in Parquet':>12}{'us to seal':>12}{'us to open and count':>22}")
    for together in TOGETHER:
        # As long as each batch is one response, a quarter of them says as much.
        _sealed_together(rows[: responses // 4] if together == 1 else rows, together, asked)


def _sealed_together(rows: list[tuple[int, bytes, bytes]], together: int, asked: Asked) -> None:
    seed, key, batches = os.urandom(32), Opener(os.urandom(SECRET)), list[tuple[bytes, bytes]]()
    public, both = Sealing(key.public, seed), Opening(key, seed)

    def seal() -> None:
        for start in range(0, len(rows), together):
            share = rows[start : start + together]
            batches.append(public.seal("p", packed(share, [os.urandom(4) for _ in share])))

    sealing = 1e6 * spent(seal) / len(rows)
    with tempfile.TemporaryDirectory() as folder, exported(Path(folder), "p", cut(batches)) as parts:
        exchange = sum(Path(part.path).stat().st_size for part in parts) / len(rows)
    counting = 1e6 * spent(lambda: tally(in_memory(both, "p", iter(batches), asked), asked, 50)) / len(rows)
    kept = sum(len(sealed) + 16 for _, sealed in batches) / len(rows)
    print(f"{together:<12}{kept:>14.0f}{exchange:>12.0f}{sealing:>12.1f}{counting:>22.1f}")
    if together == TOGETHER[-1]:
        sums = zlib.compress(pickle.dumps(in_memory(both, "p", iter(batches), asked)), 1)
        print(f"what a worker hands back: {len(sums) / len(asked.atom_of):,.0f} bytes a team")


def exchanging(count: int) -> None:
    key = class_key(os.urandom(32), "p" * 16, "all")
    nonces = [os.urandom(NONCE) for _ in range(count)]
    print(f"an unlinkable token checked: {1e6 * spent(lambda: [key.output(it) for it in nonces]) / count:.0f} us")


def at_rest(people: int, teams: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        custody, postgres = Folder(folder / "keys"), PostgresServer()
        stack.callback(postgres.stop)
        url = postgres.create_database()
        database = Database(url)
        stack.callback(database.dispose)
        principal, pulse = opened(database, custody, url, people, teams)
        with psycopg.connect(url) as connection:
            sizes = {
                table: connection.execute(
                    "SELECT pg_total_relation_size(%s::regclass)", (f"{table}_{pulse}",)
                ).fetchone()
                for table in ("invitation", "redemption", "response")
            }
        print(f"\n{people:,} responses in {teams:,} teams on PostgreSQL, in batches of 512")
        for table, size in sizes.items():
            print(f"{table:<14}{(size or (0,))[0] / people:>8.0f} bytes each, with its index")
        begun = time.perf_counter()
        done = stir(database)
        print(f"stirring      {time.perf_counter() - begun:>8.1f} s, during which nobody's answer is taken ({done})")
        back_up(database, folder / "backup")
        print(f"backup        {(folder / 'backup').stat().st_size / people:>8.0f} bytes a response and its invitation")
        begun, used = time.perf_counter(), time.process_time()
        close_pulse(database, custody, principal, pulse, DAY)
        took, used = time.perf_counter() - begun, time.process_time() - used
        print(f"close         {took:>8.1f} s, {used:.1f} s of it this process's")
        draft = prepare.create_pulse(database, principal, Draft("Next", "five-blocks", items=ITEMS)).id
        begun, used = time.perf_counter(), time.process_time()
        issued = len(prepare.issue_invitations(database, principal, draft, None, DAY))
        took = time.perf_counter() - begun
        print(
            f"invitations   {issued / took:>8,.0f} a second, {1e6 * (time.process_time() - used) / issued:.0f} us each"
        )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--responses", type=int, default=40_000)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--teams", type=int, default=1_000)
    chosen = options.parse_args()
    sealing(chosen.responses)
    exchanging(1_000)
    at_rest(chosen.people, chosen.teams)
