"""How alike partitions are, and whether they come again."""

from __future__ import annotations

import numpy as np
import pytest

from service.analytics.clusters.mixture import Mixture, tied_mixture
from service.analytics.clusters.stability import adjusted_rand, assigned, stability


def test_adjusted_rand_by_hand() -> None:
    """Of 15 pairs 2 are together in both, 6 in the first and 3 in the second: (2 - 18/15) / (9/2 - 18/15)."""
    assert adjusted_rand(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])) == pytest.approx(
        (2 - 18 / 15) / (4.5 - 18 / 15)
    )


def test_adjusted_rand_knows_names_and_trifles() -> None:
    assert adjusted_rand(np.array([0, 0, 1, 2]), np.array([5, 5, 3, 4])) == 1.0
    assert adjusted_rand(np.zeros(4, int), np.zeros(4, int)) == 1.0
    assert adjusted_rand(np.arange(4), np.arange(4)) == 1.0
    assert adjusted_rand(np.array([0]), np.array([3])) == 1.0
    assert adjusted_rand(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == pytest.approx(-0.5)


def test_rows_go_to_the_likelier_component() -> None:
    mixture = Mixture(np.array([0.5, 0.5]), np.array([[0.0], [4.0]]), np.eye(1), 0.0)
    assert assigned(np.array([[1.9], [2.1]]), mixture).tolist() == [0, 1]
    heavy = Mixture(np.array([0.99, 0.01]), mixture.means, mixture.covariance, 0.0)
    assert assigned(np.array([[1.9], [2.1], [3.5]]), heavy).tolist() == [0, 0, 1]


def test_groups_come_again_and_a_single_cloud_does_not() -> None:
    rng = np.random.default_rng(1)
    cloud = rng.normal(size=(120, 3))
    groups = cloud + 6 * np.eye(3)[np.arange(120) % 3]
    assert stability(groups, tied_mixture(groups, 3, 0), rng) > 0.95
    assert stability(cloud, tied_mixture(cloud, 3, 0), rng) < 0.6
