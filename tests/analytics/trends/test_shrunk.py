"""Signs that can be trusted, among many estimates."""

from __future__ import annotations

import numpy as np
import pytest

from service.analytics.trends.shrunk import false_sign_rates


def test_where_nothing_changed_no_sign_is_trusted():
    chance = np.random.default_rng(1)
    trusted = [int((false_sign_rates(chance.normal(size=500), np.ones(500)).lfsr <= 0.05).sum()) for _ in range(10)]
    assert sum(trusted) <= 2


def test_of_trusted_signs_few_are_wrong_and_true_ones_are_found():
    chance = np.random.default_rng(2)
    truth = np.where(chance.random(4000) < 0.2, chance.normal(0, 4, 4000), 0.0)
    estimate = truth + chance.normal(size=4000)
    found = false_sign_rates(estimate, np.ones(4000))
    trusted = found.lfsr <= 0.05
    wrong = trusted & (np.sign(truth) != np.sign(estimate))
    assert wrong.sum() / trusted.sum() < 0.04
    assert trusted.sum() > 250
    assert found.null == pytest.approx(0.8, abs=0.06)


def test_rates_fall_with_the_distance_from_nothing_and_rise_with_the_error():
    estimate = np.concatenate([np.random.default_rng(3).normal(0, 2, 300), [0.0, 2.0, 4.0, -4.0, 4.0]])
    variance = np.concatenate([np.ones(304), [9.0]])
    nothing, middle, far, below, doubtful = false_sign_rates(estimate, variance).lfsr[-5:]
    assert nothing > middle > far
    assert far == pytest.approx(below)
    assert doubtful > far


def test_a_single_estimate_and_estimates_without_any_spread():
    assert false_sign_rates(np.array([0.3]), np.array([1.0])).lfsr[0] > 0.5
    assert false_sign_rates(np.array([3.0]), np.array([1.0])).lfsr[0] > 0.05
    assert (false_sign_rates(np.zeros(40), np.full(40, 0.2)).lfsr >= 0.5).all()
