"""How likely a pair of unknown true values is to lie in each of the four quadrants about a point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NORMAL = NormalDist()
#: Enough for an error below 1e-7 at correlations up to +-.99, which is all that is asked here.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)


@dataclass(frozen=True, slots=True)
class Quadrants:
    """Probabilities, together 1: of the first and the second value each above (`high`) or below (`low`) the cut."""

    high_high: float
    high_low: float
    low_high: float
    low_low: float


def quadrants(mean: Floats, covariance: Floats, cut: float) -> Quadrants:
    """Of a normal pair with this `mean` (2) and `covariance` (2 x 2, both variances above 0), cut at `cut` in both."""
    sd = np.sqrt(np.diag(covariance))
    first, second = ((mean - cut) / sd).tolist()
    both = both_below(first, second, float(covariance[0, 1] / (sd[0] * sd[1])))
    one, other = _NORMAL.cdf(first), _NORMAL.cdf(second)
    parts = (both, one - both, other - both, 1 - one - other + both)
    return Quadrants(*(min(1.0, max(0.0, part)) for part in parts))


def both_below(first: float, second: float, correlation: float) -> float:
    """P(X < first and Y < second) of a standard normal pair.

    Phi(h) Phi(k) + 1 / (2 pi) times the integral, from 0 to asin(r), of exp(-(h^2 + k^2 - 2 h k sin t) / (2 cos^2 t))
    (Plackett 1954; by Gauss-Legendre after Drezner and Wesolowsky 1990).
    """
    half = math.asin(max(-0.99, min(0.99, correlation))) / 2
    angle = half * (_NODES + 1)
    exponent = (first * first + second * second - 2 * first * second * np.sin(angle)) / (2 * np.cos(angle) ** 2)
    tilt = half * float(_WEIGHTS @ np.exp(-exponent)) / (2 * math.pi)
    return _NORMAL.cdf(first) * _NORMAL.cdf(second) + tilt
