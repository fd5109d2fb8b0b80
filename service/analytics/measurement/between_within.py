"""How several variables go together between groups and within them, which need not be alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.analytics.status import Status

Floats = npt.NDArray[np.float64]

#: Relative to the squared mean, a variance this small is what rounding leaves of none.
_ROUNDING = 1e-24


@dataclass(frozen=True, slots=True)
class Moments:
    """Of G groups on V variables: `n` in each (at least 1), their `mean` (G x V), and `within` (V x V), the sum over
    everybody of products of deviations from the group's mean."""

    n: Floats
    mean: Floats
    within: Floats

    @property
    def between(self) -> Floats:
        """The sum over groups of n times products of deviations from the mean of everybody (V x V)."""
        apart = self.mean - self.n @ self.mean / self.n.sum()
        products: Floats = apart.T @ (apart * self.n[:, None])
        return products


@dataclass(frozen=True, slots=True)
class BetweenWithin:
    """Covariances and correlations (V x V) of `n` people in `groups`; None unless status is "ok".

    `within` is pooled within groups, `msb` has the mean squares and products between, `latent` estimates the
    covariance of the groups' true means; the correlations are theirs in turn. A correlation is NaN where a variance
    in it is not above zero; a latent one may lie beyond 1.
    """

    status: Status
    n: int
    groups: int
    n0: float | None = None
    within: Floats | None = None
    msb: Floats | None = None
    latent: Floats | None = None
    cor_within: Floats | None = None
    cor_between: Floats | None = None
    cor_latent: Floats | None = None


@dataclass(frozen=True, slots=True)
class Waba:
    """Within and between analysis of two variables; None unless status is "ok".

    `raw` = `eta_bx` `eta_by` `between` + `eta_wx` `eta_wy` `within`: the correlation of people taken apart into that of
    their groups' means and that about them, each weighted by how much of x and y lies there.
    """

    status: Status
    raw: float | None = None
    eta_bx: float | None = None
    eta_by: float | None = None
    between: float | None = None
    eta_wx: float | None = None
    eta_wy: float | None = None
    within: float | None = None


def moments(values: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[list[Any], Moments]:
    """The labels in sorted order and the moments of their groups, from N x V values and N labels.

    People with anything missing (NaN) are left out.
    """
    rows, label = np.asarray(values, np.float64), np.asarray(labels)
    given = np.isfinite(rows).all(axis=1)
    rows = rows[given]
    names, place = np.unique(label[given], return_inverse=True)
    n = np.bincount(place, minlength=len(names)).astype(np.float64)
    mean = np.zeros((len(names), rows.shape[1]))
    np.add.at(mean, place, rows)
    mean /= n[:, None]
    apart = rows - mean[place]
    return names.tolist(), Moments(n, mean, apart.T @ apart)


def between_within(given: Moments) -> BetweenWithin:
    """Pooled within-group, observed and latent between-group covariance: latent = (MSB - within) / n0.

    n0 = (N - sum n^2 / N) / (G - 1) (Snedecor & Cochran 1980); the moment estimator of multivariate analysis of
    variance with random groups (Searle, Casella & McCulloch 1992, ch. 11). "insufficient" with one group or
    with no more people than groups.
    """
    n, people, size = given.n, float(given.n.sum()), len(given.n)
    if size < 2 or people <= size:
        return BetweenWithin("insufficient", int(people), size)
    within, msb = given.within / (people - size), given.between / (size - 1)
    n0 = (people - float(n @ n) / people) / (size - 1)
    latent = (msb - within) / n0
    least = _ROUNDING * given.mean.mean(axis=0) ** 2
    correlated = (_correlations(covariance, least) for covariance in (within, msb, latent))
    return BetweenWithin("ok", int(people), size, n0, within, msb, latent, *correlated)


def waba(given: Moments, x: int = 0, y: int = 1) -> Waba:
    """Of the variables at places x and y (Dansereau, Alutto & Yammarino 1984; waba of R's multilevel).

    "insufficient" where one of the two does not vary both between groups and within them.
    """
    if len(given.n) < 2:
        return Waba("insufficient")
    pair = np.ix_((x, y), (x, y))
    between, within = given.between[pair], given.within[pair]
    least = _ROUNDING * float(given.n.sum()) * given.mean[:, (x, y)].mean(axis=0) ** 2
    if (np.diag(between) <= least).any() or (np.diag(within) <= least).any():
        return Waba("insufficient")
    total = between + within
    eta_b, eta_w = np.sqrt(np.diag(between) / np.diag(total)), np.sqrt(np.diag(within) / np.diag(total))
    return Waba(
        "ok", _r(total), float(eta_b[0]), float(eta_b[1]), _r(between), float(eta_w[0]), float(eta_w[1]), _r(within)
    )


def _r(products: Floats) -> float:
    return float(products[0, 1]) / math.sqrt(float(products[0, 0] * products[1, 1]))


def _correlations(covariance: Floats, least: Floats) -> Floats:
    variance = np.diag(covariance)
    sd = np.sqrt(np.where(variance > least, variance, np.nan))
    found: Floats = covariance / np.outer(sd, sd)
    return found
