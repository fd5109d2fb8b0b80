"""How well the findings do where the truth is known: `python -m tests.load.findings DIR [DIR ...]`, one column each.

A folder is one that `tests.load.synthetic` writes. Nothing here is tuned to any of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from service.analytics.clusters.clustering import Clustering, cluster
from service.analytics.clusters.profiles import Profiles
from service.analytics.clusters.stability import adjusted_rand
from service.analytics.trends.changes import Words, changes
from service.analytics.trends.fit import Trends, fit
from tests.load.known import STEP, Flags, Floats, Ints, Known, Shock, read

#: Of a normal distribution, for intervals of 90 %.
REACH = 1.6449
#: The first pulse after which changes are looked for.
FIRST = 3
#: Pulses after a shock within which finding it counts.
PATIENCE = 2


@dataclass(frozen=True)
class Trial:
    """One organisation, and what is found in it when each pulse is the last."""

    known: Known

    @property
    def teams(self) -> slice:
        """Where the teams are among the nodes."""
        return slice(self.known.first_team, None)

    @cached_property
    def trends(self) -> Trends:
        return fit(self.known.panel(self.known.n.shape[1]))

    def coverage(self, what: str, pulses: slice) -> str:
        """Share of shown team-blocks whose 90 % interval holds the truth."""
        truth, estimate, error = self._told(what)
        shown = self.shown[:, pulses]
        held = np.abs(estimate - truth)[:, pulses] <= REACH * error[:, pulses]
        return f"{held[shown].mean():.3f}"

    def rmse_ratio(self, what: str, pulses: slice) -> str:
        """Of estimates to raw scores, and in brackets the former in points of the scale 1 to 5."""
        truth, estimate, _ = self._told(what)
        found, raw = (_rmse((values - truth)[:, pulses], self.shown[:, pulses]) for values in (estimate, self.raw))
        return f"{found / raw:.2f} ({found / STEP:.3f})"

    @property
    def shown(self) -> Flags:
        return np.repeat(self.known.n[..., None] > 0, len(self.known.blocks), axis=2)

    @property
    def raw(self) -> Floats:
        """Scores free of which items were asked, the better of the raw scores."""
        return self.known.adjusted

    def _told(self, what: str) -> tuple[Floats, Floats, Floats]:
        estimate, error = getattr(self.trends, what), getattr(self.trends, f"{what}_sd")
        truth = self.known.climate if what == "climate" else self.known.members
        return truth, estimate[self.teams], error[self.teams]

    @cached_property
    def verdicts(self) -> dict[int, Words]:
        """By the number of the last pulse what is said of all nodes and blocks (1 + D + U, B)."""
        every = range(FIRST, self.known.n.shape[1])
        return {last: changes(fit(self.known.panel(last + 1))).verdict for last in every}

    def false_alarms(self) -> str:
        """Per 1,000 team-blocks without a shock of their own or their department's, a pulse."""
        steady = ~self.known.struck
        told = np.stack([verdict[self.teams][steady] for verdict in self.verdicts.values()])
        told = told[told != "not_enough"]
        return f"{1000 * (told != 'no_change').mean():.2f} of {told.size:,}"

    def found(self, departments: bool) -> str:
        """Shares of the nodes struck that are said to have declined by 0, 1 and 2 pulses after the shock."""
        shocks = [shock for shock in self.known.shocks if (shock.department is not None) == departments]
        if not shocks:
            return "-"
        waits = np.concatenate([self._waits(shock) for shock in shocks])
        shares = " / ".join(f"{(waits <= wait).mean():.0%}" for wait in range(PATIENCE + 1))
        return f"{shares} of {len(waits)}"

    def _waits(self, shock: Shock) -> Ints:
        """Pulses until each node struck is said to have declined; more than PATIENCE if it is not by then."""
        department = shock.department
        nodes = self.known.first_team + shock.teams if department is None else np.array([1 + department])
        waits = np.full(len(nodes), PATIENCE + 1)
        for wait in range(PATIENCE, -1, -1):
            told = self.verdicts.get(shock.pulse + wait)
            if told is not None:
                waits[told[nodes, shock.block] == "declined"] = wait
        return waits

    def clustering(self, pulses: int) -> Clustering:
        known = self.known
        n = np.repeat(known.n[:, -pulses:, None], len(known.blocks), axis=2)
        scores = known.adjusted[:, -pulses:]
        profiles = Profiles(scores, n, known.within, known.department, known.teams, known.blocks)
        return cluster(profiles, np.random.default_rng(1))

    def structure(self, pulses: int) -> str:
        """The verdict, and with archetypes how well teams are put together as they belong (Hubert and Arabie 1985)."""
        found = self.clustering(pulses)
        if self.known.archetype is None or not found.membership:
            return found.verdict
        placed = np.array([member.probabilities is not None for member in found.membership])
        best = np.array([np.argmax(member.probabilities) for member in found.membership if member.probabilities])
        return f"{found.verdict}, {found.k}, ARI {adjusted_rand(best, self.known.archetype[placed]):.2f}"

    def rotation(self) -> str:
        """Worst block's root mean squared error of the organisation's trend, scale 1 to 5, and of raw scores."""
        if not self.known.rotates:
            return "-"
        true = self.known.pooled(self.known.members)[0]
        worst = [
            np.sqrt(((self.known.pooled(values)[0] - true) ** 2).mean(axis=0)).max() / STEP
            for values in (self.known.adjusted, self.known.score)
        ]
        return f"{worst[0]:.3f} ({worst[1]:.3f})"

    def measures(self) -> Iterator[tuple[str, str]]:
        every, last = slice(None), slice(-1, None)
        for what in ("climate", "present"):
            yield f"coverage of 90 % intervals, {what}, all pulses", self.coverage(what, every)
            yield f"coverage of 90 % intervals, {what}, last pulse", self.coverage(what, last)
            yield f"error / raw score's, {what}, all pulses", self.rmse_ratio(what, every)
            yield f"error / raw score's, {what}, last pulse", self.rmse_ratio(what, last)
        yield "false alarms per 1,000 stable team-blocks a pulse", self.false_alarms()
        yield "team shocks found by 0 / 1 / 2 pulses later", self.found(departments=False)
        yield "department shocks found by 0 / 1 / 2 pulses later", self.found(departments=True)
        yield "clusters, last pulse", self.structure(1)
        yield "clusters, last six pulses", self.structure(6)
        yield "error of the rotated trend (without adjusting)", self.rotation()


def _rmse(error: Floats, where: Flags) -> float:
    return float(np.sqrt((error[where] ** 2).mean()))


def table(trials: list[Trial]) -> str:
    columns = [dict(trial.measures()) for trial in trials]
    head = ["", *(trial.known.name for trial in trials)]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, nargs="+")
    print(table([Trial(read(folder)) for folder in options.parse_args().folder]))
