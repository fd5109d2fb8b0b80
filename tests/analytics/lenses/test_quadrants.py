"""Probabilities of quadrants against Sheppard's closed form and a second way of integrating."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from service.analytics.lenses.quadrants import both_below, quadrants


@pytest.mark.parametrize("correlation", [-0.99, -0.5, 0.0, 0.3, 0.9, 0.99])
def test_at_the_cut_it_is_sheppards_quarter_and_an_angle(correlation: float) -> None:
    """P(X < 0, Y < 0) = 1/4 + asin(r) / (2 pi) (Sheppard 1899)."""
    assert both_below(0, 0, correlation) == pytest.approx(0.25 + math.asin(correlation) / (2 * math.pi), abs=1e-12)


@pytest.mark.parametrize(("first", "second", "correlation"), [(1, -1, 0.95), (-2, 0.5, -0.7), (0.3, 2.5, 0.4)])
def test_elsewhere_it_is_what_another_integration_finds(first: float, second: float, correlation: float) -> None:
    other = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf([first, second])
    assert both_below(first, second, correlation) == pytest.approx(other, abs=1e-7)


def test_the_four_are_named_for_the_first_value_and_then_the_second() -> None:
    found = quadrants(np.array([80.0, 20.0]), np.diag([25.0, 25.0]), 50.0)
    assert found.high_low == pytest.approx(1, abs=1e-6)
    assert quadrants(np.array([20.0, 80.0]), np.diag([25.0, 25.0]), 50.0).low_high == pytest.approx(1, abs=1e-6)


def test_they_add_up_to_one_and_their_margins_are_normal() -> None:
    found = quadrants(np.array([56.0, 41.0]), np.array([[36.0, 12.0], [12.0, 81.0]]), 50.0)
    assert found.high_high + found.high_low == pytest.approx(0.8413447, abs=1e-7)
    assert found.high_high + found.low_high == pytest.approx(0.1586553, abs=1e-7)
    assert found.high_high + found.high_low + found.low_high + found.low_low == pytest.approx(1, abs=1e-12)
