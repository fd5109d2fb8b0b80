"""McDonald's omega: a single factor behind a set of items, fitted by maximum likelihood or by least residuals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from service.analytics.measurement.extraction import least_residuals
from service.analytics.measurement.likelihood import discrepancy, implied, maximum_likelihood
from service.analytics.measurement.reliability import correlation

Floats = npt.NDArray[np.float64]
FitStatus = Literal["ok", "insufficient", "singular", "not_converged"]


@dataclass(frozen=True, slots=True)
class Fit:
    """How far the model is from the data: chi-square with `df`, CFI, RMSEA and SRMR, each as lavaan defines it."""

    chi_square: float
    df: int
    cfi: float
    rmsea: float
    srmr: float


@dataclass(frozen=True, slots=True)
class OneFactor:
    """J `loadings` (their sum is not negative) and `uniquenesses` in the units of the matrix; `omega` = (sum of
    loadings)^2 over the model's variance of the sum, `omega_observed` over the observed.

    `heywood`: some uniqueness is negative, so that omega stands on a model no data can follow. `fit` needs n.
    All None or empty unless `status` is "ok".
    """

    status: FitStatus
    loadings: tuple[float, ...] = ()
    uniquenesses: tuple[float, ...] = ()
    omega: float | None = None
    omega_observed: float | None = None
    heywood: bool | None = None
    fit: Fit | None = None


def one_factor(cov: npt.ArrayLike, n: int | None = None) -> OneFactor:
    """Joereskog (1969) by maximum likelihood on a J x J covariance matrix with divisor n - 1 (lavaan, Wishart
    likelihood); omega after McDonald (1999). Uniquenesses are not bounded, as lavaan does not bound them.

    "insufficient" below three items or without variance, "singular" where the matrix is not positive definite,
    "not_converged" where the likelihood has no maximum to be found.
    """
    observed = np.asarray(cov, np.float64)
    corr = correlation(observed)
    if len(observed) < 3 or corr is None:
        return OneFactor("insufficient")
    if np.linalg.eigvalsh(corr)[0] < 1e-10:
        return OneFactor("singular")
    found = maximum_likelihood(corr)
    if found is None:
        return OneFactor("not_converged")
    sd = np.sqrt(np.diag(observed))
    loadings, uniquenesses = found[: len(sd)] * sd, found[len(sd) :] * sd**2
    return _described(observed, loadings, uniquenesses, None if n is None else _fit(corr, found, n))


def minres(corr: npt.ArrayLike) -> OneFactor:
    """Least squared residuals off the diagonal of a J x J correlation matrix (Harman and Jones 1966; psych::fa with
    fm = "minres"); here `uniquenesses` are 1 - loading^2, and `fit` is None."""
    observed = np.asarray(corr, np.float64)
    if len(observed) < 3 or not np.all(np.isfinite(observed)):
        return OneFactor("insufficient")
    loadings = least_residuals(observed)[:, 0]
    return _described(observed, loadings, 1 - loadings**2, None)


def _described(observed: Floats, loadings: Floats, uniquenesses: Floats, fit: Fit | None) -> OneFactor:
    loadings = -loadings if loadings.sum() < 0 else loadings
    common = float(loadings.sum()) ** 2
    return OneFactor(
        "ok",
        tuple(loadings.tolist()),
        tuple(uniquenesses.tolist()),
        common / (common + float(uniquenesses.sum())),
        common / float(observed.sum()),
        bool((uniquenesses < 0).any()),
        fit,
    )


def _fit(corr: Floats, at: Floats, n: int) -> Fit:
    """Baseline of the CFI: items that are not related. SRMR after Bentler, over the lower triangle with diagonal."""
    size = len(corr)
    df, baseline_df = size * (size - 3) // 2, size * (size - 1) // 2
    chi_square = max(0.0, (n - 1) * discrepancy(at, corr))
    baseline = -(n - 1) * float(np.linalg.slogdet(corr)[1])
    excess = max(0.0, chi_square - df)
    most = max(excess, baseline - baseline_df)
    residual = (corr - implied(at))[np.tril_indices(size)]
    return Fit(
        chi_square,
        df,
        1 - excess / most if most > 0 else 1.0,
        math.sqrt(excess / (df * (n - 1))) if df else 0.0,
        math.sqrt(float((residual**2).mean())),
    )
