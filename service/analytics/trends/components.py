"""Estimates the variance components of a level's series together, with weak priors."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from service.analytics.trends.kalman import Model, forward, log_likelihood
from service.analytics.trends.sample import DIFFUSE, Components, Sample

Floats = npt.NDArray[np.float64]

#: Centres and standard deviations of the normal priors on log(tau2 / s2w), log(q / step^2), logit(kappa) and
#: logit(rho). On the logit, kappa cannot pass one, and a deviation of one there is .35 on its log at the centre.
_CENTRE = np.array([math.log(0.18), math.log(0.05**2), math.log(0.65 / 0.35), 3.0])
_SPREAD = np.array([1.0, 1.5, 1.0, 1.5])
#: The search is kept within this many prior standard deviations.
_REACH = 5.0
_DIFFERENCE = 1e-4
_OPTIONS = {"gtol": 1e-3, "ftol": 1e-9, "maxiter": 60}


def expected(sample: Sample) -> Components:
    """The priors' centre."""
    return _components(np.zeros(4), sample)


def estimate(sample: Sample) -> Components:
    """The maximum of likelihood times priors.

    Where each pulse's effect is estimated from the same m series, that takes one of m degrees of freedom: the
    restricted likelihood of Patterson & Thompson (1971), exact for series with equal errors.
    """
    from scipy.optimize import minimize

    free = np.array([not sample.diffuse, True, True, True])
    if not sample.seen.any():
        return expected(sample)

    def loss(given: Floats) -> tuple[float, Floats]:
        values = _penalised(_around(_placed(given, free)), sample)
        slope: Floats = (values[5:] - values[1:5])[free] / (2 * _DIFFERENCE)
        return -float(values[0]), slope

    nowhere = np.zeros(int(free.sum()))
    bounds = [(-_REACH, _REACH)] * len(nowhere)
    found = minimize(loss, nowhere, jac=True, method="L-BFGS-B", bounds=bounds, options=_OPTIONS)
    return _components(_placed(found.x, free), sample)


def _placed(given: Floats, free: npt.NDArray[np.bool_]) -> Floats:
    at = np.zeros(len(free))
    at[free] = given
    return at


def _around(at: Floats) -> Floats:
    """The point itself, then a little more and a little less of each component: all go through the filter at once."""
    aside = _DIFFERENCE * np.eye(len(at))
    return np.vstack([at, at + aside, at - aside])


def _natural(at: Floats, sample: Sample) -> tuple[Floats, ...]:
    """A column of each component, from rows of prior standard deviations away from the centre."""
    values = _CENTRE + _SPREAD * at
    start = np.full(len(at), DIFFUSE * sample.step**2) if sample.diffuse else np.exp(values[:, 0]) * sample.scale
    shares = 1 / (1 + np.exp(-values[:, 2:]))
    return start[:, None], np.exp(values[:, 1:2]) * sample.step**2, shares[:, :1], shares[:, 1:]


def _components(at: Floats, sample: Sample) -> Components:
    return Components(*(float(column[0, 0]) for column in _natural(at[None], sample)))


def _penalised(at: Floats, sample: Sample) -> Floats:
    start, drift, kappa, rho = _natural(at, sample)
    noise = kappa * sample.error[:, None, :] + sample.extra[:, None, :]
    steps = np.broadcast_to(drift, (len(sample.y), *drift.shape))
    ahead = forward(Model(sample.y[:, None, :], noise, steps, start, (1 - kappa) * sample.lasting, rho))
    prior = 0.5 * (at**2).sum(axis=1)
    return np.asarray(log_likelihood(ahead, _spare(sample)) - prior, np.float64)


def _spare(sample: Sample) -> Floats:
    """(T,) the share of the degrees of freedom that the pulse effect leaves."""
    if not sample.common:
        return np.ones(len(sample.y))
    return np.asarray(1 - 1 / np.maximum(sample.seen.sum(axis=1), 1), np.float64)
