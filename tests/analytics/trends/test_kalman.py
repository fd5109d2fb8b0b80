"""The recursions against the same model written as one big normal distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest

from service.analytics.trends.kalman import Model, forward, log_likelihood, smooth
from service.analytics.trends.local_level import local_level

PULSES, SERIES = 7, 4


@pytest.fixture
def model():
    chance = np.random.default_rng(4)
    y = chance.normal(size=(PULSES, SERIES))
    y[2, 0] = y[0, 1] = y[1, 1] = y[-1, 2] = np.nan
    y[:, 3] = np.nan
    noise, drift = chance.uniform(0.5, 1.5, (2, PULSES, SERIES))
    return Model(y, noise, drift / 10, np.asarray(0.7), chance.uniform(0.1, 0.4, SERIES), np.asarray(0.9))


def covariances(model, series):
    """Of x, of p, and of what was seen."""
    at = np.arange(PULSES)
    walked = np.concatenate([[0.0], np.cumsum(model.drift[:-1, series])])
    x = model.start + np.minimum(walked[:, None], walked)
    p = model.composition[series] * model.rho ** abs(at[:, None] - at)
    return x, p, x + p + np.diag(model.noise[:, series])


@pytest.mark.parametrize("series", range(SERIES))
def test_smoothing_is_the_conditional_normal_distribution(model, series):
    found = smooth(model, forward(model))
    x, p, whole = covariances(model, series)
    seen = np.isfinite(model.y[:, series])
    inverse = np.linalg.inv(whole[np.ix_(seen, seen)])
    for prior, mean, variance in (
        (x, found.climate, found.climate_variance),
        (x + p, found.present, found.present_variance),
    ):
        weights = prior[:, seen] @ inverse
        after = prior - weights @ prior[seen]
        assert mean[:, series] == pytest.approx(weights @ model.y[seen, series], abs=1e-12)
        assert variance[:, series] == pytest.approx(np.diag(after), abs=1e-12)
        if prior is x:
            assert found.climate_with_last[:, series] == pytest.approx(after[:, -1], abs=1e-12)


@pytest.mark.parametrize("series", range(SERIES))
def test_the_residual_of_a_step_is_the_test_of_a_jump_there(model, series):
    """As generalised least squares would test a regressor that is 0 up to the step and 1 after it."""
    found = smooth(model, forward(model))
    seen = np.isfinite(model.y[:, series])
    inverse = np.linalg.inv(covariances(model, series)[2][np.ix_(seen, seen)])
    for step in range(PULSES - 1):
        jump = (np.arange(PULSES) > step)[seen].astype(float)
        precision = jump @ inverse @ jump
        score = jump @ inverse @ model.y[seen, series]
        assert found.shift_precision[step, series] == pytest.approx(precision, abs=1e-12)
        z = score / math.sqrt(precision) if precision > 1e-12 else 0.0
        assert found.shift[step, series] == pytest.approx(z, abs=1e-9)
    assert found.shift[-1, series] == 0
    assert found.weighted[seen, series] == pytest.approx(inverse @ model.y[seen, series], abs=1e-12)


def test_the_likelihood_is_that_of_the_normal_distribution(model):
    expected = 0.0
    for series in range(SERIES):
        seen = np.isfinite(model.y[:, series])
        y, whole = model.y[seen, series], covariances(model, series)[2][np.ix_(seen, seen)]
        expected -= 0.5 * (np.linalg.slogdet(whole)[1] + y @ np.linalg.solve(whole, y))
    assert log_likelihood(forward(model)) == pytest.approx(expected, abs=1e-10)


def test_several_sets_of_components_go_through_at_once(model):
    starts = np.array([[0.7], [0.2]])
    several = Model(model.y[:, None], model.noise[:, None], model.drift[:, None], starts, model.composition, model.rho)
    found = log_likelihood(forward(several), np.ones(PULSES))
    assert found.shape == (2,)
    assert found[0] == pytest.approx(log_likelihood(forward(model)))
    assert found[0] != pytest.approx(found[1])


HOLED = np.array([np.nan, 3.0, 5.0, np.nan, 4.0, 7.5, 6.0, 2.0, np.nan])


@pytest.mark.parametrize("times", [1e3, 1e5])
def test_without_composition_it_is_the_local_level(times):
    """A start so many times the noise is a level nothing is known of, but for a share of about 1 / times. Beyond 1e5
    the variances lose in rounding, by its square, what they gain."""
    as_local_level(HOLED, 0.8, 0.3, times)


def test_on_the_nile_it_is_the_local_level(nile):
    flow, expected = nile
    as_local_level(flow, expected["at_published"]["H"], expected["at_published"]["Q"], 1e5)


def as_local_level(y, h, q, times):
    first = np.flatnonzero(np.isfinite(y))[0]
    everywhere = np.ones((len(y), 1))
    start, none, centre = np.asarray(times * h), np.zeros(1), np.nanmean(y)
    model = Model((y - centre)[:, None], h * everywhere, q * everywhere, start, none, none)
    ahead = forward(model)
    found, exact = smooth(model, ahead), local_level(y, h, q)
    close = {"rel": 5 / times, "abs": 5 * math.sqrt(h) / times}
    assert centre + found.climate[:, 0] == pytest.approx(exact.smoothed, **close)
    assert centre + found.present[:, 0] == pytest.approx(exact.smoothed, **close)
    assert found.climate_variance[:, 0] == pytest.approx(exact.smoothed_variance, **close)
    assert found.shift[first:, 0] == pytest.approx(exact.shift[first:], **close)
    later = np.arange(len(y)) > first
    standard = np.where(np.isfinite(y), ahead.innovation[:, 0] * np.sqrt(ahead.precision[:, 0]), np.nan)
    assert standard[later] == pytest.approx(exact.standard_innovation[later], nan_ok=True, **close)
