"""Moderated variances against the equations that define them, by hand, and against teams made by chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import digamma, polygamma
from scipy.stats import f as f_distribution

from service.analytics.measurement.dispersion import dispersion, trigamma_inverse

VARIANCES = np.array([0.4, 0.9, 1.3, 0.2, 2.8, 1.1])
DF = np.array([4.0, 6.0, 9.0, 5.0, 7.0, 12.0])


def test_prior_solves_its_two_moments() -> None:
    """Of log s2: mean and variance as Smyth (2004) has them for a scaled F."""
    prior = dispersion(VARIANCES, DF).prior
    log = np.log(VARIANCES) - digamma(DF / 2) + np.log(DF / 2)
    assert log.var(ddof=1) == pytest.approx(polygamma(1, DF / 2).mean() + polygamma(1, prior.df / 2), rel=1e-10)
    assert log.mean() == pytest.approx(math.log(prior.variance) - digamma(prior.df / 2) + math.log(prior.df / 2))


def test_moderated_lies_between_own_and_usual() -> None:
    found = dispersion(VARIANCES, DF)
    d0, s0 = found.prior.df, found.prior.variance
    assert found.moderated == pytest.approx((d0 * s0 + DF * VARIANCES) / (d0 + DF), rel=1e-12)
    assert found.p == pytest.approx(f_distribution.sf(VARIANCES / s0, DF, d0), rel=1e-12)


@pytest.mark.parametrize("y", [1e-5, 0.3, 1.0, 4.2, 80.0, 2e6])
def test_trigamma_inverse(y: float) -> None:
    assert trigamma_inverse(float(polygamma(1, y))) == pytest.approx(y, rel=1e-6 if y > 1e5 or y < 1e-4 else 1e-10)


def test_finds_the_prior_teams_were_made_from() -> None:
    chance = np.random.default_rng(11)
    true = 2.0 * 10 / chance.chisquare(10, 20_000)
    prior = dispersion(true * chance.chisquare(6, 20_000) / 6, np.full(20_000, 6.0)).prior
    assert prior.variance == pytest.approx(2.0, rel=0.03)
    assert prior.df == pytest.approx(10, rel=0.08)


def test_teams_alike_are_moderated_all_the_way() -> None:
    found = dispersion([1.0, 1.1, 0.9, 1.0], [10] * 4)
    assert found.prior.df == math.inf
    assert found.prior.variance == pytest.approx(1.0)
    assert found.moderated == pytest.approx([1.0] * 4)
    assert not found.divided.any()


def alarms(rounds: int) -> tuple[int, int]:
    """True and false, of 240 divided among 4,800 teams."""
    chance = np.random.default_rng(5)
    true = false = 0
    for _ in range(60):
        s2 = chance.chisquare(14, 80) / 14
        s2[:4] *= 6
        divided = dispersion(s2, np.full(80, 14.0), rounds=rounds).divided
        true, false = true + divided[:4].sum(), false + divided[4:].sum()
    return true, false


def test_names_the_divided_and_hardly_ever_another() -> None:
    (once, false_once), (thrice, false_thrice) = alarms(1), alarms(3)
    assert once > 120
    assert thrice > 210
    assert false_once <= 0.05 * once
    assert false_thrice <= 0.08 * thrice


def test_rounds_stop_where_nothing_changes() -> None:
    once, often = dispersion(VARIANCES, DF), dispersion(VARIANCES, DF, rounds=9)
    assert (once.prior, once.moderated.tolist()) == (often.prior, often.moderated.tolist())


def test_a_team_without_scatter_does_not_rule_the_fit() -> None:
    found = dispersion([0.0, 1.0, 1.2, 0.8, 1.1], [5] * 5)
    assert np.isfinite(found.moderated).all()
    assert found.moderated[0] > 0
    assert found.p[0] == pytest.approx(1.0)


def test_too_little() -> None:
    assert dispersion([], []) is None
    assert dispersion([1.0], [4]) is None
    assert dispersion([1.0, 2.0], [4, 0]) is None
    assert dispersion([0.0, 0.0], [4, 4]) is None


def test_a_team_without_degrees_of_freedom_is_as_usual() -> None:
    found = dispersion([*VARIANCES, np.nan], [*DF, 0])
    assert found.moderated[-1] == pytest.approx(found.prior.variance)
    assert (found.p[-1], found.divided[-1]) == (1.0, False)
    assert found.prior == dispersion(VARIANCES, DF).prior
