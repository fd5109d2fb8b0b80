"""Omega hierarchical: how much of a block's score one general factor carries, beside narrower ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.measurement.extraction import least_residuals
from service.analytics.measurement.reliability import reliability

Floats = npt.NDArray[np.float64]

_FACTORS, _LEAST_ITEMS = 3, 6
#: Where R's varimax and GPArotation's oblimin are content.
_CLOSE, _STEPS = 1e-5, 1000


@dataclass(frozen=True, slots=True)
class Hierarchical:
    """`omega_h` the general factor's share of the variance of the sum, `omega_total` that of all factors; `alpha`
    and `lambda6` of the items as turned, by `turned`, so that each loads on the general factor positively."""

    omega_h: float
    omega_total: float
    alpha: float | None
    lambda6: float | None
    turned: tuple[bool, ...]


def hierarchical(corr: npt.ArrayLike) -> Hierarchical | None:
    """Of a J x J correlation matrix, as psych::omega with three factors: least residuals, oblimin (Jennrich 2002),
    a general factor of their correlations, Schmid and Leiman (1957); omega after Zinbarg and others (2005).

    None below six items, which do not determine three factors.
    """
    matrix = np.asarray(corr, np.float64)
    if len(matrix) < _LEAST_ITEMS or not np.isfinite(matrix).all():
        return None
    loadings = least_residuals(matrix, _FACTORS)
    pattern, between = oblimin(varimax(loadings))
    general = pattern @ least_residuals(between)[:, 0]
    general = -general if general.sum() < 0 else general
    key = np.where(general < 0, -1.0, 1.0)
    turned = matrix * np.outer(key, key)
    total = float(turned.sum())
    unique = float((1 - (loadings**2).sum(axis=1)).sum())
    plain = reliability(turned)
    return Hierarchical(
        float(np.abs(general).sum()) ** 2 / total,
        1 - unique / total,
        plain.alpha,
        plain.lambda6,
        tuple((key < 0).tolist()),
    )


def varimax(loadings: Floats) -> Floats:
    """Rotated (Kaiser 1958, rows of length one while turning), as R's varimax."""
    length = np.sqrt((loadings**2).sum(axis=1))[:, None]
    rows = loadings / np.where(length > 0, length, 1.0)
    turn, reached = np.eye(loadings.shape[1]), 0.0
    for _ in range(_STEPS):
        z = rows @ turn
        left, values, right = np.linalg.svd(rows.T @ (z**3 - z * (z**2).mean(axis=0)))
        turn, before, reached = left @ right, reached, float(values.sum())
        if reached < before * (1 + _CLOSE):
            break
    return np.asarray(loadings @ turn, np.float64)


def oblimin(loadings: Floats) -> tuple[Floats, Floats]:
    """Pattern (J x m) and the factors' correlations (m x m): quartimin by gradient projection (Jennrich 2002)."""
    turn, step = np.eye(loadings.shape[1]), 1.0
    pattern = loadings
    value, slope = _quartimin(pattern, turn)
    for _ in range(_STEPS):
        projected = slope - turn * (turn * slope).sum(axis=0)
        size = float(np.sqrt((projected**2).sum()))
        if size < _CLOSE:
            break
        step *= 2
        for _ in range(11):
            tried = turn - step * projected
            tried = tried / np.sqrt((tried**2).sum(axis=0))
            pattern = loadings @ np.linalg.inv(tried).T
            lower, ahead = _quartimin(pattern, tried)
            if value - lower > 0.5 * size**2 * step:
                break
            step /= 2
        turn, value, slope = tried, lower, ahead
    return pattern, np.asarray(turn.T @ turn, np.float64)


def _quartimin(pattern: Floats, turn: Floats) -> tuple[float, Floats]:
    """A quarter of the sum of products of squared loadings on different factors, and its slope by `turn`."""
    squares = pattern**2
    others = squares.sum(axis=1, keepdims=True) - squares
    slope = -(pattern.T @ (pattern * others) @ np.linalg.inv(turn)).T
    return float((squares * others).sum()) / 4, np.asarray(slope, np.float64)
