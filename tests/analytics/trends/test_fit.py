"""The fitted trends: honest where the truth is known, steady where a few series break, calm where there is nothing."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from service.analytics.trends.fit import fit
from service.analytics.trends.panel import ROOT, TEAMS, Panel, levels
from tests.analytics.trends.panels import RHO, WITHIN, draw, with_teams

Z = 1.6448536269514722


@pytest.fixture(scope="module")
def drawn():
    return draw(120, 10, seed=1)


@pytest.fixture(scope="module")
def fitted(drawn):
    return fit(drawn.panel)


def lone(score, n=8.0, step=1.0):
    """Teams (rows) by pulses, one block, no tree."""
    values = np.asarray(score, np.float64)[..., None]
    teams, pulses, _ = values.shape
    n = np.broadcast_to(np.asarray(n, np.float64), values.shape[:2])[..., None]
    headcount = np.full((teams, pulses), np.nan)
    return Panel(np.full(teams, -1), n, values, np.full((pulses, 1), WITHIN * step**2), headcount, step)


def test_levels_of_a_tree():
    """A root, two divisions, a department, teams at three depths, and a root that is a team."""
    assert levels(np.array([-1, 0, 0, 1, 3, 1, 2, -1])).tolist() == [ROOT, 2, 2, 3, TEAMS, TEAMS, TEAMS, TEAMS]


def pulse_effects(found):
    """c_t of the first block, which all teams share."""
    return (found.climate - found.deviation)[-1, :, 0]


@pytest.mark.parametrize("estimand", ["climate", "present"])
def test_nine_intervals_of_ten_hold_the_truth(drawn, fitted, estimand):
    truth, mean, sd = (
        getattr(drawn, estimand),
        getattr(fitted, estimand)[drawn.first :],
        getattr(fitted, f"{estimand}_sd")[drawn.first :],
    )
    covered = np.abs(mean - truth) <= Z * sd
    assert 0.87 < covered.mean() < 0.93
    assert 0.84 < covered[:, -1].mean() < 0.96
    raw = drawn.panel.score[drawn.first :] - truth
    shown = np.isfinite(raw)
    assert np.mean((mean - truth)[shown] ** 2) < 0.36 * np.mean(raw[shown] ** 2)


def test_the_components_are_recovered(fitted):
    parts = fitted.components[TEAMS, 0]
    assert 0.06 < parts.start < 0.20
    assert parts.drift < 0.06**2
    assert 0.5 < parts.kappa < 0.8
    assert abs(parts.rho - RHO) < 0.04


def test_the_same_panel_gives_the_same_bytes(drawn, fitted):
    again = fit(drawn.panel)
    for field in fields(again):
        value = getattr(again, field.name)
        if isinstance(value, np.ndarray):
            assert value.tobytes() == getattr(fitted, field.name).tobytes(), field.name
    assert again.components == fitted.components


def test_points_are_only_a_unit(drawn, fitted):
    """Scores of 0 to 100 give the same findings, 25 times as large."""
    panel = drawn.panel
    scaled = fit(replace(panel, score=25 * (panel.score - 1), within=625 * panel.within, step=25.0))
    assert scaled.climate == pytest.approx(25 * (fitted.climate - 1), abs=1e-3)
    assert scaled.climate_sd == pytest.approx(25 * fitted.climate_sd, rel=1e-4)
    assert scaled.surprise == pytest.approx(fitted.surprise, abs=1e-3, nan_ok=True)


def test_a_team_that_misses_a_pulse_does_not_shift_the_others():
    """The best teams stay away once: what they have in common with the rest must not be taken for a slump."""
    drawn = draw(60, 8, seed=2, missing=0.0)
    score = drawn.panel.score[drawn.first :].copy()
    best = np.argsort(drawn.climate[:, 0, 0])[-20:]
    away = score.copy()
    away[best, 4] = np.nan
    whole, holed = (pulse_effects(fit(with_teams(drawn, given)))[4] for given in (score, away))
    assert abs(np.nanmean(away[:, 4, 0]) - score[:, 4, 0].mean()) > 0.15
    assert abs(holed - whole) < 0.05


def test_what_breaks_leaves_the_estimates_and_is_marked(drawn, fitted):
    score = drawn.panel.score[drawn.first :].copy()
    score[:9, 5:, 0] -= 1.6
    broken = fit(with_teams(drawn, score))
    teams = slice(drawn.first, drawn.first + 9)
    assert broken.breaks[teams, 5, 0].mean() > 0.8
    assert broken.breaks[drawn.first + 9 :, :, 0].any(axis=1).mean() < 0.02
    assert broken.components[TEAMS, 0].drift < 2.5 * fitted.components[TEAMS, 0].drift + 0.01**2
    follows = np.abs(broken.climate[teams, -1, 0] - (drawn.climate[:9, -1, 0] - 1.6))
    assert np.median(follows) < 0.35


@pytest.mark.parametrize("pulse", [3, 8])
def test_a_fall_is_a_surprise_and_stays_one(drawn, pulse):
    score = drawn.panel.score[drawn.first :].copy()
    score[3, pulse:, 1] -= 2.0
    found = fit(with_teams(drawn, score))
    surprise = found.surprise[drawn.first + 3, :, 1]
    assert found.breaks[drawn.first + 3, pulse, 1]
    assert np.nanargmin(surprise) == pulse
    assert surprise[pulse] < -7
    assert (np.abs(surprise[pulse + 3 :]) < 3).all()


def test_an_old_break_is_no_news(drawn):
    score = drawn.panel.score[drawn.first :].copy()
    score[:9, 4:, 0] -= 1.6
    found = fit(with_teams(drawn, score))
    known = found.breaks[drawn.first : drawn.first + 9, 4, 0]
    assert known.sum() >= 7
    assert np.abs(found.shift[drawn.first : drawn.first + 9, 6:9, 0][known]).mean() < 1.3
    assert np.abs(found.recent_z[drawn.first : drawn.first + 9, 0][known]).mean() < 2


def test_a_bound_counts_for_less_than_a_figure():
    chance = np.random.default_rng(5)
    panel = lone(3.7 + chance.normal(0, 0.35, (20, 1)) + chance.normal(0, 0.2, (20, 6)))
    extra = np.zeros(panel.score.shape)
    extra[0] = 4.0
    doubted, plain = fit(replace(panel, extra=extra)), fit(panel)
    assert (doubted.climate_sd[0] > 1.5 * plain.climate_sd[0]).all()


def test_ten_thousand_series_are_not_needed_to_fit_a_thousand():
    """More teams than the components and the normal matrix are made from: the pulse effects are still those of all."""
    drawn = draw(900, 5, seed=6, blocks=1)
    found = fit(drawn.panel)
    effects = drawn.climate.mean(axis=0)
    steps = np.diff(pulse_effects(found)) - np.diff(effects[:, 0])
    assert np.abs(steps).max() < 0.035


@pytest.mark.parametrize(
    "score",
    [
        np.full((1, 1), 3.0),
        np.full((1, 6), np.nan),
        np.full((10, 6), 4.0),
        np.full((10, 1), 4.0),
        np.where(np.eye(8, 5) > 0, 3.5, np.nan),
        np.array([[3.0, 3.4, 2.9, 3.1]]),
    ],
    ids=["one figure", "nothing", "all alike", "one pulse", "each seen once", "one team"],
)
def test_next_to_nothing_is_no_trouble(score):
    found = fit(lone(score))
    known = np.isfinite(score).any(axis=1)
    assert np.isfinite(found.climate[known]).all()
    assert np.isfinite(found.climate_sd[known]).all()
    assert np.isnan(found.climate[~known]).all()
    assert not found.breaks.any()


def test_scores_without_respondents_are_not_seen():
    score = np.full((8, 4), 3.0)
    n = np.full((8, 4), 6.0)
    n[2] = 0
    found = fit(lone(score, n))
    assert np.isnan(found.present[2]).all()
    assert not found.seen[2].any()


@pytest.mark.parametrize("within", [0.0, np.nan])
def test_people_all_alike_leave_no_noise(within):
    panel = lone(3 + np.arange(8)[:, None] / 8 + np.zeros((8, 5)))
    found = fit(replace(panel, within=np.full(panel.within.shape, within)))
    assert np.isfinite(found.climate_sd).all()


def test_few_teams_are_a_level_each():
    """With five, what a pulse has in common cannot be told from what five teams did: c is one constant."""
    chance = np.random.default_rng(7)
    found = fit(lone(np.array([[2.0], [3.0], [3.5], [4.0], [4.5]]) + chance.normal(0, 0.05, (5, 8))))
    assert np.ptp(pulse_effects(found)) == pytest.approx(0, abs=1e-12)
    assert found.climate[:, -1, 0] == pytest.approx([2, 3, 3.5, 4, 4.5], abs=0.15)


def test_a_department_that_breaks_takes_its_teams_along(drawn):
    """None of its eight teams could show a fall of half a point by itself two pulses on."""
    score = drawn.panel.score[drawn.first :].copy()
    score[:8, 8:, 0] -= 0.6
    found = fit(with_teams(drawn, score))
    assert found.breaks[1, 8, 0]
    assert found.breaks[drawn.first : drawn.first + 8, 8, 0].all()
    assert not found.breaks[drawn.first + 8 :, :, 0].all(axis=1).any()
    error = found.climate[drawn.first :][:8, -1, 0] - (drawn.climate[:8, -1, 0] - 0.6)
    assert abs(error.mean()) < 0.15
