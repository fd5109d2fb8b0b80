"""Relative importance against its definition over all orders of entry, least squares, and R's relaimpo."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest

from service.analytics.drivers.importance import Importance, importance, importance_of, lmg
from tests.analytics.measurement import reference


def data(seed: int = 1, n: int = 60, size: int = 4) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(n, size)) + 0.8 * chance.normal(size=(n, 1))
    return x @ np.arange(1, size + 1) / 3 + chance.normal(size=n) + 4, x


def r2(y: np.ndarray, x: np.ndarray) -> float:
    design = np.column_stack([np.ones(len(y)), x])
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - float(rest @ rest) / float(((y - y.mean()) ** 2).sum())


def test_lmg_is_the_mean_over_all_orders_of_entry() -> None:
    y, x = data()
    shares = np.zeros(4)
    for order in permutations(range(4)):
        for place, added in enumerate(order):
            shares[added] += (r2(y, x[:, order[: place + 1]]) - r2(y, x[:, order[:place]])) / 24
    found = importance_of(y, x)
    assert found.lmg == pytest.approx(shares, abs=1e-12)
    assert found.first == pytest.approx([r2(y, x[:, [place]]) for place in range(4)], abs=1e-12)
    assert found.last == pytest.approx([found.r2 - r2(y, np.delete(x, place, 1)) for place in range(4)], abs=1e-12)


def test_regression_is_that_of_least_squares() -> None:
    y, x = data()
    design = np.column_stack([np.ones(60), x])
    coefficients, rest, *_ = np.linalg.lstsq(design, y, rcond=None)
    se = np.sqrt(rest[0] / 55 * np.diag(np.linalg.inv(design.T @ design)))
    found = importance_of(y, x)
    assert [found.intercept, *found.coefficients] == pytest.approx(coefficients, rel=1e-10)
    assert [found.se_intercept, *found.se] == pytest.approx(se, rel=1e-10)
    assert found.adjusted_r2 == pytest.approx(1 - rest[0] / 55 / y.var(ddof=1), rel=1e-10)
    assert found.beta == pytest.approx(coefficients[1:] * x.std(axis=0) / y.std(), rel=1e-10)


def test_every_way_of_sharing_out_adds_up_and_agrees_where_predictors_do_not_correlate() -> None:
    found = importance_of(*data())
    for shares in (found.lmg, found.pratt, found.genizi, found.car):
        assert shares.sum() == pytest.approx(found.r2, rel=1e-12)
    apart = importance(np.array([[1, 0.5, -0.3], [0.5, 1, 0], [-0.3, 0, 1]]))
    for shares in (apart.lmg, apart.first, apart.last, apart.betasq, apart.pratt, apart.genizi, apart.car):
        assert shares == pytest.approx([0.25, 0.09], rel=1e-12)
    assert (apart.n, apart.adjusted_r2, apart.se, apart.intercept, apart.se_intercept) == (None,) * 5


def test_a_stack_is_each_of_its_matrices() -> None:
    stack = np.stack([np.corrcoef(np.column_stack(data(seed)), rowvar=False) for seed in range(5)])
    shares, explained = lmg(stack)
    for one, share, whole in zip(stack, shares, explained, strict=True):
        assert share == pytest.approx(importance(one).lmg, abs=1e-14)
        assert whole == pytest.approx(importance(one).r2, abs=1e-14)


def test_one_predictor_and_many() -> None:
    y, x = data(size=12)
    assert importance_of(y, x[:, 0]).lmg == pytest.approx([r2(y, x[:, :1])])
    assert importance_of(y, x).lmg.sum() == pytest.approx(r2(y, x), rel=1e-12)


def test_observations_with_anything_missing_are_left_out() -> None:
    y, x = data()
    holed = x.copy()
    holed[3, 1] = y[7] = math.nan
    keep = np.delete(np.arange(60), [3, 7])
    assert importance_of(y, holed).n == 58
    assert importance_of(y, holed).lmg == pytest.approx(importance_of(y[keep], x[keep]).lmg, rel=1e-12)


@pytest.mark.parametrize(
    ("y", "x"),
    [
        ([], np.zeros((0, 2))),
        ([1.0], [[1.0, 2.0]]),
        ([1.0, 2.0, 4.0], [[1.0, 2.0], [2.0, 1.0], [4.0, 4.0]]),
        ([1.0, 2.0, 3.0, 5.0, 4.0], [[0.1, 2], [0.1, 1], [0.1, 4], [0.1, 3], [0.1, 9]]),
        ([0.1] * 5, [[1, 2], [2, 1], [3, 4], [4, 3], [5, 9]]),
        ([1.0, 2.0, 3.0, 5.0, 4.0], [[1, 2], [2, 4], [3, 6], [4, 8], [7, 14]]),
        ([1.0, 2.0, 3.0, 5.0], np.zeros((4, 0))),
    ],
)
def test_too_little_to_compute(y: list[float], x: np.ndarray) -> None:
    assert importance_of(y, x) == Importance("insufficient")


def test_too_many_predictors() -> None:
    assert importance(np.eye(18)).status == "insufficient"


@pytest.mark.parametrize(
    ("name", "model"), [("swiss_lmg", "model"), *(("bsg2014_teams", f"model{number}") for number in (1, 2, 3))]
)
def test_equals_r(name: str, model: str) -> None:
    expected = reference.expected(name)[model]
    y, *x = reference.sheet(name, [expected["outcome"], *expected["predictors"]]).T
    found = importance_of(y, np.column_stack(x))
    assert (found.n, found.r2, found.adjusted_r2) == (
        expected["n"],
        pytest.approx(expected["R2"], rel=1e-10),
        pytest.approx(expected["adjR2"], rel=1e-10),
    )
    for key, value in (
        ("lmg_shapley", found.lmg),
        ("first", found.first),
        ("last", found.last),
        ("betasq", found.betasq),
        ("pratt", found.pratt),
        ("genizi_johnson_relative_weights", found.genizi),
        ("car_scores", found.car),
        ("std_beta", found.beta),
        ("coef", [found.intercept, *found.coefficients]),
        ("se", [found.se_intercept, *found.se]),
    ):
        assert value == pytest.approx(list(expected[key].values()), rel=1e-10)
    alone = importance(np.array(expected["cor_matrix"]), expected["n"])
    assert alone.lmg == pytest.approx(found.lmg, rel=1e-10)
