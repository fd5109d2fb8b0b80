"""Covariance taken apart by groups: by hand, against the one-way figures of the sums, and against R."""

from __future__ import annotations

import math

import numpy as np
import pytest

from service.analytics.measurement.between_within import BetweenWithin, Moments, Waba, between_within, moments, waba
from service.analytics.measurement.one_way import grouped, one_way
from tests.analytics.measurement import reference

#: Three groups of two and three people on x and y; means (1, 6), (3, 4) and (6, 1).
X = [0.0, 2.0, 2.0, 3.0, 4.0, 5.0, 7.0]
Y = [5.0, 7.0, 4.0, 5.0, 3.0, 0.0, 2.0]
LABELS = ["a", "a", "b", "b", "b", "c", "c"]


def small() -> Moments:
    return moments(np.column_stack([X, Y]), LABELS)[1]


def test_moments_by_hand() -> None:
    names, given = moments(np.column_stack([X, Y]), LABELS)
    assert names == ["a", "b", "c"]
    assert (given.n.tolist(), given.mean.tolist()) == ([2, 3, 2], [[1, 6], [3, 4], [6, 1]])
    assert given.within.tolist() == [[6, 3], [3, 6]]


def test_every_combination_of_the_variables_has_its_one_way_figures() -> None:
    """Second way: the variance of a x + b y must be what the analysis of variance says of that one variable."""
    found = between_within(small())
    for a, b in ((1, 0), (0, 1), (1, 1), (2, -3)):
        weights = np.array([a, b])
        alone = one_way(grouped(a * np.array(X) + b * np.array(Y), LABELS)[1])
        assert weights @ found.within @ weights == pytest.approx(alone.msw)
        assert weights @ found.msb @ weights == pytest.approx(alone.msb)
        assert weights @ found.latent @ weights == pytest.approx((alone.msb - alone.msw) / alone.n0)
        assert found.n0 == pytest.approx(alone.n0)
    assert found.cor_within[0, 1] == pytest.approx(0.5)
    assert found.cor_between[0, 1] == pytest.approx(found.msb[0, 1] / math.sqrt(found.msb[0, 0] * found.msb[1, 1]))


def test_within_and_between_analysis_adds_up() -> None:
    found = waba(small())
    assert found.raw == pytest.approx(np.corrcoef(X, Y)[0, 1])
    assert found.within == pytest.approx(0.5)
    assert found.raw == pytest.approx(
        found.eta_bx * found.eta_by * found.between + found.eta_wx * found.eta_wy * found.within
    )
    assert found.eta_bx**2 + found.eta_wx**2 == pytest.approx(1)
    assert found.eta_bx**2 == pytest.approx(one_way(grouped(X, LABELS)[1]).eta_squared)
    assert waba(small(), 1, 0).eta_bx == found.eta_by


def test_a_correlation_without_variance_has_no_meaning() -> None:
    """y differs between groups less than chance would make it, z not at all within them."""
    rows = np.column_stack([[0.0, 2, 4, 6, 9, 11], [0.0, 5, 1, 4, 0, 5], [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]])
    found = between_within(moments(rows, [1, 1, 2, 2, 3, 3])[1])
    assert found.latent[1, 1] < 0
    assert np.isnan(found.cor_latent).tolist() == [[False, True, False], [True, True, True], [False, True, False]]
    assert np.isnan(found.cor_within[2]).all()
    assert found.cor_within[0, 0] == found.cor_between[2, 2] == pytest.approx(1)
    assert waba(moments(rows, [1, 1, 2, 2, 3, 3])[1], 0, 2) == Waba("insufficient")


@pytest.mark.parametrize(("size", "labels"), [(0, []), (2, ["a", "a"]), (2, ["a", "b"])])
def test_too_little_to_compute(size: int, labels: list[str]) -> None:
    given = moments(np.arange(2.0 * size).reshape(size, 2), labels)[1]
    assert between_within(given) == BetweenWithin("insufficient", size, len(set(labels)))
    assert waba(given) == Waba("insufficient")


def test_people_with_a_missing_value_are_left_out() -> None:
    rows = np.column_stack([[*X, math.nan, 9.0], [*Y, 1.0, math.nan]])
    assert between_within(moments(rows, [*LABELS, "a", "d"])[1]).latent == pytest.approx(between_within(small()).latent)


def test_equals_r_on_the_companies() -> None:
    expected = reference.expected("bh1996")
    figures = expected["between_within"]
    labels = [row["GRP"] for row in reference.rows("bh1996")]
    given = moments(reference.sheet("bh1996", figures["vars"]), labels)[1]
    found = between_within(given)
    for key, value in (
        ("Sw_pooled", found.within),
        ("MSB_matrix", found.msb),
        ("n0", found.n0),
        ("between_cov_latent_manova", found.latent),
        ("cor_within", found.cor_within),
        ("cor_between_observed_weighted", found.cor_between),
        ("cor_between_latent", found.cor_latent),
    ):
        assert value == pytest.approx(np.array(figures[key]), rel=1e-10)
    apart = waba(given, figures["vars"].index("HRS"), figures["vars"].index("WBEING"))
    assert {
        "RawCorr": apart.raw,
        "EtaBx": apart.eta_bx,
        "EtaBy": apart.eta_by,
        "CorrB": apart.between,
        "EtaWx": apart.eta_wx,
        "EtaWy": apart.eta_wy,
        "CorrW": apart.within,
    } == pytest.approx(expected["waba_HRS_WBEING"], rel=1e-10)
