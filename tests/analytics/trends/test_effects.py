"""The pulse effects and what their error adds, against generalised least squares over all series at once."""

from __future__ import annotations

import numpy as np
import pytest

from service.analytics.trends.components import estimate
from service.analytics.trends.effects import Effect, constant, pulse_effect
from service.analytics.trends.posterior import posterior
from service.analytics.trends.robust import Track
from service.analytics.trends.sample import Components, Sample

PULSES, TEAMS = 5, 7
PARTS = Components(0.12, 0.01, 0.6, 0.9)


def sample(seed=1, missing=()):
    chance = np.random.default_rng(seed)
    y = 3 + chance.normal(0, 0.3, TEAMS) + chance.normal(0, 0.25, (PULSES, TEAMS))
    for at in missing:
        y[at] = np.nan
    shape = y.shape
    return Sample(y, np.full(shape, 0.07), np.full(TEAMS, 0.07), np.zeros(shape), 0.55, 1.0, True, False)


def covariances():
    """Of x and of what is seen, of one series."""
    at = np.arange(PULSES)
    x = PARTS.start + PARTS.drift * np.minimum(at[:, None], at)
    lasting = (1 - PARTS.kappa) * 0.07 * PARTS.rho ** abs(at[:, None] - at)
    return x, x + lasting, x + lasting + PARTS.kappa * 0.07 * np.eye(PULSES)


def track(given):
    none = np.zeros(given.y.shape)
    return Track(given, PARTS, pulse_effect(given, PARTS, none, constant(given)), none)


def test_the_effect_is_generalised_least_squares():
    given = sample(missing=[(0, 0), (3, 2), (4, 2)])
    normal, right = np.zeros((PULSES, PULSES)), np.zeros(PULSES)
    for series in range(TEAMS):
        seen = np.isfinite(given.y[:, series])
        inverse = np.linalg.inv(covariances()[2][np.ix_(seen, seen)])
        normal[np.ix_(seen, seen)] += inverse
        right[seen] += inverse @ given.y[seen, series]
    effect = track(given).effect
    assert effect.value == pytest.approx(np.linalg.solve(normal, right), abs=1e-6)
    assert effect.variance == pytest.approx(np.diag(np.linalg.inv(normal)), rel=1e-5)


def test_what_the_effect_s_error_adds_is_exact_for_series_alike():
    found = posterior(track(sample()))
    climate, present, whole = covariances()
    for prior, sd in ((climate, found.climate_sd), (present, found.present_sd)):
        weights = prior @ np.linalg.inv(whole)
        left = np.eye(PULSES) - weights
        expected = prior - weights @ prior + left @ (whole / TEAMS) @ left.T
        assert sd[:, 0] ** 2 == pytest.approx(np.diag(expected), rel=1e-5)


def test_the_effect_costs_a_degree_of_freedom():
    """Left out, the variance between seven teams would come out a seventh too small."""
    given = sample()
    centred = given.less(track(given).effect.value)
    without = Sample(*(getattr(centred, name) for name in ("y", "error", "lasting", "extra")), 0.55, 1.0, False, False)
    assert estimate(centred).start > 1.04 * estimate(without).start


def test_a_pulse_nobody_was_seen_in_moves_nothing():
    given = sample(missing=[(2, slice(None))])
    start = Effect(np.full(PULSES, 3.0), np.zeros(PULSES))
    found = pulse_effect(given, PARTS, np.zeros(given.y.shape), start)
    assert np.isfinite(found.value).all()
    assert found.value == pytest.approx(3.0, abs=0.5)
