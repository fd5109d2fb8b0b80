"""One series: against the multivariate normal distribution, closed forms and R's KFAS."""

from __future__ import annotations

import math

import numpy as np
import pytest

from service.analytics.trends.local_level import fit_local_level, local_level

Y = np.array([np.nan, 3.0, 5.0, np.nan, 4.0, 7.5, 6.0, np.nan])


def test_three_values_by_hand():
    """With h = q = 1 the second has innovation variance 3, the third 2/3 + 1 + 1."""
    found = local_level([1.0, 2.0, 4.0], 1.0, 1.0)
    assert found.innovation_variance.tolist() == pytest.approx([1, 3, 8 / 3])
    assert found.filtered.tolist() == pytest.approx([1, 5 / 3, 5 / 3 + 5 / 8 * 7 / 3])
    away = [1, 7 / 3]
    expected = -math.log(2 * math.pi) - 0.5 * (math.log(3 * 8 / 3) + away[0] ** 2 / 3 + away[1] ** 2 / (8 / 3))
    assert found.log_likelihood == pytest.approx(expected, rel=1e-14)


def test_smoothing_is_generalised_least_squares():
    """A start of boundless variance is a level to be estimated, with the walk and the noise as errors about it."""
    h, q = 0.8, 0.3
    found, seen, at = local_level(Y, h, q), np.isfinite(Y), np.arange(len(Y))
    walk = q * np.minimum(at[:, None], at)
    inverse = np.linalg.inv((walk + h * np.eye(len(Y)))[np.ix_(seen, seen)])
    level = (inverse @ Y[seen]).sum() / inverse.sum()
    weights = walk[:, seen] @ inverse
    left = 1 - weights.sum(axis=1)
    assert found.smoothed == pytest.approx(level + weights @ (Y[seen] - level), rel=1e-12)
    expected = np.diag(walk - weights @ walk[seen]) + left**2 / inverse.sum()
    assert found.smoothed_variance == pytest.approx(expected, rel=1e-12)


def test_nothing_is_said_of_a_series_without_values():
    assert np.isnan(local_level([np.nan, np.nan], 1.0, 1.0).smoothed).all()
    assert len(local_level([], 1.0, 1.0).smoothed) == 0


@pytest.mark.parametrize("y", [[], [1.0, 2.0], [3.0] * 5, [np.nan] * 4, [1.0, np.nan, 2.0, np.nan]])
def test_too_little_to_fit(y):
    assert fit_local_level(y) is None


def test_noise_about_a_fixed_level_has_no_step_variance():
    found = fit_local_level([1.0, 2.0, 1.0, 2.0, 1.0, 2.0])
    assert found is not None
    assert found.q == 0
    assert found.smoothed == pytest.approx(1.5)
    assert found.h == pytest.approx(0.3)


def test_the_fit_is_a_maximum():
    y = np.random.default_rng(3).normal(size=60).cumsum() + np.random.default_rng(4).normal(size=60)
    found = fit_local_level(y)
    assert found is not None
    for h, q in ((1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99)):
        assert local_level(y, h * found.h, q * found.q).log_likelihood < found.log_likelihood
    assert (found.score**2).sum() == pytest.approx(found.score_variance.sum(), rel=1e-12)


def test_as_kfas(nile):
    flow, expected = nile
    published = expected["at_published"]
    found = local_level(flow, published["H"], published["Q"])
    pairs = {
        "logLik": found.log_likelihood,
        "filtered_att": found.filtered,
        "filtered_Ptt": found.filtered_variance,
        "smoothed": found.smoothed,
        "smoothed_var": found.smoothed_variance,
        "innovations": found.innovation,
        "innovation_var": found.innovation_variance,
        "std_recursive_residuals": found.standard_innovation,
        "std_state_aux_residuals": found.shift,
    }
    for name, values in pairs.items():
        assert values == pytest.approx(np.array(published[name], np.float64), rel=1e-10, nan_ok=True), name


def test_as_kfas_with_missing_values(nile):
    flow, expected = nile
    missing = expected["with_missing"]
    flow = flow.copy()
    flow[np.array(missing["missing_index_1based"]) - 1] = np.nan
    found = local_level(flow, expected["at_published"]["H"], expected["at_published"]["Q"])
    assert found.smoothed == pytest.approx(np.array(missing["smoothed"]), rel=1e-10)
    assert found.smoothed_variance == pytest.approx(np.array(missing["smoothed_var"]), rel=1e-10)
    assert found.log_likelihood == pytest.approx(missing["logLik"], rel=1e-10)


def test_the_greatest_likelihood_of_the_nile(nile):
    """The variances printed there are where that optimiser stopped, a little short of the top."""
    flow, expected = nile
    found, printed = fit_local_level(flow), expected["mle"]
    assert found is not None
    assert found.log_likelihood >= local_level(flow, printed["H"], printed["Q"]).log_likelihood
    assert found.log_likelihood == pytest.approx(printed["logLik"], rel=1e-12)
    assert found.h == pytest.approx(printed["H"], rel=1e-6)
    assert found.q == pytest.approx(printed["Q"], rel=1e-5)
    assert np.abs(found.shift).argmax() + 1 == expected["strucchange"]["breakpoint_index"]
