"""Fits one level of the tree, with the series that break left out of what is estimated from all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from service.analytics.trends.components import estimate, expected
from service.analytics.trends.effects import Effect, pulse_effect
from service.analytics.trends.kalman import forward, smooth
from service.analytics.trends.sample import Components, Sample
from service.analytics.trends.shifts import RECENT, Shifts, at_step, greatest

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_ROUNDS = 3
#: Variance of a jump, in squared scale units: half a unit is its standard deviation.
_JUMP = 0.25
#: Steady series below which pulse effects cannot be told from the teams.
LEAST_TEAMS = 6
#: Series the variance components are estimated from, evenly spread over all; more hardly sharpen them.
_ENOUGH = 400


@dataclass(frozen=True, slots=True)
class Track:
    """The series of one block at one level, what was estimated for them, and `jumps` (T, S), the further variance
    of the step after each pulse where a series breaks, else 0."""

    sample: Sample
    parts: Components
    effect: Effect
    jumps: Floats

    @property
    def steady(self) -> Bools:
        whole: Bools = np.all(self.jumps == 0, axis=0)
        return whole

    @property
    def older(self) -> Floats:
        """Without the jumps that are still news."""
        kept = self.jumps.copy()
        kept[-1 - RECENT :] = 0
        return kept

    def with_jumps(self, at: Bools) -> Track:
        return replace(self, jumps=np.where(at, _JUMP * self.sample.step**2, self.jumps))


def fit_level(samples: Sequence[Sample], effects: Sequence[Effect]) -> tuple[list[Track], Shifts]:
    """A track a block, and the shifts of the last steps, tested over all series and blocks of the level.

    A series whose greatest residual survives is given a jump there, and leaves the estimates, up to three times over.
    """
    tracks = [
        Track(sample, expected(sample), effect, np.zeros(sample.y.shape))
        for sample, effect in zip(samples, effects, strict=True)
    ]
    tested = np.stack([sample.seen.sum(axis=0) >= 2 for sample in samples], axis=-1)
    pulses = len(samples[0].y)
    for _ in range(_ROUNDS):
        tracks = [_estimated(track) for track in tracks]
        shifts = greatest(_residuals(tracks, [track.jumps for track in tracks]), tested, pulses)
        if not shifts.found.any():
            break
        tracks = _broken(tracks, shifts)
    news = greatest(_residuals(tracks, [track.older for track in tracks]), tested, RECENT)
    return _broken(tracks, news), news


def _broken(tracks: Sequence[Track], shifts: Shifts) -> list[Track]:
    at = at_step(shifts, shifts.found, len(tracks[0].jumps))
    return [track.with_jumps(at[..., block]) for block, track in enumerate(tracks)]


def _residuals(tracks: Sequence[Track], jumps: Sequence[Floats]) -> Floats:
    found = []
    for track, further in zip(tracks, jumps, strict=True):
        model = track.sample.less(track.effect.value).model(track.parts, further)
        found.append(smooth(model, forward(model)).shift)
    return np.stack(found, axis=-1)


def _estimated(track: Track) -> Track:
    steady = track.steady
    if steady.sum() < LEAST_TEAMS:
        steady = np.ones(len(steady), np.bool_)
    used, jumps = track.sample.take(steady), track.jumps[:, steady]
    effect = track.effect
    if track.sample.common:
        effect = pulse_effect(used, track.parts, jumps, effect)
    thin = np.arange(used.y.shape[1]) % -(-used.y.shape[1] // _ENOUGH) == 0
    parts = estimate(used.take(thin).less(effect.value))
    if track.sample.common:
        effect = pulse_effect(used, parts, jumps, effect)
    return replace(track, parts=parts, effect=effect)
