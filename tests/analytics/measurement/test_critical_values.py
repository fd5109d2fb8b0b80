"""Critical values against all answers there can be, against simulation in R, and against each other."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from service.analytics.measurement import critical_values
from service.analytics.measurement.critical_values import ad_critical, rwg_j_critical
from tests.analytics.measurement.reference import expected


def all_answers(n: int, options: int) -> np.ndarray:
    return np.array(list(itertools.product(range(options), repeat=n)), float)


@pytest.mark.parametrize(("n", "options"), [(3, 4), (4, 5), (5, 5), (4, 7), (9, 2)])
@pytest.mark.parametrize("level", [0.95, 0.9, 0.99])
def test_one_item_equals_counting_every_case(n: int, options: int, level: float) -> None:
    """Passed at most as often as the level lets, and the next value down is passed more often."""
    answers = all_answers(n, options)
    rwg = 1 - np.minimum(1, answers.var(axis=1, ddof=1) / ((options**2 - 1) / 12))
    values = np.unique(rwg.round(12))
    within = [value for value in values if (rwg > value + 1e-9).mean() <= 1 - level + 1e-12]
    assert rwg_j_critical(n, options, 1, level) == pytest.approx(within[0], abs=1e-12)
    ad = np.abs(answers - answers.mean(axis=1)[:, None]).mean(axis=1)
    values = np.unique(ad.round(12))
    within = [value for value in values if (ad < value - 1e-9).mean() <= 1 - level + 1e-12]
    assert ad_critical(n, options, 1, level) == pytest.approx(within[-1], abs=1e-12)


def test_two_items_equal_counting_every_case() -> None:
    answers = all_answers(6, 3).reshape(-1, 3, 2)
    mean = answers.var(axis=1, ddof=1).mean(axis=1) / (8 / 12)
    rwg = 2 * (1 - np.minimum(1, mean)) / (2 * (1 - np.minimum(1, mean)) + np.minimum(1, mean))
    critical = rwg_j_critical(3, 3, 2, 0.9)
    assert np.abs(rwg - critical).min() < 1e-12
    assert (rwg > critical + 1e-9).mean() <= 0.1 < (rwg > critical - 1e-9).mean()
    ad = np.abs(answers - answers.mean(axis=1)[:, None]).mean(axis=(1, 2))
    critical = ad_critical(3, 3, 2, 0.9)
    assert (ad < critical - 1e-9).mean() <= 0.1 < (ad < critical + 1e-9).mean()


@pytest.mark.parametrize("n", [5, 6, 8, 10, 12, 15])
def test_r_simulates_the_same(n: int) -> None:
    """R's are quantiles of a sample of a few thousand; with one item, values lie so far apart that chance may pick
    the neighbour: of 12 people .4242 is reached by 94.96 %."""
    (r,) = (row for row in expected("agreement_critical_values")["critical"] if row["n"] == n)
    assert rwg_j_critical(n, 5, 5) == pytest.approx(r["rwgj5_q95"], abs=0.01)
    assert ad_critical(n, 5) == pytest.approx(r["ad_q05"], abs=0.01)
    assert rwg_j_critical(n, 5) == pytest.approx(r["rwg_q95"], abs=0.02 if n == 12 else 0.01)


def test_a_simulation_passes_once_in_twenty() -> None:
    answers = np.random.default_rng(8).integers(0, 5, (20_000, 14, 4))
    ratio = np.minimum(1, answers.var(axis=1, ddof=1).mean(axis=1) / 2)
    passed = (4 * (1 - ratio) / (4 * (1 - ratio) + ratio) > rwg_j_critical(14, 5, 4) + 1e-9).mean()
    assert 0.044 <= passed <= 0.054


@pytest.mark.parametrize("distribution", [critical_values._variances, critical_values._deviations])
@pytest.mark.parametrize(("n", "options"), [(2, 2), (7, 4), (25, 5)])
def test_chances_sum_to_one(distribution: object, n: int, options: int) -> None:
    assert distribution(n, options).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("items", [1, 5])
def test_cumulants_take_over_without_a_step(items: int, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = rwg_j_critical(60, 5, items)
    monkeypatch.setattr(critical_values, "MOST_EXACT_PEOPLE", 20)
    assert rwg_j_critical.__wrapped__(60, 5, items) == pytest.approx(exact, abs=0.002 if items == 1 else 0.0002)
    assert exact > rwg_j_critical(5_000, 5, items) > 0


def test_two_people_cannot_pass() -> None:
    """They agree by chance on every point once in five."""
    assert rwg_j_critical(2, 5) == 1
    assert ad_critical(2, 5) == 0


def test_nothing_to_go_by() -> None:
    assert rwg_j_critical(1, 5) is None
    assert rwg_j_critical(8, 1) is None
    assert ad_critical(1, 5) is None
    assert ad_critical(critical_values.MOST_EXACT_PEOPLE + 1, 5) is None
    assert math.isfinite(rwg_j_critical(3, 2, 30))
