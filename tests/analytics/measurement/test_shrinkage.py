"""Estimates drawn together against published figures, the likelihood taken a second way, and R's metafor."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from service.analytics.measurement.shrinkage import Method, Shrunk, shrink
from tests.analytics.measurement import reference

METHODS: tuple[Method, ...] = get_args(Method)
Y, V = [0.1, 0.9, -0.6, 1.7, 0.4], [0.04, 0.09, 0.25, 0.16, 0.01]


def log_likelihood(tau2: float, restricted: bool) -> float:
    y, total = np.array(Y), np.array(V) + tau2
    mu = (y / total).sum() / (1 / total).sum()
    lost = math.log((1 / total).sum()) if restricted else 0.0
    return -float(np.log(total).sum() + lost + ((y - mu) ** 2 / total).sum()) / 2


@pytest.mark.parametrize(("method", "restricted"), [("REML", True), ("ML", False)])
def test_the_likelihood_is_greatest_where_it_stops(method: Method, restricted: bool) -> None:
    tau2 = shrink(Y, V, method).tau2
    at = log_likelihood(tau2, restricted)
    step = 1e-5
    rise = log_likelihood(tau2 + step, restricted) - log_likelihood(tau2 - step, restricted)
    assert rise / (2 * step) == pytest.approx(0, abs=1e-6)
    assert all(log_likelihood(other, restricted) < at for other in np.linspace(0, 5, 100))


def test_moment_estimators_solve_their_equations() -> None:
    y, v = np.array(Y), np.array(V)
    paule = shrink(y, v, "PM", tolerance=0)
    weight = 1 / (v + paule.tau2)
    assert weight @ (y - weight @ y / weight.sum()) ** 2 == pytest.approx(4, rel=1e-12)
    assert shrink(y, v, "EB").tau2 == pytest.approx(paule.tau2, rel=1e-10)
    assert shrink(y, v, "PM").tau2 == pytest.approx(paule.tau2, abs=2.0**-13)
    weight = 1 / v
    q = weight @ (y - weight @ y / weight.sum()) ** 2
    found = shrink(y, v, "DL")
    assert found.q == pytest.approx(q, rel=1e-12)
    assert found.tau2 == pytest.approx((q - 4) / (weight.sum() - (weight**2).sum() / weight.sum()), rel=1e-12)
    assert found.i2 == pytest.approx(100 * (q - 4) / q, rel=1e-12)


def test_limits_include_the_uncertainty_of_the_mean() -> None:
    """Posterior variance with a flat prior on mu (Morris 1983): B v + (1 - B)^2 var(mu)."""
    found = shrink(Y, V)
    kept = found.tau2 / (found.tau2 + np.array(V))
    assert found.blup == pytest.approx(kept * np.array(Y) + (1 - kept) * found.mu, rel=1e-12)
    assert found.blup_se**2 == pytest.approx(kept * np.array(V) + (1 - kept) ** 2 * found.se_mu**2, rel=1e-12)
    assert (found.high - found.low) / found.blup_se == pytest.approx([2 * 1.959963984540054] * 5, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_eight_schools_share_one_effect(method: Method) -> None:
    """Rubin (1981): the pooled estimate is 7.7 with standard error 4.1, and no variance between schools."""
    found = shrink([28, 8, -3, 7, -1, 1, 18, 12], np.array([15, 10, 16, 11, 9, 11, 10, 18]) ** 2.0, method)
    assert (found.tau2, found.i2) == (0.0, 0.0)
    assert (found.mu, found.se_mu) == (pytest.approx(7.7, abs=0.05), pytest.approx(4.1, abs=0.05))
    assert found.blup == pytest.approx([found.mu] * 8)
    assert found.blup_se == pytest.approx([found.se_mu] * 8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("y", "v"), [([], []), ([1], [1]), ([1, 2], [1, 0]), ([1, math.nan], [1, 1]), ([1, 2], [math.inf, 1])]
)
def test_too_little_to_compute(y: list[float], v: list[float], method: Method) -> None:
    assert shrink(y, v, method) == Shrunk("insufficient")


def test_steps_that_would_swing_to_and_fro_for_good_are_shortened() -> None:
    y, v = [-1.6, 0.9, 0.2, 1.9, -1.1], [84.15, 70.39, 4.07, 0.84, 0.6]
    assert shrink(y, v, "EB").tau2 == pytest.approx(shrink(y, v, "PM", tolerance=0).tau2, rel=1e-10)


def test_estimates_may_be_of_any_size() -> None:
    """The true values' variance lies beyond where rma looks for it."""
    y, v = [1.7, -2.1, 15.4, -54.1, -13.3, 8.0, -156.4, 175.7], [3539, 1273, 96, 3307, 257, 381, 3853, 3016]
    assert shrink(y, v, "PM", tolerance=0).tau2 == pytest.approx(shrink(y, v, "EB").tau2, rel=1e-10)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("name", "columns"), [("bcg_eb", ("yi", "vi")), ("eight_schools", ("y", "se"))])
def test_equals_r(name: str, columns: tuple[str, str], method: Method) -> None:
    figures = reference.expected(name)["fits"][method]
    y, v = reference.sheet(name, columns).T
    found = shrink(y, v**2 if columns[1] == "se" else v, method)
    for key, value in (
        ("mu", found.mu),
        ("se_mu", found.se_mu),
        ("tau2", found.tau2),
        ("I2", found.i2),
        ("Q", found.q),
        ("blup", found.blup),
        ("blup_se", found.blup_se),
        ("pi_lb", found.low),
        ("pi_ub", found.high),
    ):
        assert value == pytest.approx(figures[key], rel=1e-10, abs=1e-12)
