"""Factor loadings with least residuals: what psych::fa extracts with fm = "minres"."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.analytics.measurement.reliability import SINGULAR

Floats = npt.NDArray[np.float64]

#: Uniquenesses stay within these; the search runs in units of `_SCALE` and ends as R's optim does.
_LEAST, _MOST, _SCALE = 0.005, 1.0, 0.01
_OPTIONS = {"maxcor": 5, "ftol": 1e7 * float(np.finfo(np.float64).eps), "gtol": 0.0, "maxiter": 100}


def least_residuals(corr: Floats, factors: int = 1) -> Floats:
    """J x `factors` unrotated loadings of a J x J correlation matrix (Harman and Jones 1966).

    With psych's start, scaling, bounds and tolerance: it stops some 1e-6 short of the optimum, and figures that
    are to agree with its must too.
    """
    from scipy.optimize import minimize

    inverse = np.diag(np.linalg.pinv(corr, rcond=SINGULAR, hermitian=True))
    start = np.clip(1 / np.maximum(inverse, 1.0), _LEAST, _MOST) / _SCALE
    bounds = [(_LEAST / _SCALE, _MOST / _SCALE)] * len(corr)
    found = minimize(
        _residuals, start, (corr, factors), "L-BFGS-B", jac=_residual_slope, bounds=bounds, options=_OPTIONS
    )
    return first_axes(corr, found.x * _SCALE, factors)


def first_axes(corr: Floats, uniqueness: Floats, factors: int = 1) -> Floats:
    """The J x `factors` loadings that reproduce `corr` less `uniqueness` on its diagonal best."""
    values, vectors = np.linalg.eigh(corr - np.diag(uniqueness))
    return np.asarray(vectors[:, -factors:] * np.sqrt(np.maximum(values[-factors:], 0.0)), np.float64)


def _residuals(scaled: Floats, corr: Floats, factors: int) -> float:
    """Squared, and each pair of items once."""
    axes = first_axes(corr, scaled * _SCALE, factors)
    return float((np.tril(corr - axes @ axes.T, -1) ** 2).sum())


def _residual_slope(scaled: Floats, corr: Floats, factors: int) -> Floats:
    """What psych gives for the derivative: the diagonal's residual, none at the same optimum."""
    uniqueness = scaled * _SCALE
    axes = first_axes(corr, uniqueness, factors)
    return np.asarray(((axes**2).sum(axis=1) + uniqueness - np.diag(corr)) * _SCALE, np.float64)
