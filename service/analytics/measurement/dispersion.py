"""Which teams are divided: each team's variance leant towards what is usual, and tested against it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.measurement.multiplicity import adjust

Floats = npt.NDArray[np.float64]

#: Variances below this share of the median are raised to it: a logarithm of (nearly) nothing would rule the fit.
_FLOOR = 1e-5


@dataclass(frozen=True)
class Prior:
    """The usual variance, and how many degrees of freedom it counts for in a team; infinitely many where the teams'
    variances differ by no more than chance makes them."""

    variance: float
    df: float


@dataclass(frozen=True)
class Dispersion:
    """G teams: `moderated` variances, upper-tail `p` against the prior, `adjusted` for all teams tested, `divided`.

    A team without degrees of freedom has the prior's variance and p = 1.
    """

    prior: Prior
    moderated: Floats
    p: Floats
    adjusted: Floats
    divided: npt.NDArray[np.bool_]


def dispersion(variance: npt.ArrayLike, df: npt.ArrayLike, level: float = 0.05, rounds: int = 1) -> Dispersion | None:
    """`variance` (G) with `df` (G) degrees of freedom each; None below two teams with any, or without scatter.

    Smyth (2004), as limma's squeezeVar: s2 / s02 is F(d, d0) over teams, d0 and s02 by the method of moments on
    log s2; a team's moderated variance is (d0 s02 + d s2) / (d0 + d). Divided: p adjusted after Benjamini and
    Hochberg (1995) at or below `level`. Only teams with degrees of freedom are tested.

    With more `rounds` than limma's one, the prior is fitted anew without those found divided: they widen it, and
    would hide each other. With 5 % of teams at four times the variance (15 df) three find 72 % for one's 40 %, and
    false alarms stay within 6 % of all.
    """
    s2, d = np.asarray(variance, np.float64).ravel(), np.asarray(df, np.float64).ravel()
    usable = (d > 0) & np.isfinite(d) & np.isfinite(s2)
    found: Dispersion | None = None
    for _ in range(rounds):
        usual = usable if found is None else usable & ~found.divided
        prior = _prior(s2[usual], d[usual])
        if prior is None or (found is not None and prior == found.prior):
            break
        found = _against(prior, s2, d, usable, level)
    return found


def _against(prior: Prior, s2: Floats, d: Floats, usable: npt.NDArray[np.bool_], level: float) -> Dispersion:
    moderated = np.full(len(s2), prior.variance)
    moderated[usable] = _squeeze(s2[usable], d[usable], prior)
    p, adjusted = np.ones(len(s2)), np.ones(len(s2))
    p[usable] = _upper_tail(s2[usable] / prior.variance, d[usable], prior.df)
    adjusted[usable] = adjust(p[usable], "BH")
    return Dispersion(prior, moderated, p, adjusted, adjusted <= level)


def _prior(s2: Floats, d: Floats) -> Prior | None:
    """Moments of log s2: its mean is log s02 and digamma terms, its variance trigamma(d / 2) + trigamma(d0 / 2)."""
    from scipy.special import digamma, polygamma

    middle = float(np.median(s2)) if len(s2) else 0.0
    if len(s2) < 2 or middle <= 0:
        return None
    raised = np.maximum(s2, _FLOOR * middle)
    centred = np.log(raised) - digamma(d / 2) + np.log(d / 2)
    excess = float(centred.var(ddof=1) - polygamma(1, d / 2).mean())
    if excess <= 0:
        return Prior(float(raised.mean()), math.inf)
    half = trigamma_inverse(excess)
    return Prior(math.exp(float(centred.mean()) + float(digamma(half)) - math.log(half)), 2 * half)


def trigamma_inverse(value: float) -> float:
    """The y > 0 with trigamma(y) = `value` > 0: Newton on 1 / trigamma, which is convex and nearly straight (Smyth
    2004, appendix), so that each step but the first comes from below and none can overshoot."""
    from scipy.special import polygamma

    if value > 1e7:
        return 1 / math.sqrt(value)
    if value < 1e-6:
        return 1 / value
    y = 0.5 + 1 / value
    for _ in range(50):
        tri = float(polygamma(1, y))
        step = tri * (1 - tri / value) / float(polygamma(2, y))
        y += step
        if -step / y < 1e-12:
            break
    return y


def _squeeze(s2: Floats, d: Floats, prior: Prior) -> Floats:
    if math.isinf(prior.df):
        return np.full(len(s2), prior.variance)
    return (prior.df * prior.variance + d * s2) / (prior.df + d)


def _upper_tail(ratio: Floats, d: Floats, prior_df: float) -> Floats:
    from scipy.special import chdtrc, fdtrc

    tail = chdtrc(d, ratio * d) if math.isinf(prior_df) else fdtrc(d, prior_df, ratio)
    return np.asarray(tail, np.float64)
