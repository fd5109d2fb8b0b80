"""Filter and smoother of many series at once: a random walk, a fading composition effect and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Model:
    """y_t = x_t + p_t + e_t for S series: x a random walk from variance `start` at the first pulse with step variances
    `drift`, p an autoregression of stationary variance `composition` and coefficient `rho`, e of variance `noise`.

    `y` (T, S) is NaN where nothing was seen; `noise` and `drift` (T, S), drift[t] leading from t to t + 1; `start`,
    `composition` and `rho` (S,) or anything that broadcasts against it, with axes in front for several parameter sets.
    """

    y: Floats
    noise: Floats
    drift: Floats
    start: Floats
    composition: Floats
    rho: Floats


@dataclass(frozen=True, slots=True)
class Filtered:
    """One-step predictions, each (T, ..., S): means `x` and `p`, covariances `xx`, `xp`, `pp`; the innovation, one over
    its variance (both 0 where nothing was seen) and the gains of both states."""

    x: Floats
    p: Floats
    xx: Floats
    xp: Floats
    pp: Floats
    innovation: Floats
    precision: Floats
    gain_x: Floats
    gain_p: Floats


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Given all pulses, each (T, S): `climate` x and `present` x + p with variances; the covariance of x with its last
    value; `shift`, the standardised auxiliary residual of the step after each pulse, and `shift_precision`, one
    over the variance a jump there would be estimated with; `weighted`, the inverse covariance times the series."""

    climate: Floats
    climate_variance: Floats
    climate_with_last: Floats
    present: Floats
    present_variance: Floats
    shift: Floats
    shift_precision: Floats
    weighted: Floats


def forward(model: Model) -> Filtered:
    """The Kalman filter in closed form for two states (Durbin & Koopman 2012, ch. 4.3), all series together."""
    seen = np.isfinite(model.y).astype(np.float64)
    y = np.where(seen > 0, model.y, 0.0)
    shape = np.broadcast_shapes(model.y.shape[1:], model.start.shape, model.composition.shape, model.rho.shape)
    kept = np.empty((9, len(y), *shape))
    x = p = np.zeros(shape)
    xx, xp, pp = np.broadcast_to(model.start, shape), np.zeros(shape), np.broadcast_to(model.composition, shape)
    squared, renewed = model.rho**2, (1 - model.rho**2) * model.composition
    for t in range(len(y)):
        to_x, to_p = xx + xp, xp + pp
        precision = seen[t] / (to_x + to_p + model.noise[t])
        innovation = seen[t] * (y[t] - x - p)
        gain_x, gain_p = to_x * precision, to_p * precision
        for place, value in enumerate((x, p, xx, xp, pp, innovation, precision, gain_x, gain_p)):
            kept[place, t] = value
        x, p = x + gain_x * innovation, model.rho * (p + gain_p * innovation)
        xx, xp = xx - gain_x * to_x + model.drift[t], model.rho * (xp - gain_x * to_p)
        pp = squared * (pp - gain_p * to_p) + renewed
    return Filtered(*kept)


def smooth(model: Model, ahead: Filtered) -> Smoothed:
    """The backward pass on scores r and their variances N (de Jong 1989; Durbin & Koopman 2012, ch. 4.4, 4.5, 4.7).

    The residual r / sqrt(N) of a state's disturbance is that of Harvey & Koopman (1992).
    """
    pulses, series = model.y.shape
    kept = np.empty((8, pulses, series))
    zero = np.zeros(series)
    rx = rp = nxx = nxp = npp = zero
    last: tuple[Floats, Floats] | None = None
    for t in range(pulses - 1, -1, -1):
        kept[5, t], kept[6, t] = _standardised(rx, nxx), nxx
        kx, kp, f = ahead.gain_x[t], ahead.gain_p[t], ahead.precision[t]
        rp = model.rho * rp
        pull = kx * rx + kp * rp
        kept[7, t] = ahead.innovation[t] * f - pull
        rx, rp = rx + kept[7, t], rp + kept[7, t]
        nxp, npp = model.rho * nxp, model.rho**2 * npp
        ux, up = nxx * kx + nxp * kp, nxp * kx + npp * kp
        more = kx * ux + kp * up + f
        nxx, nxp, npp = nxx - 2 * ux + more, nxp - ux - up + more, npp - 2 * up + more
        xx, xp, pp = ahead.xx[t], ahead.xp[t], ahead.pp[t]
        zx, zp = xx + xp, xp + pp
        climb = xx * rx + xp * rp
        kept[0, t] = ahead.x[t] + climb
        kept[1, t] = xx - (xx * xx * nxx + 2 * xx * xp * nxp + xp * xp * npp)
        kept[3, t] = ahead.x[t] + ahead.p[t] + climb + xp * rx + pp * rp
        kept[4, t] = zx + zp - (zx * zx * nxx + 2 * zx * zp * nxp + zp * zp * npp)
        last = _towards_last(*last, model.rho, kx, kp) if last else (1 - f * zx, -f * zx)
        kept[2, t] = xx * last[0] + xp * last[1]
    return Smoothed(*kept)


def _standardised(score: Floats, variance: Floats) -> Floats:
    known = variance > 0
    return np.where(known, score / np.sqrt(np.where(known, variance, 1.0)), 0.0)


def _towards_last(on_x: Floats, on_p: Floats, rho: Floats, kx: Floats, kp: Floats) -> tuple[Floats, Floats]:
    """What errors of x and p are multiplied with on the way to the last pulse's x, one pulse earlier; it starts there
    from the first column of I - N P."""
    on_p = rho * on_p
    pull = kx * on_x + kp * on_p
    return on_x - pull, on_p - pull


def log_likelihood(ahead: Filtered, spare: Floats | None = None) -> Floats:
    """Of each parameter set, summed over series and pulses, without its constant; `spare` (T,) weighs the variances'
    part of each pulse."""
    seen = ahead.precision > 0
    logs = np.log(ahead.precision, out=np.zeros_like(ahead.precision), where=seen)
    rest = ahead.innovation**2 * ahead.precision
    if spare is not None:
        logs *= spare.reshape(-1, *(1,) * (logs.ndim - 1))
    total: Floats = 0.5 * (logs - rest).sum(axis=(0, -1))
    return total
