"""How much of what a regression explains goes with each predictor, by the measures of relative importance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from service.analytics.status import Status

Floats = npt.NDArray[np.float64]

#: All subsets of predictors are fitted: 65,536 at this many.
MOST_PREDICTORS = 16
#: Below this least eigenvalue the predictors' correlations cannot be told from dependent ones.
LEAST_EIGENVALUE = 1e-10


@dataclass(frozen=True, slots=True)
class Importance:
    """A regression on P predictors, which arrays are in the order of; None unless status is "ok".

    `lmg`, `pratt`, `genizi` and `car` are shares of the outcome's whole variance that add up to `r2`; `first` is what
    the predictor explains alone, `last` what it adds to all others, `betasq` its standardised coefficient squared.
    Standard errors and `adjusted_r2` need the number of observations, `intercept` the means.
    """

    status: Status
    n: int | None = None
    r2: float | None = None
    adjusted_r2: float | None = None
    lmg: Floats | None = None
    first: Floats | None = None
    last: Floats | None = None
    betasq: Floats | None = None
    pratt: Floats | None = None
    genizi: Floats | None = None
    car: Floats | None = None
    coefficients: Floats | None = None
    se: Floats | None = None
    beta: Floats | None = None
    intercept: float | None = None
    se_intercept: float | None = None


def importance_of(outcome: npt.ArrayLike, predictors: npt.ArrayLike) -> Importance:
    """From n outcomes and n x P predictors; observations with anything missing (NaN) are left out."""
    rows = np.column_stack([np.asarray(outcome, np.float64), np.asarray(predictors, np.float64)])
    rows = rows[np.isfinite(rows).all(axis=1)]
    if len(rows) < 2 or (rows == rows[0]).all(axis=0).any():
        return Importance("insufficient")
    return importance(np.atleast_2d(np.cov(rows, rowvar=False)), len(rows), rows.mean(axis=0))


def importance(covariance: Floats, n: int | None = None, means: Floats | None = None) -> Importance:
    """From the (P + 1) x (P + 1) covariance (n - 1 beneath) or correlation matrix, the outcome first.

    calc.relimp of R's relaimpo (Groemping 2006): `lmg` by Lindeman, Merenda & Gold (1980), the mean over all orders of
    entry, which is Shapley's (1953) value; `pratt` Pratt (1987); `genizi` Genizi (1993), which are the relative
    weights of Johnson (2000); `car` Zuber & Strimmer (2011). "insufficient" without predictors or with more than 16,
    with too few observations, or where something does not vary or predictors depend on each other.
    """
    size = len(covariance) - 1
    if not 1 <= size <= MOST_PREDICTORS or (n is not None and n < size + 2) or not usable(covariance):
        return Importance("insufficient")
    correlation = correlations(covariance)
    beta = _beta(correlation)
    sd: Floats = np.sqrt(np.diag(covariance))
    explained = _explained(correlation)
    r2, coefficients = float(explained[-1]), beta * sd[0] / sd[1:]
    adjusted, se, se_intercept = _errors(covariance, r2, n, means)
    return Importance(
        "ok",
        n,
        r2,
        adjusted,
        _lmg(explained),
        correlation[1:, 0] ** 2,
        r2 - explained[(1 << size) - 1 - (1 << np.arange(size))],
        beta**2,
        beta * correlation[1:, 0],
        _genizi(correlation),
        _car(correlation),
        coefficients,
        se,
        beta,
        None if means is None else float(means[0] - means[1:] @ coefficients),
        se_intercept,
    )


def _beta(correlation: Floats) -> Floats:
    found: Floats = np.linalg.solve(correlation[1:, 1:], correlation[1:, 0]).astype(np.float64)
    return found


def usable(covariance: Floats) -> bool:
    """Whether everything varies and no predictor is a combination of the others."""
    spread = np.diag(covariance)
    if not np.isfinite(covariance).all() or (spread <= 0).any():
        return False
    return float(np.linalg.eigvalsh(correlations(covariance)[1:, 1:]).min()) > LEAST_EIGENVALUE


def correlations(covariance: Floats) -> Floats:
    """Of one covariance matrix, or of each of a stack (... x V x V)."""
    sd = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    found: Floats = covariance / (sd[..., :, None] * sd[..., None, :])
    return found


def lmg(correlation: Floats) -> tuple[Floats, Floats]:
    """The shares (... x P) and R2 (...) of one correlation matrix, the outcome first, or of each of a stack."""
    explained = _explained(correlation)
    return _lmg(explained), explained[..., -1]


def _explained(correlation: Floats) -> Floats:
    """R2 of each subset of predictors, ... x 2^P: predictor i is in the subset where bit i of its place is set."""
    size = correlation.shape[-1] - 1
    among, outcome = correlation[..., 1:, 1:], correlation[..., 1:, 0]
    explained = np.zeros((*correlation.shape[:-2], 1 << size))
    for count in range(1, size + 1):
        chosen = np.array(list(combinations(range(size), count)))
        inner, outer = among[..., chosen[:, :, None], chosen[:, None, :]], outcome[..., chosen]
        beta = np.linalg.solve(inner, outer[..., None])[..., 0]
        explained[..., (1 << chosen).sum(axis=1)] = (beta * outer).sum(axis=-1)
    return explained


def _lmg(explained: Floats) -> Floats:
    """What each adds to the subsets without it, those of one size weighing as much together as those of another."""
    size = explained.shape[-1].bit_length() - 1
    subsets = np.arange(1 << size)
    counts = np.array([subset.bit_count() for subset in range(1 << size)])
    weight = np.array([1 / (size * math.comb(size - 1, count)) for count in range(size)])
    shares = []
    for place in range(size):
        without = subsets[subsets & (1 << place) == 0]
        added = explained[..., without | (1 << place)] - explained[..., without]
        shares.append(added @ weight[counts[without]])
    return np.stack(shares, axis=-1)


def _genizi(correlation: Floats) -> Floats:
    values, vectors = np.linalg.eigh(correlation[1:, 1:])
    root = vectors * np.sqrt(values) @ vectors.T
    shares: Floats = root**2 @ np.linalg.solve(root, correlation[1:, 0]) ** 2
    return shares


def _car(correlation: Floats) -> Floats:
    values, vectors = np.linalg.eigh(correlation[1:, 1:])
    scores: Floats = (vectors / np.sqrt(values) @ vectors.T @ correlation[1:, 0]) ** 2
    return scores


def _errors(
    covariance: Floats, r2: float, n: int | None, means: Floats | None
) -> tuple[float | None, Floats | None, float | None]:
    """Adjusted R2 and the standard errors of coefficients and intercept, as far as they can be had."""
    if n is None:
        return None, None, None
    free = n - len(covariance)
    residual = max(0.0, 1 - r2) * float(covariance[0, 0]) / free
    inverse = np.linalg.inv(covariance[1:, 1:])
    se = np.sqrt(residual * np.diag(inverse))
    adjusted = 1 - (1 - r2) * (n - 1) / free
    if means is None:
        return adjusted, se, None
    leverage = (n - 1) / n + float(means[1:] @ inverse @ means[1:])
    return adjusted, se, math.sqrt(residual * leverage)
