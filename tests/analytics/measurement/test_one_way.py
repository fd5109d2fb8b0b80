"""Variance between and within groups against figures worked out by hand, a second way, and R."""

from __future__ import annotations

import math

import numpy as np
import pytest

from service.analytics.measurement.one_way import Groups, OneWay, Reml, grouped, one_way, reml
from tests.analytics.measurement import reference

#: Snedecor & Cochran (1980), table 13.3.1 in kind: four calcium readings on each of four leaves.
LEAVES = [[3.28, 3.09, 3.03, 3.03], [3.52, 3.48, 3.38, 3.38], [2.88, 2.80, 2.81, 2.76], [3.34, 3.38, 3.23, 3.26]]


def groups_of(rows: list[list[float]]) -> Groups:
    labels = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return grouped(np.concatenate(rows), labels)[1]


def test_calcium_in_leaves() -> None:
    """The textbook prints mean squares .2961 and .0066 and a variance between leaves of .0724."""
    found = one_way(groups_of(LEAVES))
    assert (found.df_between, found.df_within, found.mean_size, found.n0) == (3, 12, 4.0, 4.0)
    assert found.msb == pytest.approx(0.2961, abs=5e-5)
    assert found.msw == pytest.approx(0.0066, abs=5e-5)
    fit = reml(groups_of(LEAVES))
    assert fit.tau2 == pytest.approx(0.0724, abs=5e-5)
    assert fit.tau2 == pytest.approx((found.msb - found.msw) / 4, rel=1e-9)
    assert fit.sigma2 == pytest.approx(found.msw, rel=1e-9)
    assert fit.icc1 == pytest.approx(found.icc1, rel=1e-9)
    assert fit.icc2 == pytest.approx(found.icc2, rel=1e-9)


def test_unequal_groups_count_as_fewer_than_their_mean_size() -> None:
    """Sizes 2, 3 and 2: n0 = (7 - 17 / 7) / 2 = 16 / 7. Means 1, 3 and 6, squares within 2, 2 and 2."""
    found = one_way(groups_of([[0.0, 2.0], [2.0, 3.0, 4.0], [5.0, 7.0]]))
    assert (found.n, found.groups, found.mean_size, found.n0) == (7, 3, 7 / 3, pytest.approx(16 / 7))
    assert (found.ssb, found.ssw, found.msw) == (pytest.approx(178 / 7), pytest.approx(6), pytest.approx(1.5))
    msb = 89 / 7
    assert found.icc1 == pytest.approx((msb - 1.5) / (msb + 1.5 * 4 / 3))
    assert found.icc1_n0 == pytest.approx((msb - 1.5) / (msb + 1.5 * 9 / 7))
    assert found.icc2 == pytest.approx(1 - 1.5 / msb)
    assert found.eta_squared == pytest.approx(178 / 220)


def test_limits_are_where_the_f_test_would_just_reject() -> None:
    """With equal sizes, at the lower limit F would have just 2.5 % above it, at the upper just 2.5 % below."""
    from scipy.special import fdtr, fdtrc

    found = one_way(groups_of(LEAVES))
    for icc1, icc2, share in ((found.icc1_low, found.icc2_low, 0.975), (found.icc1_high, found.icc2_high, 0.025)):
        growth = 1 + 4 * icc1 / (1 - icc1)
        assert fdtr(3, 12, found.f / growth) == pytest.approx(share, rel=1e-9)
        assert icc2 == pytest.approx(1 - 1 / growth, rel=1e-9)
    assert found.p_value == pytest.approx(fdtrc(3, 12, found.f), rel=1e-9)
    assert (found.icc1_n0_low, found.icc1_n0, found.icc1_n0_high) == (found.icc1_low, found.icc1, found.icc1_high)


def test_restricted_likelihood_is_that_of_the_whole_covariance_matrix() -> None:
    """Second way: -2 log L = (N - 1) log 2 pi + log|V| + log|1'V^-1 1| + r'V^-1 r, at its greatest."""
    rows = [[1.0, 2.5, 2.0], [4.0], [3.5, 5.0], [2.0, 2.2, 1.0, 3.0, 2.7]]
    groups, y = groups_of(rows), np.concatenate(rows)
    place = np.repeat(np.arange(4), [3, 1, 2, 5])
    fit = reml(groups)

    def likelihood(tau2: float, sigma2: float) -> float:
        v = tau2 * (place[:, None] == place[None, :]) + sigma2 * np.eye(len(y))
        inverse = np.linalg.inv(v)
        apart = y - (inverse @ y).sum() / inverse.sum()
        rest = np.linalg.slogdet(v)[1] + math.log(inverse.sum()) + apart @ inverse @ apart
        return -(float(rest) + (len(y) - 1) * math.log(2 * math.pi)) / 2

    assert fit.log_likelihood == pytest.approx(likelihood(fit.tau2, fit.sigma2), rel=1e-12)
    for tau2, sigma2 in ((0.99, 1), (1.01, 1), (1, 0.99), (1, 1.01)):
        assert likelihood(fit.tau2 * tau2, fit.sigma2 * sigma2) < fit.log_likelihood
    assert fit.blup == pytest.approx(fit.intercept + fit.reliability * (groups.mean - fit.intercept))
    assert fit.mean_group_reliability == pytest.approx(fit.reliability.mean())
    assert fit.cond_sd == pytest.approx(np.sqrt(fit.tau2 * (1 - fit.reliability)))


