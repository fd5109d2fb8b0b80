"""A team belongs to an archetype as surely as its respondents allow."""

from __future__ import annotations

import math

import numpy as np
import pytest

from service.analytics.clusters.membership import Membership, memberships, probabilities
from service.analytics.clusters.mixture import Mixture
from service.analytics.clusters.profiles import Whitened

TWO = Mixture(np.array([0.5, 0.5]), np.array([[-1.0, 0.0], [1.0, 0.0]]), 0.5 * np.eye(2), 0.0)


def whitened(z: list[list[float]], noise: list[float]) -> Whitened:
    rows = np.arange(len(z))
    return Whitened(rows, (0, 1), 1, np.array(z), np.array(noise), np.eye(2), rows)


def test_bayes_by_hand_with_each_teams_own_error() -> None:
    """Mean error .2, so teams truly scatter by .3; the log odds at x are 2 x / (.3 + error)."""
    shares = probabilities(whitened([[0.3, 1.0], [0.3, -2.0]], [0.1, 0.3]), TWO)
    assert shares[:, 1] == pytest.approx([1 / (1 + math.exp(-0.6 / 0.4)), 1 / (1 + math.exp(-0.6 / 0.6))])
    assert shares.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_few_respondents_are_less_sure() -> None:
    many, few = probabilities(whitened([[1.0, 0.0], [1.0, 0.0]], [0.02, 0.3]), TWO)[:, 1]
    assert few < many


def test_error_beyond_the_covariance_leaves_no_scatter() -> None:
    assert np.isfinite(probabilities(whitened([[0.5, 0.0], [50.0, 0.0]], [0.9, 0.9]), TWO)).all()


def test_unclear_and_insufficient() -> None:
    teams = Whitened(np.array([0, 2]), (0, 1), 1, np.zeros((2, 2)), np.ones(2), np.eye(2), np.zeros(2, np.int64))
    shares = np.array([[0.31, 0.69], [0.2, 0.8]])
    assert memberships(("p", "q", "r"), teams, shares, ["A", "D"]) == (
        Membership("p", "unclear", None, 0.69, (0.31, 0.69)),
        Membership("q", "insufficient"),
        Membership("r", "ok", "D", 0.8, (0.2, 0.8)),
    )
