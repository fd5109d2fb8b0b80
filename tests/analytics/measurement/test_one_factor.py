"""Omega against lavaan and psych on published data, and against models whose parameters are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from service.analytics.measurement.likelihood import gradient_of, hessian_of
from service.analytics.measurement.one_factor import minres, one_factor
from service.analytics.measurement.reliability import correlation
from tests.analytics.measurement.reference import expected

SCALES = [
    ("lq2002", "LEAD"),
    ("lq2002", "TSIG"),
    ("lq2002", "HOSTILE"),
    ("science_ltm", "reliability_all7"),
    ("science_ltm", "reliability_4"),
    ("cohesion", "reliability"),
    ("bfi", "Agree"),
    ("bfi", "Conscientious"),
    ("bfi", "Extraversion"),
    ("bfi", "Neuroticism"),
    ("bfi", "Openness"),
]


def figures(name: str, key: str) -> dict[str, Any]:
    found = expected(name)
    if name == "bfi":
        return found["scales"][key]
    return found[key]["reliability"] if name == "lq2002" else found[key]


@pytest.mark.parametrize(("name", "key"), SCALES)
def test_equals_lavaan(name: str, key: str) -> None:
    """What does not depend on where lavaan stopped to many digits; parameters as far as it went, some 1e-6."""
    r = figures(name, key)
    lavaan = r["omega_cfa_ml"]
    found = one_factor(r["cov"], r["n"])
    assert (found.status, found.heywood, found.fit.df) == ("ok", False, lavaan["df"])
    assert found.omega == pytest.approx(lavaan["omega_total"], rel=1e-6)
    assert found.omega_observed == pytest.approx(lavaan["omega_over_observed_var"], rel=2e-6)
    assert found.loadings == pytest.approx(lavaan["loadings"], rel=2e-6, abs=1e-6)
    assert found.uniquenesses == pytest.approx(lavaan["uniquenesses"], rel=2e-6)
    assert found.fit.chi_square == pytest.approx(lavaan["chisq"], rel=1e-9, abs=1e-8)
    assert found.fit.cfi == pytest.approx(lavaan["cfi"], rel=1e-9)
    assert found.fit.rmsea == pytest.approx(lavaan["rmsea"], rel=1e-9)
    assert found.fit.srmr == pytest.approx(lavaan["srmr"], rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(("name", "key"), SCALES)
def test_equals_psych(name: str, key: str) -> None:
    """Where a loading is next to nothing (two items of the seven) psych's search ends a hair elsewhere."""
    r = figures(name, key)
    psych = r["omega_minres_std"]
    found = minres(correlation(np.array(r["cov"])))
    digits = 1e-5 if key == "reliability_all7" else 1e-10
    assert found.loadings == pytest.approx(psych["loadings"], abs=digits)
    assert found.omega == pytest.approx(psych["omega_total"], rel=min(digits, 1e-6))
    assert found.omega_observed == pytest.approx(psych["omega_over_R"], rel=min(digits, 1e-6))


def model(loadings: list[float], uniquenesses: list[float]) -> np.ndarray:
    return np.outer(loadings, loadings) + np.diag(uniquenesses)


def test_finds_the_parameters_of_a_model_that_holds() -> None:
    loadings, uniquenesses = [2.0, 0.9, 1.4, 0.3, 0.8], [1.0, 2.0, 0.5, 1.5, 0.7]
    found = one_factor(model(loadings, uniquenesses), 101)
    assert found.loadings == pytest.approx(loadings, rel=1e-8)
    assert found.uniquenesses == pytest.approx(uniquenesses, rel=1e-8)
    assert found.omega == pytest.approx(5.4**2 / (5.4**2 + 5.7))
    assert found.omega_observed == pytest.approx(found.omega)
    assert (found.fit.df, found.fit.cfi, found.fit.rmsea) == (5, 1.0, 0.0)
    assert found.fit.chi_square == pytest.approx(0, abs=1e-9)