def test_groups_that_differ_less_than_chance_would_make_them_have_no_variance_between() -> None:
    fit = reml(groups_of([[1.0, 5.0], [2.0, 4.0], [3.0, 3.1]]))
    assert (fit.status, fit.tau2, fit.icc1, fit.mean_group_reliability) == ("ok", 0.0, 0.0, 0.0)
    assert (fit.blup == fit.intercept).all()
    assert (fit.cond_sd == 0).all()
    found = one_way(groups_of([[1.0, 5.0], [2.0, 4.0], [3.0, 3.0]]))
    assert (found.f, found.p_value, found.icc1, found.icc2) == (0.0, 1.0, -1.0, None)


@pytest.mark.parametrize("rows", [[], [[1.0, 2.0]], [[1.0], [2.0], [4.0]], [[0.1, 0.1, 0.1], [0.3, 0.3]]])
def test_too_little_to_compute(rows: list[list[float]]) -> None:
    groups = groups_of(rows) if rows else Groups(np.zeros(0), np.zeros(0), np.zeros(0))
    assert one_way(groups) == OneWay("insufficient", sum(map(len, rows)), len(rows))
    assert reml(groups) == Reml("insufficient")


def test_missing_values_are_left_out() -> None:
    names, groups = grouped([1.0, math.nan, 2.0, math.nan], ["b", "a", "b", "c"])
    assert (names, groups.n.tolist(), groups.mean.tolist(), groups.ssw.tolist()) == (["b"], [2], [1.5], [0.5])


def sets() -> list[tuple[str, str, str, tuple[str, ...], dict[str, str]]]:
    """Reference set, column of groups, variable, where its figures stand, rows to take."""
    waves = [(v, t) for v in ("JSAT", "COMMIT", "READY") for t in range(3)]
    return [
        *(("bh1996", "GRP", name, ("icc", name), {}) for name in ("COHES", "LEAD", "HRS", "WBEING")),
        *(("lq2002", "COMPID", name, (name, "icc"), {}) for name in ("LEAD", "TSIG", "HOSTILE")),
        *(("univbct", "TEAM", v, ("by_wave", v, f"t{t}"), {"TIME": str(t)}) for v, t in waves),
    ]


@pytest.mark.parametrize(("name", "column", "variable", "path", "only"), sets())
def test_equals_r(name: str, column: str, variable: str, path: tuple[str, ...], only: dict[str, str]) -> None:
    figures = reference.expected(name)
    for key in path:
        figures = figures[key]
    taken = [row for row in reference.rows(name) if all(row[key] == value for key, value in only.items())]
    values = [float(row[variable]) if row[variable] not in ("", "NA") else math.nan for row in taken]
    labels, groups = grouped(values, [row[column] for row in taken])
    found, fit = one_way(groups), reml(groups)
    closed = {
        "n_obs": found.n,
        "n_groups": found.groups,
        "mean_group_size": found.mean_size,
        "n0_adjusted_group_size": found.n0,
        "SSB": found.ssb,
        "SSW": found.ssw,
        "MSB": found.msb,
        "MSW": found.msw,
        "F": found.f,
        "p_value": found.p_value,
        "ICC1_aov_multilevel": found.icc1,
        "ICC2_aov_multilevel": found.icc2,
        "ICC1_aov_n0": found.icc1_n0,
        "eta_squared": found.eta_squared,
    }
    assert closed == {key: pytest.approx(figures[key], rel=1e-10) for key in closed}
    iterative = {
        "intercept": fit.intercept,
        "se_intercept": fit.se_intercept,
        "tau2": fit.tau2,
        "sigma2": fit.sigma2,
        "ICC1": fit.icc1,
        "logLik_REML": fit.log_likelihood,
        "mean_group_reliability": fit.mean_group_reliability,
    }
    assert iterative == {key: pytest.approx(figures["REML"][key], rel=1e-6, abs=1e-12) for key in iterative}
    place = {str(label): at for at, label in enumerate(labels)}
    order = [place[group["group"]] for group in figures["groups"]]
    for key, array in (
        ("blup", fit.blup),
        ("blup_deviation", fit.blup_deviation),
        ("cond_sd", fit.cond_sd),
        ("reliability", fit.reliability),
    ):
        assert array[order] == pytest.approx([group[key] for group in figures["groups"]], rel=1e-6, abs=1e-7)
