"""Mixtures against their closed form, against each other, and against R's mclust."""

from __future__ import annotations

import math

import numpy as np
import pytest

from service.analytics.clusters.grid import mixture_bic, ward
from service.analytics.clusters.mixture import Covariance, best_mixture, parameters, tied_mixture
from service.analytics.clusters.quick import quick_mixture
from tests.analytics.measurement.reference import expected, sheet

SHAPES: dict[str, Covariance] = {"VVV": "full", "EEE": "tied", "VVI": "diag", "VII": "spherical"}
IRIS = ("Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width")


def three_groups() -> np.ndarray:
    rng = np.random.default_rng(4)
    centres = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
    return centres[np.arange(150) % 3] + rng.normal(size=(150, 2)) @ np.array([[1.0, 0.3], [0.0, 0.8]])


def test_one_component_is_the_closed_form() -> None:
    data = three_groups()
    covariance = np.cov(data.T, bias=True)
    likelihood = -0.5 * 150 * (2 * math.log(2 * math.pi) + math.log(np.linalg.det(covariance)) + 2)
    by_hand = 2 * likelihood - 5 * math.log(150)
    rng = np.random.default_rng(0)
    assert tied_mixture(data, 1, 0).bic == pytest.approx(by_hand, abs=1e-6)
    assert quick_mixture(data, 1, rng).bic == pytest.approx(by_hand, abs=1e-6)
    assert mixture_bic(data, 1, "full") == pytest.approx(by_hand, abs=1e-6)


def test_the_quick_fit_is_the_careful_one() -> None:
    data = three_groups()
    quick, careful = quick_mixture(data, 3, np.random.default_rng(0)), tied_mixture(data, 3, 0)
    assert quick.bic == pytest.approx(careful.bic, abs=0.1)
    assert np.sort(quick.means, axis=0) == pytest.approx(np.sort(careful.means, axis=0), abs=0.02)
    assert quick.covariance == pytest.approx(careful.covariance, abs=0.02)


def test_bic_finds_the_number_of_groups() -> None:
    assert best_mixture(three_groups(), 4, 0).k == 3
    assert best_mixture(np.random.default_rng(1).normal(size=(200, 2)), 3, 0).k == 1


@pytest.mark.parametrize(("shape", "number"), [("full", 44), ("tied", 24), ("diag", 26), ("spherical", 17)])
def test_parameters_as_mclust_counts_them(shape: Covariance, number: int) -> None:
    assert parameters(3, 4, shape) == number


def test_no_bic_without_variance_or_rows() -> None:
    assert mixture_bic(np.ones((20, 2)), 1) is None
    assert mixture_bic(np.array([[1.0, 2.0], [3.0, 4.0]]), 3) is None


def test_ward_numbers_parts_by_their_first_rows() -> None:
    assert ward(np.array([[9.0], [0.0], [9.1], [0.1], [5.0]]), 3).tolist() == [1, 2, 1, 2, 3]


@pytest.mark.parametrize("name", SHAPES)
def test_iris_as_mclust(name: str) -> None:
    """With more components than two mclust may stop in a lesser optimum, or a hair before its own."""
    grid, data = expected("iris")["gmm"]["bic_mclust_sign"][name], sheet("iris", IRIS)
    assert mixture_bic(data, 1, SHAPES[name]) == pytest.approx(grid["1"], abs=1e-6)
    assert mixture_bic(data, 2, SHAPES[name]) == pytest.approx(grid["2"], abs=1e-3)
    assert mixture_bic(data, 3, SHAPES[name]) == pytest.approx(grid["3"], abs=1e-2)


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
def test_iris_by_ward_as_hclust(k: int) -> None:
    assert ward(sheet("iris", IRIS), k).tolist() == expected("iris")["silhouette"][f"k{k}"]["ward_labels"]
