"""How likely each answer is to be the one most people would give, had everybody been asked."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Jeffreys' prior (1946) for shares: half an answer at each point. It favours none and needs no other unit, so that a
#: finding can be made again from the unit's own counts.
JEFFREYS = 0.5
_STEPS = 2_000
#: A root of a gamma variate has a standard deviation of about a half: nothing that matters lies further out.
_REACH = 5.0


@lru_cache(maxsize=65_536)
def mode_chances(counts: tuple[int, ...]) -> tuple[float, ...]:
    """For each point, the posterior probability that its share is the greatest of all.

    Shares are Dirichlet with the counts plus a half each. They are independent gamma variates divided by their sum
    (Devroye 1986), which leaves the greatest the greatest, so the probability is one integral a point: its density
    times the distributions of all others. Taken over the roots of the variates, where nothing is singular; within 1e-6.
    """
    shapes = np.array(counts, np.float64) + JEFFREYS
    furthest = math.sqrt(shapes.max())
    root = np.linspace(max(0.0, furthest - _REACH), furthest + _REACH, _STEPS + 1)
    step = float(root[1] - root[0])
    density = np.array([_density(shape, root) for shape in shapes])
    above = step * (np.cumsum(density[:, ::-1], axis=1)[:, ::-1] - density / 2)
    below = np.clip(1 - above, 0, 1)
    chances = [_integral(density[k] * np.delete(below, k, axis=0).prod(axis=0), step) for k in range(len(shapes))]
    total = sum(chances)
    return tuple(chance / total for chance in chances)


def _density(shape: float, root: Floats) -> Floats:
    """Of the root of a gamma variate: 2 x^(2a - 1) exp(-x^2) / Gamma(a), with 0^0 = 1 at a = 1/2."""
    with np.errstate(divide="ignore"):
        power = (2 * shape - 1) * np.log(root) if shape != JEFFREYS else np.zeros_like(root)
    density: Floats = 2 * np.exp(power - root**2 - math.lgamma(shape))
    return density


def _integral(values: Floats, step: float) -> float:
    """By the trapezoidal rule."""
    return step * float(values.sum() - (values[0] + values[-1]) / 2)
