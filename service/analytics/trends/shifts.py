"""Finds the pulses after which a series stands on another level than before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.measurement.multiplicity import adjust

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Expected share of false alarms among the shifts found (Benjamini & Hochberg 1995).
FALSE_SHARE = 0.10
#: Steps, counted back from the last pulse, in which a shift is news.
RECENT = 3


@dataclass(frozen=True, slots=True)
class Shifts:
    """For each series and block (S, B): the pulse `after` which the residual is greatest, that residual `z`, the chance
    `p` of so great a one among the steps looked at, and `adjusted` for all series and blocks; 1 where not tested."""

    after: Ints
    z: Floats
    p: Floats
    adjusted: Floats

    @property
    def found(self) -> Bools:
        survives: Bools = self.adjusted <= FALSE_SHARE
        return survives


def greatest(residual: Floats, tested: Bools, steps: int) -> Shifts:
    """Of the last `steps` steps of (T, S, B) standardised auxiliary residuals, whose last pulse has no step after it.

    Over dependent steps the chance of the greatest is at most that of independent ones (Sidak 1967).
    """
    steps = min(steps, len(residual) - 1)
    if steps < 1:
        zero = np.zeros(tested.shape)
        return Shifts(zero.astype(np.int64), zero, zero + 1, zero + 1)
    window = residual[-1 - steps : -1]
    best = np.abs(window).argmax(axis=0)
    z = np.take_along_axis(window, best[None], axis=0)[0]
    p = np.where(tested, _either_side(z, steps), 1.0)
    adjusted = np.ones(p.shape)
    adjusted[tested] = adjust(p[tested])
    return Shifts(best + len(residual) - 1 - steps, z, p, adjusted)


def _either_side(z: Floats, steps: int) -> Floats:
    from scipy.special import ndtr

    single = np.minimum(2 * ndtr(-np.abs(z)), 1 - 1e-16)
    several: Floats = -np.expm1(steps * np.log1p(-single))
    return several


def at_step(shifts: Shifts, which: Bools, pulses: int) -> Bools:
    """(T, S, B): true at the pulse after which each of these shifts lies."""
    placed = np.zeros((pulses, *which.shape), np.bool_)
    np.put_along_axis(placed, shifts.after[None], which[None], axis=0)
    return placed
