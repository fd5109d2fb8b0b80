"""What all teams have in common at each pulse, apart from where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.trends.kalman import forward, smooth
from service.analytics.trends.sample import Components, Sample

Floats = npt.NDArray[np.float64]

#: Series the normal matrix is summed over; more hardly change it.
_ENOUGH = 400
#: Error variance, in squared scale units, that stands for a score that is missing.
_MISSING = 1e9
_RIDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Effect:
    """c (T,) and the variance of its error."""

    value: Floats
    variance: Floats


def pulse_effect(sample: Sample, parts: Components, jumps: Floats, start: Effect) -> Effect:
    """Generalised least squares of c_t over all series at once (Aitken 1935), so that teams which miss a pulse do not
    shift it: each series weighs in with its inverse covariance over time.

    Newton's step is exact where the normal matrix is summed over every series. Beyond _ENOUGH it is summed over some of
    them and a second step, from the first one's result, removes what that leaves.
    """
    normal = _normal(sample, parts, jumps)
    normal += _RIDGE * np.trace(normal) * np.eye(len(normal))
    value = start.value
    for _ in range(1 if sample.y.shape[1] <= _ENOUGH else 2):
        model = sample.less(value).model(parts, jumps)
        value = value + np.linalg.solve(normal, smooth(model, forward(model)).weighted.sum(axis=1))
    return Effect(value, np.diag(np.linalg.inv(normal)).copy())


def constant(sample: Sample) -> Effect:
    """One level for all pulses, where there are too few series to tell a pulse from the teams."""
    pulses, seen = len(sample.y), sample.seen
    level = float(sample.y[seen].mean()) if seen.any() else 0.0
    return Effect(np.full(pulses, level), np.zeros(pulses))


def _normal(sample: Sample, parts: Components, jumps: Floats) -> Floats:
    """The sum of the series' inverse covariances, (T, T)."""
    pulses, series = sample.y.shape
    some = np.arange(series) % -(-series // _ENOUGH) == 0
    used, at = sample.take(some), np.arange(pulses)
    noise = np.where(used.seen, parts.kappa * used.error + used.extra, _MISSING * sample.step**2).T
    lasting = (1 - parts.kappa) * used.lasting[:, None, None] * parts.rho ** abs(at[:, None] - at)
    steps = parts.drift + jumps[:-1, some]
    walked = np.concatenate([np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)]).T
    covariance = parts.start + np.minimum(walked[:, :, None], walked[:, None, :]) + lasting
    covariance[:, at, at] += noise
    total: Floats = np.linalg.inv(covariance).sum(axis=0) * (series / len(covariance))
    return total
