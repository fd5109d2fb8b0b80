"""The count on Spark beside the built-in one, row by row and in seconds: `python -m tests.load.spark`.

By default 20,000,000 answers: 1,000,000 responses of 20 items with two bands, in pulses of many organisations.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from service.operations.unsealing import in_memory
from service.seal.batch import packed
from service.seal.close_key import SECRET, Opener, Opening, Sealing
from service.spark.counting import SparkCounting
from service.spark.exchange import Batch
from service.spark.session import application
from service.tally.partial import Asked
from service.tally.tally import Tally, tally
from tests.tally.rows import rows

ITEMS, POINTS, VALUES = 20, 5, (4, 3)
#: Responses of each pulse: three large organisations and many small ones.
SIZES = [400_000, 200_000, 100_000, *[10_000] * 20, *[1_000] * 100]
TEAM, POOL, MISSING = 10, 50, 0.05

Of = TypeVar("Of")


@dataclass(frozen=True)
class Pulse:
    id: str
    key: Opening
    asked: Asked
    batches: list[Batch]


def pulse(number: int, people: int, together: int) -> Pulse:
    """Responses that came in `together` at a time, sealed as the service does."""
    chance = np.random.default_rng(number)
    units = max(1, people // TEAM)
    answers = chance.integers(1, POINTS, (people, ITEMS), np.uint8, endpoint=True)
    answers[chance.random(answers.shape) < MISSING] = 0
    stated = chance.integers(0, VALUES, (people, len(VALUES)), np.uint8, endpoint=True)
    team = chance.integers(0, units, people).tolist()
    key, seed, id = Opener(os.urandom(SECRET)), os.urandom(32), f"{number:016}"
    sealing = Sealing(key.public, seed)
    sent = list(zip(team, map(bytes, stated), map(bytes, answers), strict=True))
    shares = [sent[start : start + together] for start in range(0, people, together)]
    batches = sorted(sealing.seal(id, packed(share, [os.urandom(4) for _ in share])) for share in shares)
    # Every tenth team is too small to be published and counts with the one before it.
    atoms = np.arange(units) - (np.arange(units) % 10 == 9)
    asked = Asked((POINTS,) * ITEMS, (True,) * ITEMS, VALUES, np.arange(units), atoms)
    return Pulse(id, Opening(key, seed), asked, batches)


def timed(work: Callable[[], Of]) -> tuple[Of, float]:
    begun = time.perf_counter()
    made = work()
    return made, time.perf_counter() - begun


def same(one: Tally, other: Tally) -> bool:
    moments = (it.within.tobytes() + repr((it.pooled_n, it.pooled_atoms)).encode() for it in (one, other))
    return len(set(moments)) == 1 and np.array_equal(one.cells.n, other.cells.n)


def measure(master: str, sizes: list[int], together: int) -> None:
    begun = time.perf_counter()
    built_in = spark = 0.0
    equal = compared = 0
    with tempfile.TemporaryDirectory() as folder, application(master) as context:
        counting = SparkCounting(context, Path(folder))
        context.parallelize(range(8), 8).map(lambda it: it).collect()
        started = time.perf_counter() - begun
        for number, people in enumerate(sizes):
            it = pulse(number, people, together)
            here, took = timed(
                lambda it=it: tally(in_memory(it.key, it.id, iter(it.batches), it.asked), it.asked, POOL)
            )
            built_in += took
            there, took = timed(
                lambda it=it: tally(counting(it.key, it.id, iter(it.batches), it.asked), it.asked, POOL)
            )
            spark += took
            one, other = rows(it.id, here), rows(it.id, there)
            assert same(here, there), f"pulse {number} differs"
            assert len(one) == len(other), f"pulse {number} has other rows"
            equal += int((one == other).sum())
            compared += len(one)
    responses = sum(sizes)
    print(f"{responses * ITEMS:,} answers: {responses:,} responses of {ITEMS} items, {len(VALUES)} bands,")
    print(f"{len(sizes)} pulses, {together} responses a batch; Spark on {master}, started in {started:.1f} s")
    print(f"rows of pulse, unit, bands, item, point, count: {compared:,}, equal {equal:,}")
    for name, took in (("built-in", built_in), ("Spark", spark)):
        print(f"{name:<10}{took:>8.1f} s{responses / took:>12,.0f} responses/s")
    assert equal == compared


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--master", default="local[2]")
    options.add_argument("--together", type=int, default=8, help="responses that came in one batch")
    options.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="responses of each pulse")
    chosen = options.parse_args()
    measure(chosen.master, chosen.sizes, chosen.together)
