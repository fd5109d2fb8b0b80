"""What a team's profile is, and how sure it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.analytics.clusters.profiles import Profiles, whiten
from tests.analytics.clusters.planting import plant

WITHIN = np.array([[4.0, 2.0], [2.0, 9.0]])


def two_blocks(scores: np.ndarray, n: np.ndarray, within: np.ndarray = WITHIN) -> Profiles:
    teams = tuple(map(str, range(len(scores))))
    return Profiles(scores, n, within, np.arange(len(scores)), teams, ("a", "b"))


def test_profiles_are_weighted_by_respondents_and_free_of_the_pulse() -> None:
    rng = np.random.default_rng(1)
    scores, n = rng.normal(50, 10, (40, 2, 2)), np.tile([[[2.0, 2.0], [6.0, 6.0]]], (40, 1, 1))
    found = whiten(two_blocks(scores, n))
    assert found is not None
    relative = scores - scores.mean(axis=0)
    expected = 0.25 * relative[:, 0] + 0.75 * relative[:, 1]
    assert found.z @ found.back == pytest.approx(expected, abs=1e-10)
    moved = whiten(two_blocks(scores + np.array([[[7.0, -3.0], [0.0, 20.0]]]), n))
    assert moved is not None
    assert moved.z == pytest.approx(found.z, abs=1e-10)


def test_one_person_is_a_unit_sphere() -> None:
    found = whiten(two_blocks(np.random.default_rng(1).normal(50, 10, (40, 1, 2)), np.full((40, 1, 2), 5.0)))
    assert found is not None
    assert found.back.T @ found.back == pytest.approx(WITHIN, abs=1e-12)


def test_the_error_of_one_pulse_is_one_over_n() -> None:
    n = np.repeat(np.arange(4.0, 44.0)[:, None, None], 2, axis=2)
    found = whiten(two_blocks(np.random.default_rng(1).normal(50, 10, (40, 1, 2)), n))
    assert found is not None
    assert found.noise == pytest.approx(1 / np.arange(4.0, 44.0))


@pytest.mark.parametrize(("fresh", "expected"), [(1.0, 0.25 / 8), (0.0, 1 / 8)])
def test_what_belongs_to_the_members_does_not_average_out(fresh: float, expected: float) -> None:
    """Four pulses of eight people: with everything drawn anew the error is W / 32, with nothing W / 8."""
    rng = np.random.default_rng(2)
    lasting = rng.multivariate_normal([0, 0], WITHIN, (2000, 1))
    anew = rng.multivariate_normal([0, 0], WITHIN, (2000, 4))
    scores = 50 + (np.sqrt(fresh) * anew + np.sqrt(1 - fresh) * lasting) / np.sqrt(8)
    found = whiten(two_blocks(scores, np.full((2000, 4, 2), 8.0)))
    assert found is not None
    assert found.noise.mean() == pytest.approx(expected, rel=0.05)


def test_only_the_last_six_pulses_shown_count() -> None:
    profiles, _ = plant(40, 9, np.random.default_rng(1))
    scores = profiles.scores.copy()
    scores[:, 8] = np.nan
    whole = whiten(replace(profiles, scores=scores))
    last = whiten(replace(profiles, scores=scores[:, 2:8], n=profiles.n[:, 2:8]))
    assert whole is not None
    assert last is not None
    assert (whole.pulses, last.pulses) == (6, 6)
    assert whole.z == pytest.approx(last.z)


def test_teams_without_a_block_and_rare_blocks_are_left_out() -> None:
    profiles, _ = plant(40, 1, np.random.default_rng(1))
    scores = profiles.scores.copy()
    scores[0, 0, 1] = np.nan
    scores[5:, 0, 3] = np.nan
    found = whiten(replace(profiles, scores=scores))
    assert found is not None
    assert found.blocks == (0, 1, 2)
    assert found.rows.tolist() == list(range(1, 40))
    assert np.isfinite(found.z).all()


def test_covariances_by_pulse_count_by_their_respondents() -> None:
    scores = np.random.default_rng(1).normal(50, 10, (40, 2, 2))
    n = np.tile([[[3.0, 3.0], [9.0, 9.0]]], (40, 1, 1))
    found = whiten(two_blocks(scores, n, np.stack([WITHIN, 5 * WITHIN])))
    assert found is not None
    assert found.back.T @ found.back == pytest.approx(4 * WITHIN, abs=1e-12)


def test_a_direction_in_which_nobody_differs_is_left_out() -> None:
    profiles, _ = plant(40, 1, np.random.default_rng(1))
    joined = profiles.within.copy()
    joined[1], joined[:, 1] = joined[0], joined[:, 0]
    found = whiten(replace(profiles, within=joined))
    assert found is not None
    assert found.z.shape == (40, 3)
