"""Panels drawn from the model itself, with their truth: teams in departments below one root."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from service.analytics.trends.panel import Panel

Floats = npt.NDArray[np.float64]

WITHIN, KAPPA, START, RHO = 0.55, 0.65, 0.12, 0.97
SPAN = 8


@dataclass(frozen=True)
class Drawn:
    panel: Panel
    climate: Floats
    present: Floats
    first: int


def draw(teams: int, pulses: int, seed: int, *, blocks: int = 2, drift: float = 0.02, missing: float = 0.08) -> Drawn:
    """`first` is the position of the first team; scores in scale units of 1 to 5 about 3.7."""
    chance = np.random.default_rng(seed)
    shape = (teams, pulses, blocks)
    usual = chance.integers(5, 12, teams).astype(float)
    n = np.clip(usual[:, None] + chance.integers(-1, 2, (teams, pulses)), 4, None)
    n[chance.random(n.shape) < missing] = 0
    n = np.repeat(n[:, :, None], blocks, axis=2)
    steps = chance.normal(0, drift, shape)
    steps[:, 0] = chance.normal(0, START**0.5, (teams, blocks))
    climate = 3.7 + chance.normal(0, 0.03, (pulses, blocks)) + steps.cumsum(axis=1)
    renewed = chance.normal(0, ((1 - KAPPA) * WITHIN / usual)[:, None, None] ** 0.5, shape)
    composition = renewed.copy()
    for pulse in range(1, pulses):
        composition[:, pulse] = RHO * composition[:, pulse - 1] + (1 - RHO**2) ** 0.5 * renewed[:, pulse]
    present = climate + composition
    score = present + chance.normal(0, (KAPPA * WITHIN / np.maximum(n, 1)) ** 0.5)
    departments = -(-teams // SPAN)
    bare = Panel(
        np.concatenate([[-1], np.zeros(departments, np.int64), 1 + np.arange(teams) // SPAN]),
        np.zeros((1 + departments + teams, pulses, blocks)),
        np.zeros((1 + departments + teams, pulses, blocks)),
        np.full((pulses, blocks), WITHIN),
        np.full((1 + departments + teams, pulses), np.nan),
        1.0,
    )
    first = 1 + departments
    return Drawn(_filled(bare, first, n, np.where(n > 0, score, np.nan)), climate, present, first)


def with_teams(drawn: Drawn, score: Floats) -> Panel:
    """The same with other scores of the teams, and what they make of the nodes above."""
    return _filled(drawn.panel, drawn.first, drawn.panel.n[drawn.first :], score)


def _filled(panel: Panel, first: int, n: Floats, score: Floats) -> Panel:
    counts, totals = np.zeros((2, *panel.score.shape))
    counts[first:] = np.where(np.isfinite(score), n, 0.0)
    totals[first:] = counts[first:] * np.nan_to_num(score)
    for node in range(len(counts) - 1, 0, -1):
        counts[panel.parent[node]] += counts[node]
        totals[panel.parent[node]] += totals[node]
    means = np.divide(totals, counts, out=np.full(counts.shape, np.nan), where=counts > 0)
    return replace(panel, n=counts, score=means)
