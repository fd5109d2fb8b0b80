"""Variance of teams and of teams in a pulse: a second way by whole matrices, simulated truth, and R's lme4."""

from __future__ import annotations

import math

import numpy as np
import pytest

from service.analytics.measurement.nested import Cells, Nested, cells, nested
from tests.analytics.measurement import reference


def simulated(seed: int, teams: int, pulses: int, team: float, team_pulse: float) -> tuple[np.ndarray, ...]:
    """Values, teams and pulses of up to eight people a cell, some cells without; residual variance 1."""
    chance = np.random.default_rng(seed)
    size = chance.integers(0, 9, (teams, pulses))
    own = chance.normal(0, math.sqrt(team), (teams, 1)) + chance.normal(0, math.sqrt(team_pulse), (teams, pulses))
    row, column = np.repeat(np.indices(size.shape).reshape(2, -1), size.ravel(), axis=1)
    return own[row, column] + 0.5 * column + chance.normal(size=len(row)), row, column


def log_likelihood(y: np.ndarray, team: np.ndarray, pulse: np.ndarray, variances: tuple[float, float, float]) -> float:
    """REML by the covariance matrix of all values."""
    alike = team[:, None] == team
    v = variances[0] * alike + variances[1] * (alike & (pulse[:, None] == pulse)) + variances[2] * np.eye(len(y))
    x = (pulse[:, None] == np.unique(pulse)).astype(float)
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    apart = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    lost = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + apart @ inverse @ apart
    return -(float(lost) + (len(y) - x.shape[1]) * math.log(2 * math.pi)) / 2


@pytest.mark.parametrize(("seed", "team", "team_pulse"), [(1, 0.3, 0.2), (2, 0.4, 0.0), (3, 0.0, 0.3), (1, 3.0, 0.3)])
def test_no_other_variances_are_likelier(seed: int, team: float, team_pulse: float) -> None:
    y, teams, pulses = simulated(seed, 20, 3, team, team_pulse)
    found = nested(cells(y, teams, pulses)[2])
    at = (found.team, found.team_pulse, found.residual)
    assert found.log_likelihood == pytest.approx(log_likelihood(y, teams, pulses, at), rel=1e-12)
    for part in range(3):
        for step in (-1e-3, 1e-3):
            other = [max(0.0, value + step * (place == part)) for place, value in enumerate(at)]
            assert log_likelihood(y, teams, pulses, tuple(other)) <= found.log_likelihood + 1e-12


def test_means_of_pulses_are_the_weighted_least_squares() -> None:
    y, teams, pulses = simulated(1, 20, 3, 0.3, 0.2)
    found = nested(cells(y, teams, pulses)[2])
    alike = teams[:, None] == teams
    v = found.team * alike + found.team_pulse * (alike & (pulses[:, None] == pulses)) + found.residual * np.eye(len(y))
    x = (pulses[:, None] == np.arange(3)).astype(float)
    variance = np.linalg.inv(x.T @ np.linalg.solve(v, x))
    assert found.pulses == pytest.approx(variance @ x.T @ np.linalg.solve(v, y), rel=1e-9)
    assert found.se_pulses == pytest.approx(np.sqrt(np.diag(variance)), rel=1e-9)


def test_recovers_the_truth_of_many_teams() -> None:
    found = nested(cells(*simulated(5, 800, 4, 0.25, 0.1))[2])
    assert (found.team, found.team_pulse, found.residual) == (
        pytest.approx(0.25, abs=0.05),
        pytest.approx(0.1, abs=0.03),
        pytest.approx(1, abs=0.04),
    )


def test_the_order_of_rows_does_not_matter_and_missing_values_are_left_out() -> None:
    y, teams, pulses = simulated(1, 20, 3, 0.3, 0.2)
    shuffled = np.random.default_rng(1).permutation(len(y))
    rows, columns, mixed = cells([*y[shuffled], math.nan], [*teams[shuffled], 99], [*pulses[shuffled], 9])
    assert (rows, columns) == (np.unique(teams).tolist(), [0, 1, 2])
    assert nested(mixed).team == pytest.approx(nested(cells(y, teams, pulses)[2]).team, rel=1e-8)


@pytest.mark.parametrize(
    ("n", "ssw"),
    [
        (np.zeros((0, 0)), 1.0),
        (np.array([[3, 3]]), 1.0),
        (np.array([[3, 0], [0, 3]]), 1.0),
        (np.array([[3, 0], [3, 0]]), 1.0),
        (np.array([[3, 3], [3, 3]]), 0.0),
    ],
)
def test_variances_that_cannot_be_told_apart(n: np.ndarray, ssw: float) -> None:
    given = Cells(n.astype(float), np.arange(n.size).reshape(n.shape) / 10, ssw * n)
    assert nested(given) == Nested("insufficient", int(n.sum()))


@pytest.mark.parametrize(("name", "close"), [("JSAT", 1e-6), ("COMMIT", 1e-6), ("READY", 1e-5)])
def test_equals_r_on_three_waves_of_soldiers(name: str, close: float) -> None:
    """R stopped a little short of the optimum on READY: its deviance lies 4e-10 above the one found here."""
    expected = reference.expected("univbct")["longitudinal"][name]
    rows = reference.rows("univbct")
    values = [float("nan") if row[name] in ("", "NA") else float(row[name]) for row in rows]
    _, pulses, given = cells(values, [row["TEAM"] for row in rows], [row["TIME"] for row in rows])
    assert pulses == ["0", "1", "2"]
    found = nested(given)
    variances = expected["vc_cross_sectional"]
    assert found.team == pytest.approx(variances["TEAM"], rel=close)
    assert found.team_pulse == pytest.approx(variances["TEAM:TIME"], abs=1e-9)
    assert found.residual == pytest.approx(variances["Residual"], rel=close)
    effects = list(expected["fixef_cross_sectional"].values())
    assert [found.pulses[0], *(found.pulses[1:] - found.pulses[0])] == pytest.approx(effects, rel=close)
