"""The search for the one-factor model's greatest likelihood, on a correlation matrix."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from service.analytics.measurement.extraction import first_axes

Floats = npt.NDArray[np.float64]

#: The gradient of the fit function on the correlation matrix, below which an optimum is taken as found.
_FLAT = 1e-7
#: Newton's method takes five to ten steps; a likelihood without a maximum takes parameters beyond any bound.
_STEPS, _FAR = 200, 50.0


def maximum_likelihood(corr: Floats) -> Floats | None:
    """Loadings and uniquenesses on the correlation matrix, one after the other; None where the search finds no
    minimum. The model has no scale of its own, so that the covariance matrix has the same answer, rescaled.

    Newton's method with the curvature's sign made positive, so that a step always leads down.
    """
    uniqueness = np.clip(1 / np.diag(np.linalg.inv(corr)), 0.05, 0.95)
    at = np.concatenate([first_axes(corr, uniqueness)[:, 0], uniqueness])
    for _ in range(_STEPS):
        gradient = gradient_of(at, corr)
        if np.abs(gradient).max() < _FLAT:
            return _polished(at, corr)
        step = _newton(gradient, hessian_of(at, corr))
        length = _length(at, step, gradient, corr)
        if length is None or np.abs(at).max() > _FAR:
            return None
        at = at + length * step
    return None


def _newton(gradient: Floats, hessian: Floats) -> Floats:
    """No longer than one in the units of a correlation: the curvature is not to be trusted further away."""
    values, vectors = np.linalg.eigh(hessian)
    step = -vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), 1e-8))
    return np.asarray(step / max(1.0, float(np.linalg.norm(step))), np.float64)


def _length(at: Floats, step: Floats, gradient: Floats, corr: Floats) -> float | None:
    """The first of 1, 1/2, 1/4, ... at which the discrepancy falls as a slope promises (Armijo 1966)."""
    start, slope = discrepancy(at, corr), float(gradient @ step)
    for halvings in range(40):
        length = 0.5**halvings
        if discrepancy(at + length * step, corr) <= start + 1e-4 * length * slope + 1e-14:
            return length
    return None


def _polished(at: Floats, corr: Floats) -> Floats:
    """So near the optimum, one plain step doubles the digits."""
    better = at + _newton(gradient_of(at, corr), hessian_of(at, corr))
    return better if np.abs(gradient_of(better, corr)).max() <= np.abs(gradient_of(at, corr)).max() else at


def implied(at: Floats) -> Floats:
    """The covariance matrix the parameters imply."""
    loadings, uniquenesses = np.split(at, 2)
    return np.asarray(np.outer(loadings, loadings) + np.diag(uniquenesses), np.float64)


def discrepancy(at: Floats, corr: Floats) -> float:
    """log|M| + tr(S M^-1) - log|S| - J, without bound where the model's matrix is no covariance matrix."""
    matrix = implied(at)
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return math.inf
    log_determinant = 2 * float(np.log(np.diag(root)).sum()) - float(np.linalg.slogdet(corr)[1])
    return log_determinant + float(np.trace(np.linalg.solve(matrix, corr))) - len(corr)


def _slopes(at: Floats, corr: Floats) -> tuple[Floats, Floats, Floats]:
    """M^-1, M^-1 S M^-1 and the derivative by M, which is their difference."""
    inverse = np.asarray(np.linalg.inv(implied(at)), np.float64)
    both = np.asarray(inverse @ corr @ inverse, np.float64)
    return inverse, both, inverse - both


def gradient_of(at: Floats, corr: Floats) -> Floats:
    _, _, slope = _slopes(at, corr)
    return np.concatenate([2 * slope @ np.split(at, 2)[0], np.diag(slope)])


def hessian_of(at: Floats, corr: Floats) -> Floats:
    """d2F(u, v) = tr(dMu A dMv B) + tr(dMu B dMv A) - tr(dMu A dMv A) + tr(slope d2M), A and B of `_slopes`."""
    inverse, both, slope = _slopes(at, corr)
    loadings = np.split(at, 2)[0]
    size = len(corr)
    hessian = np.zeros((2 * size, 2 * size))
    for left, right, sign in ((inverse, both, 1.0), (both, inverse, 1.0), (inverse, inverse, -1.0)):
        a, b = left @ loadings, right @ loadings
        through, cross = float(loadings @ b), np.outer(b, a)
        # Terms of tr(dMu left dMv right) with dM by a loading e l' + l e' and by a uniqueness e e'.
        hessian[:size, :size] += sign * (
            cross + cross.T + left * through + right * float(loadings @ a)
            if left is not right
            else 2 * (cross + left * through)
        )
        mixed = left * b[None, :] + right * a[None, :]
        hessian[:size, size:] += sign * mixed
        hessian[size:, :size] += sign * mixed.T
        hessian[size:, size:] += sign * left * right
    hessian[:size, :size] += 2 * slope
    return hessian
