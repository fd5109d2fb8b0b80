"""Gaussian mixtures and how well they describe data for the parameters they spend."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Covariance = Literal["full", "tied", "diag", "spherical"]

STARTS = 5
_TOLERANCE = 1e-4
_ITERATIONS = 500
#: Relative to the data; too small to be seen in a likelihood.
RIDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Mixture:
    """k components in r dimensions: `weights` k, `means` k x r, their one `covariance` r x r; more `bic` is better."""

    weights: Floats
    means: Floats
    covariance: Floats
    bic: float

    @property
    def k(self) -> int:
        return len(self.weights)


#: Sizes of mixture in a row that are no better before no more are tried.
PATIENCE = 2


def best_mixture(data: Floats, most: int, seed: int) -> Mixture:
    """The tied mixture of 1 to `most` components with the best BIC (Fraley & Raftery 2002).

    Where PATIENCE more components in turn were no better, more are not tried: most organisations have no archetypes,
    and the largest mixtures take the longest.
    """
    best = tied_mixture(data, 1, seed)
    for k in range(2, most + 1):
        tried = tied_mixture(data, k, seed)
        best = max(best, tried, key=lambda mixture: mixture.bic)
        if k - best.k >= PATIENCE:
            break
    return best


def tied_mixture(data: Floats, k: int, seed: int) -> Mixture:
    """The most likely of five fits from different k-means starts."""
    from sklearn.mixture import GaussianMixture

    with quiet():
        found = GaussianMixture(
            k,
            covariance_type="tied",
            n_init=STARTS if k > 1 else 1,
            tol=_TOLERANCE,
            max_iter=_ITERATIONS,
            reg_covar=ridge(data),
            random_state=seed,
        ).fit(data)
        return Mixture(found.weights_, found.means_, found.covariances_, -float(found.bic(data)))


def ridge(data: Floats) -> float:
    """What is added to variances so that data lying in a plane have a likelihood, whatever their units."""
    return RIDGE * (1 + float(data.var(axis=0).max()))


def parameters(k: int, dimensions: int, covariance: Covariance = "tied") -> int:
    """Free parameters of a mixture of k components."""
    symmetric = dimensions * (dimensions + 1) // 2
    shape = {"full": k * symmetric, "tied": symmetric, "diag": k * dimensions, "spherical": k}[covariance]
    return k * dimensions + k - 1 + shape


@contextmanager
def quiet() -> Iterator[None]:
    """A start that did not converge loses against one that did: no news to whoever runs this.

    On one thread: for so few teams more of them wait for each other several times longer than they work.
    """
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        yield
