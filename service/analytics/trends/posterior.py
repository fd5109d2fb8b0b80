"""What the fitted model says about every series at every pulse, and about its course up to the last."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from service.analytics.trends.kalman import Filtered, Model, Smoothed, forward, log_likelihood, smooth
from service.analytics.trends.robust import Track

Floats = npt.NDArray[np.float64]

#: Pulses back from the last that the course is looked at over.
SPANS = (3, 6, 12)
#: Share of a variance below which what is left of it is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Posterior:
    """Of S series, each (T, S) but `course` (3, K, S), which is the change of x over each of SPANS: its mean, its
    variance and the variance it had before anything was seen, NaN where the series is shorter."""

    climate: Floats
    climate_sd: Floats
    present: Floats
    present_sd: Floats
    deviation: Floats
    with_last: Floats
    surprise: Floats
    shift: Floats
    shift_precision: Floats
    course: Floats
    log_likelihood: float


def posterior(track: Track) -> Posterior:
    """The levels let a series jump wherever it breaks; residuals and course only where that is no longer news."""
    sample = track.sample.less(track.effect.value)
    model = sample.model(track.parts, track.older)
    ahead = forward(model)
    base = smooth(model, ahead)
    final = _with_news(track, base)
    climate_doubt, present_doubt = _doubt(track, model, final)
    effect = track.effect.value[:, None]
    return Posterior(
        final.climate + effect,
        _sd(final.climate_variance + climate_doubt),
        final.present + effect,
        _sd(final.present_variance + present_doubt),
        final.climate,
        final.climate_with_last,
        _surprise(track, ahead),
        base.shift,
        base.shift_precision,
        _course(base, model),
        float(log_likelihood(ahead)),
    )


def _sd(variance: Floats) -> Floats:
    """Where a score is all but free of error, rounding can leave its variance a little below nothing."""
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _with_news(track: Track, base: Smoothed) -> Smoothed:
    """Smoothed again, but only the series whose recent jumps make a difference."""
    changed = np.any(track.jumps != track.older, axis=0)
    if not changed.any():
        return base
    model = track.sample.take(changed).less(track.effect.value).model(track.parts, track.jumps[:, changed])
    again = smooth(model, forward(model))
    values = {}
    for field in fields(Smoothed):
        whole = getattr(base, field.name).copy()
        whole[:, changed] = getattr(again, field.name)
        values[field.name] = whole
    return replace(base, **values)


def _doubt(track: Track, model: Model, final: Smoothed) -> tuple[Floats, Floats]:
    """What the error of c_t adds to the variances of c + x and c + x + p.

    The weight a series gives its own scores carries c's error away again. Were all m series alike, c's error would have
    the covariance of one of them over m, and what is left of it be (noise + composition - posterior variance) / m; at a
    pulse that was missed the last sign turns. The ratio of c's variance to that of the series stands for 1 / m.
    """
    sign = np.where(track.sample.seen, -1.0, 1.0)
    walked = np.cumsum(model.drift, axis=0) - model.drift
    ratio = track.effect.variance[:, None] / (model.start + walked + model.composition + model.noise)
    climate = ratio * (model.noise + model.composition + sign * final.climate_variance)
    present = ratio * (model.noise + sign * final.present_variance)
    return np.maximum(climate, 0.0), np.maximum(present, 0.0)


def _surprise(track: Track, ahead: Filtered) -> Floats:
    """Standardised innovations; a jump that is let in widens what comes after it, but not the prediction it breaks."""
    entered = np.zeros(ahead.precision.shape)
    entered[1:] = track.older[:-1]
    return np.where(
        track.sample.seen,
        ahead.innovation * np.sqrt(ahead.precision / (1 - entered * ahead.precision)),
        np.nan,
    )


def _course(base: Smoothed, model: Model) -> Floats:
    found = np.full((3, len(SPANS), base.climate.shape[1]), np.nan)
    for place, span in enumerate(SPANS):
        at = len(base.climate) - 1 - span
        if at >= 0:
            variance = base.climate_variance[-1] + base.climate_variance[at] - 2 * base.climate_with_last[at]
            before = model.drift[at:-1].sum(axis=0)
            after = np.maximum(variance, _ROUNDING * before)
            found[:, place] = base.climate[-1] - base.climate[at], after, before
    return found
