"""Agreement indices against R on published data, and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from service.analytics.measurement.agreement import (
    a_wg,
    agreements,
    average_deviation,
    r_star,
    rwg,
    rwg_j,
    score_variance,
    uniform_variance,
)
from tests.analytics.measurement.reference import expected, sheets

#: set, key of the scale, group, least point
SCALES = [
    ("lq2002", "LEAD", "COMPID", 1),
    ("lq2002", "TSIG", "COMPID", 1),
    ("lq2002", "HOSTILE", "COMPID", 0),
    ("cohesion", None, "UNITPLT", 1),
]


def scale(name: str, key: str | None, group: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    found = expected(name)
    items = found[key]["items"] if key else [f"COH0{i}" for i in range(1, 6)]
    return sheets(name, group, items), (found[key] if key else found)["agreement"]


def counted(teams: dict[str, np.ndarray], low: int, points: int) -> np.ndarray:
    return np.array([[[(item == low + p).sum() for p in range(points)] for item in team.T] for team in teams.values()])


@pytest.mark.parametrize(("name", "key", "group", "low"), SCALES)
def test_equals_r(name: str, key: str | None, group: str, low: int) -> None:
    teams, r = scale(name, key, group)
    ranvar = r["ranvar"]
    for figure, field, index in (
        ("rwg_j", "rwg_j", lambda team: rwg_j(team, ranvar)),
        ("rwg_j_listwise", "rwg_j", lambda team: rwg_j(team, ranvar, "listwise")),
        ("rwg_j_lindell", "r_star", lambda team: r_star(team, ranvar)),
        ("ad_mean", "ad", average_deviation),
        ("ad_median", "ad", lambda team: average_deviation(team, "median")),
        ("awg", "a_wg", lambda team: a_wg(team, low, low + 4)),
        ("awg", "avg_var", score_variance),
    ):
        assert len(r[figure]) == len(teams)
        for row in r[figure]:
            assert index(teams[row["group"]]) == pytest.approx(row[field], abs=1e-10), (figure, row["group"])


@pytest.mark.parametrize(("name", "key", "group", "low"), SCALES[:3])
def test_distributions_alone_say_the_same(name: str, key: str, group: str, low: int) -> None:
    teams, r = scale(name, key, group)
    found = agreements(counted(teams, low, 5))
    order = list(teams)
    for figure, field, values in (
        ("rwg_j", "rwg_j", found.rwg_j),
        ("rwg_j_lindell", "r_star", found.r_star),
        ("ad_mean", "ad", found.ad_mean),
        ("ad_median", "ad", found.ad_median),
        ("awg", "a_wg", found.a_wg),
    ):
        for row in r[figure]:
            assert values[order.index(row["group"])] == pytest.approx(row[field], abs=1e-10), (figure, row["group"])


@pytest.mark.parametrize(
    ("name", "key", "column", "group"),
    [("lq2002", "LEAD", "LEAD", "COMPID"), ("bh1996", "COHES", "COHES", "GRP"), ("bh1996", "LEAD", "LEAD", "GRP")],
)
def test_scale_scores_equal_r(name: str, key: str, column: str, group: str) -> None:
    found = expected(name)
    r = found[key]["rwg_scale_score"] if name == "lq2002" else found["rwg"][key]
    teams = sheets(name, group, [column])
    for row in r["groups"]:
        assert rwg(teams[row["group"]], r["ranvar"]) == pytest.approx(row["rwg"], abs=1e-10)


def test_by_hand() -> None:
    """Variances 1 and 0 of five points: their mean is a quarter of 2."""
    team = np.array([[2.0, 3.0], [3.0, 3.0], [4.0, 3.0]])
    assert uniform_variance(5) == 2
    assert rwg(team[:, 0], 2) == pytest.approx(0.5)
    assert r_star(team, 2) == pytest.approx(0.75)
    assert rwg_j(team, 2) == pytest.approx(2 * 0.75 / (2 * 0.75 + 0.25))
    assert average_deviation(team) == pytest.approx((2 / 3 + 0) / 2)
    assert a_wg(team, 1, 5) == pytest.approx((1 - 2 / (4 * 3 / 2) + 1) / 2)
    assert score_variance(team) == pytest.approx(0.25)


def test_disagreement_is_cut_at_none_only_where_the_index_says_so() -> None:
    split = np.array([[1.0, 1], [1, 1], [5, 5], [5, 5]])
    assert rwg(split[:, 0], 2) == 0
    assert rwg_j(split, 2) == 0
    assert r_star(split, 2) == pytest.approx(1 - (16 / 3) / 2)
    assert a_wg(split, 1, 5) == pytest.approx(-1)


def test_all_alike() -> None:
    same = np.full((4, 2), 5.0)
    assert (rwg(same[:, 0], 2), rwg_j(same, 2), a_wg(same, 1, 5), average_deviation(same)) == (1, 1, 1, 0)


def test_a_mean_one_answer_cannot_reach_is_left_out() -> None:
    near = np.array([[5.0, 3.0]] * 5 + [[4.0, 4.0]])
    assert a_wg(near[:, :1], 1, 5) is None
    assert a_wg(near, 1, 5) == a_wg(near[:, 1:], 1, 5)
    assert a_wg(6 - near, 1, 5) == pytest.approx(a_wg(near, 1, 5))


def test_missing_answers() -> None:
    team = np.array([[1.0, 2.0], [np.nan, 4.0], [3.0, 2.0]])
    assert r_star(team, 2) == pytest.approx(1 - (2 + 4 / 3) / 4)
    assert r_star(team, 2, "listwise") == pytest.approx(1 - (2 + 0) / 4)
    assert average_deviation(team) == pytest.approx(0.5)


def test_too_few() -> None:
    for team in (np.array([[1.0, 2.0]]), np.array([[1.0, np.nan], [np.nan, 3.0]]), np.zeros((0, 2))):
        assert rwg_j(team, 2, "listwise") is None
        assert r_star(team, 2) is None
        assert average_deviation(team) is None
        assert a_wg(team, 1, 5) is None
        assert score_variance(team) is None
    assert rwg([3.0, np.nan], 2) is None
    found = agreements([[[1, 0, 0], [0, 2, 1]]])
    assert found.n.tolist() == [1]
    assert np.isnan([found.rwg_j, found.r_star, found.ad_mean, found.ad_median, found.a_wg]).all()


def test_no_teams() -> None:
    assert agreements(np.zeros((0, 3, 5))).rwg_j.shape == (0,)


@pytest.mark.parametrize("points", [2, 4, 5, 7])
def test_distributions_equal_sheets(points: int) -> None:
    chance = np.random.default_rng(points)
    teams = {str(n): chance.integers(0, points, (n, 3)).astype(float) for n in range(2, 30)}
    found = agreements(counted(teams, 0, points))
    for at, team in enumerate(teams.values()):
        assert found.rwg_j[at] == pytest.approx(rwg_j(team, uniform_variance(points)), abs=1e-12)
        assert found.ad_mean[at] == pytest.approx(average_deviation(team), abs=1e-12)
        assert found.ad_median[at] == pytest.approx(average_deviation(team, "median"), abs=1e-12)
        by_hand = a_wg(team, 0, points - 1)
        assert np.isnan(found.a_wg[at]) if by_hand is None else found.a_wg[at] == pytest.approx(by_hand, abs=1e-12)
