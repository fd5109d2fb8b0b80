"""Alpha and its company against R on published data, and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from service.analytics.measurement.reliability import covariance, feldt, keyed, reliability
from tests.analytics.measurement.reference import expected, sheet

#: set, where its figures are, its items
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


def scale(name: str, key: str) -> tuple[np.ndarray, dict[str, Any]]:
    """The keyed sheet and R's figures."""
    found = expected(name)
    if name == "bfi":
        signed = found["keys"][key]
        answers = sheet(name, [item.lstrip("-") for item in signed])
        return keyed(answers, [item.startswith("-") for item in signed], 1, 6), found["scales"][key]
    if name == "lq2002":
        return sheet(name, found[key]["items"]), found[key]["reliability"]
    if name == "cohesion":
        return sheet(name, [f"COH0{i}" for i in range(1, 6)]), found[key]
    return sheet(name, found["items" if key == "reliability_all7" else "grm_items"]), found[key]


@pytest.mark.parametrize(("name", "key"), SCALES)
def test_equals_r(name: str, key: str) -> None:
    answers, r = scale(name, key)
    cov, n = covariance(answers)
    found = reliability(cov, n)
    close = {"abs": 1e-10}
    assert (n, found.items) == (r["n"], r["k"])
    assert cov == pytest.approx(np.array(r["cov"]), **close)
    assert found.alpha == pytest.approx(r["alpha_raw"], **close)
    assert found.alpha_std == pytest.approx(r["alpha_std"], **close)
    assert found.mean_r == pytest.approx(r["mean_r"], **close)
    assert found.lambda6 == pytest.approx(r["guttman_lambda6"], **close)
    assert found.item_rest_r == pytest.approx(r["item_rest_r"], **close)
    assert found.alpha_if_dropped == pytest.approx(r["alpha_if_dropped"], **close)
    assert found.interval == pytest.approx(r["alpha_feldt_ci95"], **close)


@pytest.mark.parametrize("key", ["Agree", "Conscientious", "Extraversion", "Neuroticism", "Openness"])
def test_pairwise_equals_psych(key: str) -> None:
    answers, _ = scale("bfi", key)
    r = expected("bfi")["scoreItems_pairwise"]
    found = reliability(covariance(answers, "pairwise")[0])
    assert found.alpha == pytest.approx(r["alpha"][key], abs=1e-10)
    assert found.implied_r == pytest.approx(r["av_r"][key], abs=1e-10)


def test_by_hand() -> None:
    """Three items of variance 1 that share a half: 3 / 2 (1 - 3 / 6)."""
    found = reliability(np.full((3, 3), 0.5) + 0.5 * np.eye(3), 21)
    assert found.alpha == pytest.approx(0.75)
    assert found.alpha_std == pytest.approx(0.75)
    assert (found.mean_r, found.implied_r) == (pytest.approx(0.5), pytest.approx(0.5))
    assert found.alpha_if_dropped == pytest.approx([2 / 3] * 3)
    assert found.item_rest_r == pytest.approx([1 / np.sqrt(3)] * 3)
    assert found.lambda6 == pytest.approx(1 - 3 * (2 / 3) / 6)


def test_interval_by_the_table() -> None:
    """F of 20 and 40 degrees of freedom: 2.068 at 97.5 %, 1 / 2.287 at 2.5 %."""
    assert feldt(0.75, 21, 3) == pytest.approx((1 - 0.25 * 2.068, 1 - 0.25 / 2.287), abs=2e-4)


def test_interval_covers() -> None:
    """Of 400 samples of 40 people, about 95 in 100 intervals hold the true alpha."""
    chance = np.random.default_rng(2)
    samples = chance.normal(size=(400, 40, 1)) + chance.normal(size=(400, 40, 4))
    true = 4 / 3 * (1 - 4 * 2 / (4 * 2 + 12))
    held = 0
    for answers in samples:
        low, high = reliability(np.cov(answers.T), 40).interval
        held += low <= true <= high
    assert 368 <= held <= 392


def test_covariance_of_what_is_answered() -> None:
    answers = np.array([[1, 2], [2, np.nan], [3, 5], [np.nan, 9], [6, 6]])
    whole, n = covariance(answers)
    assert n == 3
    assert whole == pytest.approx(np.cov(answers[[0, 2, 4]].T))
    pairwise, everybody = covariance(answers, "pairwise")
    assert everybody == 5
    assert pairwise[0, 0] == pytest.approx(np.var([1, 2, 3, 6], ddof=1))
    assert pairwise[1, 1] == pytest.approx(np.var([2, 5, 9, 6], ddof=1))
    assert pairwise[0, 1] == pytest.approx(whole[0, 1])


def test_keyed_turns_about_the_middle() -> None:
    assert keyed([[1, 2], [5, np.nan]], [True, False], 1, 5) == pytest.approx(
        np.array([[5, 2], [1, np.nan]]), nan_ok=True
    )


def test_nothing_to_go_by() -> None:
    one = reliability([[1.0]], 10)
    assert (one.items, one.alpha, one.interval, one.alpha_std, one.item_rest_r) == (1, None, None, None, (None,))
    assert reliability(np.zeros((3, 3)), 10).alpha is None
    still = reliability([[1.0, 0, 0.5], [0, 0, 0], [0.5, 0, 1]], 10)
    assert (still.alpha_std, still.item_rest_r[1]) == (None, None)
    assert still.alpha == pytest.approx(1.5 * (1 - 2 / 3))
    opposite = reliability([[1.0, -1], [-1, 1]], 10)
    assert (opposite.alpha, opposite.lambda6) == (None, None)
    assert reliability(np.eye(2)).interval is None
    assert reliability(np.eye(2), 1).interval is None
    assert reliability(np.eye(2)).alpha_if_dropped == (None, None)
    assert covariance(np.full((4, 2), np.nan))[1] == 0
    assert feldt(0.8, 30, 1) is None


def test_an_item_asked_twice_does_not_break_lambda6() -> None:
    twice = reliability([[1.0, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]])
    assert 0 < twice.lambda6 < 1
