"""How much processor time the gate takes and how much memory, by teams: choosing units and slices, proving them safe.

Each size runs in a process of its own, so that its memory is its own: python -m tests.load.gate 1000 10000 100000
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
import numpy.typing as npt

from service.release.layout import Layout
from service.release.slices import chosen
from service.release.structured import prove, verify
from service.release.tree import Flags, Ints, publishable, totals
from service.tally.partial import cells

THRESHOLD = 5
BANDS = (4, 3)
#: A department of ten teams of six people and a head, ten departments a division with a head of its own.
TEAM, SPAN = 6.2, 10


def organisation(teams: int, seed: int = 1) -> tuple[list[int], Ints, Ints, npt.NDArray[np.uint8]]:
    """Parents and headcounts of units, and the unit and bands of each respondent; six in seven answer."""
    chance = np.random.default_rng(seed)
    parents, heads = [-1], [1]
    for division in range(-(-teams // SPAN**2)):
        above = len(parents)
        parents.append(0)
        heads.append(1)
        for _ in range(min(SPAN, -(-(teams - division * SPAN**2) // SPAN))):
            department = len(parents)
            parents.append(above)
            heads.append(1)
            parents += [department] * SPAN
            heads += np.maximum(1, chance.poisson(TEAM, SPAN)).tolist()
    headcounts = np.array(heads, np.int64)
    units = np.repeat(np.arange(len(heads)), chance.binomial(headcounts, 6 / 7))
    shares = [chance.dirichlet([4.0] * width) for width in BANDS]
    stated = [chance.choice(len(share), len(units), p=share) + 1 for share in shares]
    return parents, headcounts, units, np.stack(stated, axis=1).astype(np.uint8)


def measure(teams: int) -> str:
    parents, headcounts, units, bands = organisation(teams)
    started = time.process_time()
    counted, _ = cells(units, bands)
    own = np.bincount(counted.unit, counted.n, len(parents)).astype(np.int64)
    told = publishable(parents, headcounts, headcounts, THRESHOLD)
    shown = publishable(parents, own, headcounts, THRESHOLD, told)
    values = [counted.bands[:, band].astype(np.int64) - 1 for band in range(len(BANDS))]
    layout = Layout.of(parents, shown, counted.unit, counted.n, values)
    slices = chosen(layout, [np.ones((len(parents), width), np.bool_) for width in BANDS], THRESHOLD)
    decided = time.process_time()
    atoms = np.stack([layout.unit_atom * 8, *_atoms(parents, layout, slices)], axis=1)
    proof = prove(layout.n, atoms, THRESHOLD)
    proved = time.process_time()
    if not verify(layout.n, atoms, THRESHOLD, proof):
        raise AssertionError("the auditor does not agree with the gate")
    verified = time.process_time()
    large = (totals(parents, own) >= THRESHOLD) & (totals(parents, headcounts) >= THRESHOLD)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{teams:>7} teams {len(units):>7} people  units {int(shown.sum()):>6} of {int(large.sum()):>6}  slices "
        f"{sum(int(flags.sum()) for flags in slices):>6}  choosing {decided - started:6.1f} s  proving "
        f"{proved - decided:5.1f} s  verifying {verified - proved:5.1f} s  all {verified - started:6.1f} s  "
        f"{memory:4.0f} MB"
    )


def _atoms(parents: list[int], layout: Layout, slices: list[Flags]) -> list[Ints]:
    columns, first = [], 1
    for flags, value in zip(slices, layout.values, strict=True):
        at = layout.unit.copy()
        up = np.array([*parents, -1], np.int64)
        while (climbing := (at >= 0) & ~flags[at, value]).any():
            at[climbing] = up[at[climbing]]
        columns.append(np.where(at >= 0, at * 8 + first + value, -1))
        first += flags.shape[1]
    return columns


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(measure(int(sys.argv[1])), flush=True)
    else:
        for size in sys.argv[1:] or ("1000", "10000", "100000"):
            subprocess.run([sys.executable, "-m", "tests.load.gate", size], check=True)