def test_three_items_have_a_closed_form() -> None:
    cov = np.array([[2.0, 0.6, 0.5], [0.6, 1.0, 0.4], [0.5, 0.4, 1.5]])
    found = one_factor(cov, 30)
    assert found.loadings[0] == pytest.approx(np.sqrt(0.6 * 0.5 / 0.4), rel=1e-8)
    assert found.loadings[1] == pytest.approx(np.sqrt(0.6 * 0.4 / 0.5), rel=1e-8)
    assert (found.fit.df, found.fit.cfi, found.fit.rmsea) == (0, 1.0, 0.0)


def test_flags_a_negative_uniqueness() -> None:
    """Two items that share more with the third than with each other: its loading must pass its variance."""
    corr = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.5], [0.8, 0.5, 1.0]])
    found, bounded = one_factor(corr, 50), minres(corr)
    assert (found.status, found.heywood) == ("ok", True)
    assert found.uniquenesses[0] == pytest.approx(1 - 0.8 * 0.8 / 0.5)
    assert bounded.heywood
    assert 1 < bounded.loadings[0] < found.loadings[0]


def test_fit_by_its_definitions() -> None:
    """Two pairs that share more within than across; what is not fitted are the six correlations."""
    corr = np.array([[1.0, 0.7, 0.3, 0.3], [0.7, 1.0, 0.3, 0.3], [0.3, 0.3, 1.0, 0.6], [0.3, 0.3, 0.6, 1.0]])
    found = one_factor(corr, 61)
    implied = model(list(found.loadings), list(found.uniquenesses))
    distance = np.log(np.linalg.det(implied)) + np.trace(np.linalg.solve(implied, corr)) - np.log(np.linalg.det(corr))
    baseline = -60 * np.log(np.linalg.det(corr))
    assert found.fit.chi_square == pytest.approx(60 * (distance - 4))
    assert found.fit.rmsea == pytest.approx(np.sqrt((found.fit.chi_square - 2) / (2 * 60)))
    assert found.fit.cfi == pytest.approx(1 - (found.fit.chi_square - 2) / (baseline - 6))
    residual = (corr - implied)[np.triu_indices(4)]
    assert found.fit.srmr == pytest.approx(np.sqrt((residual**2).mean()))


def test_signs_follow_the_sum() -> None:
    found = one_factor(model([-1.0, -1.0, 0.5, -1.0], [1.0] * 4))
    assert found.loadings == pytest.approx([1.0, 1.0, -0.5, 1.0])
    assert found.fit is None
    assert one_factor(model([1.0, 1.0, -0.5, 1.0], [1.0] * 4)).loadings == pytest.approx(found.loadings)


def test_scale_does_not_matter() -> None:
    chance = np.random.default_rng(4)
    cov = np.cov((chance.normal(size=(80, 1)) + chance.normal(size=(80, 5))).T)
    unit = np.array([1.0, 25.0, 0.04, 3.0, 7.0])
    found, scaled = one_factor(cov, 80), one_factor(cov * np.outer(unit, unit), 80)
    assert scaled.loadings == pytest.approx(np.array(found.loadings) * unit)
    assert scaled.fit.chi_square == pytest.approx(found.fit.chi_square)


def test_slopes_are_slopes() -> None:
    chance = np.random.default_rng(6)
    corr = np.corrcoef(chance.normal(size=(40, 4)).T)
    at, step = np.concatenate([chance.uniform(0.2, 0.8, 4), chance.uniform(0.3, 0.9, 4)]), 1e-6
    ahead = [(gradient_of(at + step * e, corr) - gradient_of(at - step * e, corr)) / (2 * step) for e in np.eye(8)]
    assert hessian_of(at, corr) == pytest.approx(np.array(ahead), abs=1e-6)


def test_says_why_not() -> None:
    assert one_factor(np.eye(2)).status == "insufficient"
    assert one_factor(np.diag([1.0, 0.0, 1.0])).status == "insufficient"
    assert one_factor(np.ones((3, 3))).status == "singular"
    against = np.array([[1.0, 0.4, 0.4], [0.4, 1.0, -0.4], [0.4, -0.4, 1.0]])
    assert (one_factor(against).status, one_factor(against).omega) == ("not_converged", None)
    assert minres(np.eye(2)).status == "insufficient"
