"""What changed at every node and block as of the last pulse, in a word, with false alarms held down over them all."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from service.analytics.trends.fit import Trends
from service.analytics.trends.posterior import SPANS
from service.analytics.trends.shifts import FALSE_SHARE, RECENT
from service.analytics.trends.shrunk import false_sign_rates

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.str_]
Kind = TypeVar("Kind", np.float64, np.int64)

#: A contrast is taken for a change where its sign is wrong in at most this share of cases.
FALSE_SIGN = 0.05
#: A verdict needs scores in as many pulses, the last among them.
LEAST_PULSES = 2
_REACH = NormalDist().inv_cdf(0.95)
_POWER = NormalDist().inv_cdf(0.80)
#: A contrast of which the data tell less than this share says nothing.
_LEARNT = 1e-6


@dataclass(frozen=True, slots=True)
class Changes:
    """As of the last pulse, (U, B) unless said otherwise; in score units; NaN where the verdict is "not_enough".

    `verdict`: "improved" or "declined" where any test found something that is still so, "no_change" (none that can be
    detected), "not_enough" data. `estimate` with the 90 % interval `low` to `high` is the change of c + x from the
    pulse `since` to the last, `own` that of x alone, which the tests and the verdict are about: a move all teams share
    is the root's. `since` is the pulse before a shift that was found, else the start of a contrast that was, else of
    the last RECENT steps; where the node was not seen there, the nearest pulse before in which it was, else the next
    after.

    `minimum_detectable`: a lasting jump that the shift test would find in four cases of five. `by_shift`: it found one,
    at least at the false discovery rate `shift_adjusted`. (U, K, B) for the spans K: `lfsr`, the local false sign rate
    of the posterior change of x, `by_contrast` where that is small. `tests` (U,): node-blocks tested with the node's.
    """

    verdict: Words
    since: Ints
    estimate: Floats
    low: Floats
    high: Floats
    own: Floats
    minimum_detectable: Floats
    by_shift: Bools
    shift_adjusted: Floats
    lfsr: Floats
    by_contrast: Bools
    tests: Ints


def changes(trends: Trends) -> Changes:
    """Shifts of the last RECENT steps by auxiliary residuals (Harvey & Koopman 1992), of which at most a tenth are
    false (Benjamini & Hochberg 1995), and contrasts over SPANS by local false sign rates (Stephens 2017); every node
    is tested, among the nodes of its level of the tree."""
    enough = (trends.seen.sum(axis=1) >= LEAST_PULSES) & trends.seen[:, -1]
    by_shift = (trends.recent_adjusted <= FALSE_SHARE) & enough
    lfsr = _false_signs(trends, enough)
    by_contrast = lfsr <= FALSE_SIGN
    since = _since(trends, by_shift, by_contrast)
    estimate, half = _change(trends, since)
    own = trends.deviation[:, -1] - _at(trends.deviation, since)
    # A jump that fell back again is a break on the way and no change from then to now.
    told = (by_contrast.any(axis=1) | by_shift) & (np.abs(own) > half)
    return Changes(
        _verdicts(enough, np.where(told, own, 0.0)),
        since,
        np.where(enough, estimate, np.nan),
        np.where(enough, estimate - half, np.nan),
        np.where(enough, estimate + half, np.nan),
        np.where(enough, own, np.nan),
        np.where(enough, _detectable(trends, enough), np.nan),
        by_shift,
        trends.recent_adjusted,
        lfsr,
        by_contrast,
        np.array([enough[trends.level == level].sum() for level in trends.level], np.int64),
    )


def _false_signs(trends: Trends, enough: Bools) -> Floats:
    """(U, K, B), 1 where nothing can be said; each span and level of the tree for itself, all blocks together.

    What the scores alone say of a contrast is taken out of the posterior: with the share g = 1 - posterior / prior
    variance, estimate / g with variance posterior / g. Then the prior is learnt anew, from all the estimates.
    """
    mean, variance, before = trends.course
    share = 1 - np.divide(variance, before, out=np.ones_like(variance), where=before > 0)
    rates = np.ones(mean.shape)
    for level in np.unique(trends.level):
        for span in range(mean.shape[1]):
            at = (trends.level == level)[:, None] & enough & (share[:, span] > _LEARNT)
            if at.any():
                g = share[:, span][at]
                rates[:, span][at] = false_sign_rates(mean[:, span][at] / g, variance[:, span][at] / g).lfsr
    return rates


def _since(trends: Trends, by_shift: Bools, by_contrast: Bools) -> Ints:
    last = trends.climate.shape[1] - 1
    span = np.where(by_contrast.any(axis=1), np.array(SPANS)[by_contrast.argmax(axis=1)], RECENT)
    return _seen_near(trends.seen, np.where(by_shift, trends.recent_after, np.maximum(last - span, 0)))


def _seen_near(seen: Bools, pulse: Ints) -> Ints:
    """Nothing is counted from a figure that is not shown."""
    order = np.arange(seen.shape[1])[:, None]
    before = np.maximum.accumulate(np.where(seen, order, -1), axis=1)
    after = np.minimum.accumulate(np.where(seen, order, seen.shape[1] - 1)[:, ::-1], axis=1)[:, ::-1]
    earlier = _at(before, pulse)
    return np.where(earlier >= 0, earlier, _at(after, pulse))


def _change(trends: Trends, since: Ints) -> tuple[Floats, Floats]:
    """The change of the climate since then, and half the width of its interval."""
    then = _at(trends.climate_sd, since) ** 2 - 2 * _at(trends.with_last, since)
    variance = np.maximum(trends.climate_sd[:, -1] ** 2 + then, 0.0)
    return trends.climate[:, -1] - _at(trends.climate, since), _REACH * np.sqrt(variance)


def _at(values: npt.NDArray[Kind], pulse: Ints) -> npt.NDArray[Kind]:
    return np.take_along_axis(values, pulse[:, None], axis=1)[:, 0]


def _verdicts(enough: Bools, direction: Floats) -> Words:
    words = np.array(["declined", "no_change", "improved"])[np.sign(direction).astype(np.int64) + 1]
    return np.where(enough, words, "not_enough")


def _detectable(trends: Trends, enough: Bools) -> Floats:
    """With z the residual that would just survive among all those tested together, (z + z(.80)) standard errors."""
    steps = min(RECENT, trends.shift.shape[1] - 1)
    if steps < 1:
        return np.full(enough.shape, np.nan)
    precision = trends.shift_precision[:, -1 - steps : -1].max(axis=1)
    needed = np.zeros(enough.shape)
    for level in np.unique(trends.level):
        here = trends.level == level
        tested = max(int(enough[here].sum()), 1)
        survivors = max(int((trends.recent_adjusted[here] <= FALSE_SHARE).sum()), 1)
        needed[here] = -NormalDist().inv_cdf(FALSE_SHARE * survivors / tested / steps / 2)
    told = precision > 0
    return np.where(told, (needed + _POWER) / np.sqrt(np.where(told, precision, 1.0)), np.nan)
