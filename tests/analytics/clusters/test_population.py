"""The population that chance is drawn from has the variances that were put in."""

from __future__ import annotations

import numpy as np
import pytest

from service.analytics.clusters.population import Population, chance_of_gain, population
from service.analytics.clusters.profiles import Whitened

BETWEEN = np.array([[0.5, 0.2], [0.2, 0.3]])
OWN = np.array([[0.4, -0.1], [-0.1, 0.6]])


def whitened(z: np.ndarray, noise: np.ndarray, above: np.ndarray) -> Whitened:
    return Whitened(np.arange(len(z)), (0, 1), 1, z, noise, np.eye(2), above)


def test_variances_come_back_from_unequal_units_above() -> None:
    rng = np.random.default_rng(3)
    above = np.repeat(np.arange(3000), rng.integers(1, 8, 3000))
    noise = rng.uniform(0.05, 0.4, len(above))
    z = Population(BETWEEN, OWN).draw(above, noise, rng)
    found = population(whitened(z, noise, above))
    assert found.above == pytest.approx(BETWEEN, abs=0.04)
    assert found.teams == pytest.approx(OWN, abs=0.04)


def test_balanced_units_above_by_hand() -> None:
    """Means of units above 1 and -1, teams half a point about them: MSW = 1/2, MSB = 4, so (4 - 1/2) / 2."""
    z = np.array([[1.5, 0.0], [0.5, 0.0], [-0.5, 0.0], [-1.5, 0.0]])
    found = population(whitened(z, np.zeros(4), np.array([7, 7, 9, 9])))
    assert found.teams[0, 0] == pytest.approx(0.5)
    assert found.above[0, 0] == pytest.approx((4 - 0.5) / 2)


@pytest.mark.parametrize("above", [np.zeros(40, np.int64), np.arange(40)])
def test_without_nesting_all_is_teams(above: np.ndarray) -> None:
    z = np.random.default_rng(1).normal(size=(40, 2))
    found = population(whitened(z, np.full(40, 0.25), above))
    assert found.above == pytest.approx(np.zeros((2, 2)))
    assert found.teams == pytest.approx(np.cov(z.T) - 0.25 * np.eye(2))


def test_no_variance_is_negative() -> None:
    z = 0.1 * np.random.default_rng(1).normal(size=(40, 2))
    found = population(whitened(z, np.full(40, 0.25), np.arange(40) // 4))
    assert np.linalg.eigvalsh(found.teams).min() >= 0
    assert np.linalg.eigvalsh(found.above).min() >= 0


def test_the_p_value_is_small_for_groups_and_stops_early_for_none() -> None:
    rng = np.random.default_rng(5)
    noise, above = np.full(60, 0.2), np.arange(60)
    groups = rng.normal(size=(60, 2)) + 5 * (np.arange(60) % 2)[:, None]
    teams = whitened(groups, noise, above)
    assert chance_of_gain(teams, population(teams), 2, rng) == pytest.approx(0.01)
    one = whitened(rng.normal(size=(60, 2)), noise, above)
    assert chance_of_gain(one, population(one), 2, rng) > 0.05
