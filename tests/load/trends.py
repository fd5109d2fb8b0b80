"""Processor seconds and memory of the findings of a large organisation, each in a process of its own, on one core.

python -m tests.load.trends [--teams 10000] [--pulses 26]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time

import numpy as np
import numpy.typing as npt

from service.analytics.clusters.clustering import cluster
from service.analytics.clusters.profiles import Profiles
from service.analytics.trends.changes import changes
from service.analytics.trends.fit import fit
from service.analytics.trends.panel import Panel

Ints = npt.NDArray[np.int64]

BLOCKS, SPAN = 5, 10
#: Variances in squared points: of one person, between teams, of a step.
WITHIN, BETWEEN, DRIFT = 340.0, 70.0, 0.5
THRESHOLD = 5


def tree(teams: int) -> list[Ints]:
    """Parents of divisions, departments and teams, ten below each, in a row behind the root."""
    departments = -(-teams // SPAN)
    divisions = -(-departments // SPAN)
    firsts = (0, 1, 1 + divisions)
    return [
        first + np.arange(size) // span
        for first, size, span in zip(firsts, (divisions, departments, teams), (divisions, SPAN, SPAN), strict=True)
    ]


def organisation(teams: int, pulses: int) -> Panel:
    """Teams of about nine whose scores walk at random, and what they make of the units above them."""
    chance = np.random.default_rng(1)
    parents = tree(teams)
    parent = np.concatenate([[-1], *parents])
    steps = chance.normal(0, DRIFT**0.5, (teams, pulses, BLOCKS))
    steps[:, 0] = 65 + chance.normal(0, BETWEEN**0.5, (teams, BLOCKS))
    headcount = np.clip(chance.poisson(9.2, teams), 5, 15)
    answered = chance.binomial(headcount[:, None], 0.75, (teams, pulses))[..., None]
    score = steps.cumsum(axis=1) + chance.normal(0, WITHIN**0.5, steps.shape) / np.sqrt(np.maximum(answered, 1))
    n, total = np.zeros((2, len(parent), *score.shape[1:]))
    n[-teams:], total[-teams:] = answered, answered * score
    end = len(parent)
    for level in parents[::-1]:
        at = slice(end - len(level), end)
        np.add.at(n, level, n[at])
        np.add.at(total, level, total[at])
        end -= len(level)
    shown = n >= THRESHOLD
    scores = np.where(shown, total / np.maximum(n, 1), np.nan)
    return Panel(parent, np.where(shown, n, 0), scores, np.full(score.shape[1:], WITHIN), n[..., 0] / 0.75, 25.0)


def trends(teams: int, pulses: int) -> str:
    panel = organisation(teams, pulses)
    begun = time.process_time()
    found = fit(panel)
    fitted = time.process_time()
    changed = np.isin(changes(found).verdict, ("improved", "declined"))
    told = time.process_time()
    said = f"{int(changed.sum()):,} of {changed.size:,} said to move"
    return f"fit {fitted - begun:.1f} s, changes {told - fitted:.1f} s, {said}"


def clusters(teams: int, pulses: int) -> str:
    """With two kinds of teams, so that everything up to their description is done."""
    panel = organisation(teams, min(pulses, 6))
    score, n = panel.score[-teams:], panel.n[-teams:]
    score[: teams // 4, :, 2:4] -= 20
    department = panel.parent[-teams:]
    within = WITHIN * (0.4 + 0.6 * np.eye(BLOCKS))
    profiles = Profiles(score, n, within, department, tuple(map(str, range(teams))), tuple("abcde"))
    begun = time.process_time()
    found = cluster(profiles, np.random.default_rng(1))
    return f"clusters {time.process_time() - begun:.1f} s: {found.verdict}, {found.k}"


MEASURES = {"trends": trends, "clusters": clusters}


def apart(measure: str, teams: int, pulses: int) -> None:
    """In a process that may use one core, so that its memory and time are its own."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "tests.load.trends", "--teams", str(teams), "--pulses", str(pulses)]
    subprocess.run([*command, "--measure", measure], check=True, env=os.environ | one)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--teams", type=int, default=10_000)
    options.add_argument("--pulses", type=int, default=26)
    options.add_argument("--measure", choices=MEASURES)
    chosen = options.parse_args()
    if chosen.measure is None:
        for name in MEASURES:
            apart(name, chosen.teams, chosen.pulses)
    else:
        told = MEASURES[chosen.measure](chosen.teams, chosen.pulses)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{chosen.teams:,} teams, {chosen.pulses} pulses, {BLOCKS} blocks: {told}, {memory:.0f} MB at most")
