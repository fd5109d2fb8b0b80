"""Omega hierarchical against psych, and on a structure whose factors are known."""

from __future__ import annotations

import numpy as np
import pytest

from service.analytics.measurement.extraction import least_residuals
from service.analytics.measurement.reliability import correlation
from service.analytics.measurement.schmid_leiman import hierarchical, oblimin, varimax
from tests.analytics.measurement.reference import expected

#: Three groups of three items, loadings on the group's factor, whose factors load on a general one.
GROUPS = np.kron(np.eye(3), np.array([[0.8], [0.7], [0.6]]))
GENERAL = np.array([0.8, 0.6, 0.5])
BETWEEN = np.outer(GENERAL, GENERAL) + np.diag(1 - GENERAL**2)
KNOWN = GROUPS @ BETWEEN @ GROUPS.T + np.diag(1 - (GROUPS**2).sum(axis=1))


def test_finds_the_factors_of_a_known_structure() -> None:
    found = hierarchical(KNOWN)
    assert found.omega_h == pytest.approx((GROUPS @ GENERAL).sum() ** 2 / KNOWN.sum(), abs=1e-4)
    assert found.omega_total == pytest.approx(1 - (1 - (GROUPS**2).sum(axis=1)).sum() / KNOWN.sum(), abs=1e-4)
    assert not any(found.turned)


def test_turns_items_that_load_the_other_way() -> None:
    against = np.array([1, 1, -1, 1, 1, 1, 1, -1, 1.0])
    found, straight = hierarchical(KNOWN * np.outer(against, against)), hierarchical(KNOWN)
    assert found.turned == tuple((against < 0).tolist())
    assert found.omega_h == pytest.approx(straight.omega_h, abs=1e-4)
    assert found.alpha == pytest.approx(straight.alpha)


@pytest.mark.parametrize(
    ("name", "key", "digits"), [("lq2002", "LEAD", 1e-6), ("science_ltm", "reliability_all7", 3e-5)]
)
def test_equals_psych(name: str, key: str, digits: float) -> None:
    """Of the seven items two have a uniqueness near 1, the bound of the search, where psych's ends a hair elsewhere."""
    r = expected(name)[key]
    r = r.get("reliability", r)
    found, psych = hierarchical(correlation(np.array(r["cov"]))), r["psych_omega_3f"]
    assert found.omega_h == pytest.approx(psych["omega_h"], abs=digits)
    assert found.omega_total == pytest.approx(psych["omega_tot"], abs=digits)
    assert found.alpha == pytest.approx(psych["alpha"], abs=1e-10)
    assert found.lambda6 == pytest.approx(psych["lambda6"], abs=1e-10)


def test_turning_keeps_what_the_factors_explain() -> None:
    loadings = least_residuals(KNOWN, 3)
    turned = varimax(loadings)
    assert turned @ turned.T == pytest.approx(loadings @ loadings.T)
    pattern, between = oblimin(turned)
    assert pattern @ between @ pattern.T == pytest.approx(loadings @ loadings.T)
    assert np.sort(np.abs(pattern), axis=1)[:, :2] == pytest.approx(np.zeros((9, 2)), abs=1e-3)


def test_varimax_finds_simple_structure() -> None:
    away, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    found = np.sort(np.abs(varimax(GROUPS @ away)), axis=1)
    assert found[:, :2] == pytest.approx(np.zeros((9, 2)), abs=1e-2)
    assert found[:, 2] == pytest.approx(GROUPS.max(axis=1), abs=1e-3)


def test_too_few_items_for_three_factors() -> None:
    assert hierarchical(np.eye(5)) is None
    assert hierarchical(np.full((6, 6), np.nan)) is None
