"""A unit's true scores: pulled to the organisation the more, the less is known of the unit."""

from __future__ import annotations

import numpy as np
import pytest

from service.analytics.lenses.shrinkage import population

WITHIN = np.array([[400.0, 120.0], [120.0, 500.0]])
PRIOR = 0.18 * WITHIN


def test_a_single_team_is_believed_as_it_is() -> None:
    """Nothing else tells where the centre is, so that nothing is gained from it."""
    score = np.array([70.0, 30.0])
    mean, covariance = population(score[None], np.array([[8.0, 8.0]]), WITHIN).posterior(score, np.array([8.0, 8.0]))
    assert mean == pytest.approx(score)
    assert covariance == pytest.approx(WITHIN / 8)


def test_teams_no_more_apart_than_chance_are_pulled_by_the_prior_alone() -> None:
    """Between = 5 PRIOR / (T - 1 + 5), and in one dimension B = S / (T + S)."""
    alike = population(np.tile([50.0, 50.0], (11, 1)), np.full((11, 2), 10.0), WITHIN)
    assert alike.between == pytest.approx(PRIOR / 3)
    mean, _ = alike.posterior(np.array([60.0, 50.0]), np.array([10.0, 10.0]))
    assert mean == pytest.approx([50 + 10 * 0.06 / 0.16, 50.0])


def test_between_is_manovas_moment_estimate_with_the_prior_as_five_teams() -> None:
    scores = np.array([[20.0, 60.0], [50.0, 40.0], [80.0, 80.0]])
    answered = np.array([[4.0, 4.0], [8.0, 8.0], [6.0, 6.0]])
    n = answered[:, 0]
    apart = scores - n @ scores / 18
    between = sum(n[t] * np.outer(apart[t], apart[t]) for t in range(3)) / 2
    size = (18 - (n @ n) / 18) / 2
    estimate = (between - WITHIN) / size
    assert np.linalg.eigvalsh(estimate).min() > 0
    assert population(scores, answered, WITHIN).between == pytest.approx((2 * estimate + 5 * PRIOR) / 7)


def test_the_poles_of_a_large_unit_stay_where_they_are() -> None:
    teams = population(np.array([[40.0, 45.0], [50.0, 55.0], [60.0, 50.0]]), np.full((3, 2), 9.0), WITHIN)
    mean, covariance = teams.posterior(np.array([90.0, 10.0]), np.array([1e6, 1e6]))
    assert mean == pytest.approx([90.0, 10.0], abs=0.01)
    assert covariance.max() < 0.001


def test_it_covers_what_it_claims() -> None:
    """Drawn from the model: nine in ten of 90 % intervals hold the true score, for small teams and few of them."""
    chance = np.random.default_rng(5)
    between, hits, tried = 0.18 * WITHIN, 0, 0
    for _ in range(150):
        true = chance.multivariate_normal([45, 55], between, 12)
        answered = np.tile(chance.integers(5, 13, (12, 1)), 2).astype(float)
        scores = true + np.array([chance.multivariate_normal([0, 0], WITHIN / n[0]) for n in answered])
        teams = population(scores, answered, WITHIN)
        for place in range(12):
            mean, covariance = teams.posterior(scores[place], answered[place])
            hits += int((np.abs(mean - true[place]) < 1.645 * np.sqrt(covariance.diagonal())).sum())
            tried += 2
    assert 0.87 < hits / tried < 0.92
