"""Organisations whose archetypes, or lack of any, are known because they were planted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.analytics.clusters.profiles import Profiles

BLOCKS = ("wellbeing", "safety", "conflict", "coaching")
WITHIN = 400 * (0.5 * np.eye(4) + 0.5)
#: Points from the organisation's mean, by archetype and block.
SHAPES = np.array([[6.0, 6.0, 5.0, 5.0], [8.0, -18.0, -16.0, 4.0], [-18.0, 8.0, 6.0, -14.0]])


def plant(
    teams: int,
    pulses: int,
    rng: np.random.Generator,
    shapes: npt.NDArray[np.float64] | None = SHAPES,
    department_sd: float = 2.0,
) -> tuple[Profiles, npt.NDArray[np.int64]]:
    """Departments of ten teams of 5 to 12 people; half, a quarter and a quarter of each shape, if there are any."""
    department = np.arange(teams) // 10
    kind = np.arange(teams) % 4 % 3 if shapes is not None else np.zeros(teams, np.int64)
    truth = rng.normal(0, department_sd, (teams // 10 + 1, 4))[department] + rng.normal(0, 3, (teams, 4))
    truth += 60 if shapes is None else 60 + shapes[kind]
    n = np.repeat(rng.integers(5, 13, (teams, pulses, 1)), 4, axis=2).astype(np.float64)
    noise = rng.multivariate_normal(np.zeros(4), WITHIN, (teams, pulses)) / np.sqrt(n)
    drift = rng.normal(0, 3, (pulses, 4))
    names = tuple(f"team {number}" for number in range(teams))
    return Profiles(truth[:, None] + noise + drift, n, WITHIN, department, names, BLOCKS), kind
