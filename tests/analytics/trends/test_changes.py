"""Verdicts: what was planted is found where it is, and a quiet organisation stays quiet."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from service.analytics.trends.changes import changes
from service.analytics.trends.fit import fit
from service.analytics.trends.panel import Panel
from tests.analytics.trends.panels import draw, with_teams

NEWS = ["improved", "declined"]


@pytest.fixture(scope="module")
def drawn():
    return draw(120, 10, seed=11)


@pytest.fixture(scope="module")
def fallen(drawn):
    """Five teams fall by 1.6 in the first block before the last two pulses; one rises in the second."""
    score = drawn.panel.score[drawn.first :].copy()
    score[:40:8, 8:, 0] -= 1.6
    score[7, 8:, 1] += 1.9
    return changes(fit(with_teams(drawn, score)))


def test_a_quiet_organisation_stays_quiet():
    alarms = total = 0
    for seed in range(4):
        drawn = draw(120, 8, seed=20 + seed, drift=0.01)
        verdict = changes(fit(drawn.panel)).verdict[drawn.first :]
        alarms += int(np.isin(verdict, NEWS).sum())
        total += int((verdict != "not_enough").sum())
    assert alarms / total <= 0.004


def test_what_fell_is_found(drawn, fallen):
    verdict = fallen.verdict[drawn.first :]
    assert (verdict[:40:8, 0] == "declined").sum() >= 4
    assert verdict[7, 1] == "improved"
    assert np.isin(verdict, NEWS).sum() <= 8


def test_the_estimate_begins_before_the_fall(drawn, fallen):
    team = drawn.first + 8 * int(np.argmax(fallen.verdict[drawn.first : drawn.first + 40 : 8, 0] == "declined"))
    assert fallen.by_shift[team, 0]
    assert fallen.since[team, 0] == 7
    assert fallen.since[team, 0] == 7
    assert fallen.low[team, 0] < fallen.estimate[team, 0] < fallen.high[team, 0] < 0
    assert fallen.estimate[team, 0] == pytest.approx(-1.6, abs=0.7)
    assert fallen.own[team, 0] == pytest.approx(fallen.estimate[team, 0], abs=0.3)


def test_what_befalls_a_department_is_found_there(drawn):
    score = drawn.panel.score[drawn.first :].copy()
    score[:8, 8:, 0] -= 0.55
    found = changes(fit(with_teams(drawn, score)))
    assert found.verdict[1, 0] == "declined"
    assert not np.isin(found.verdict[2 : drawn.first], NEWS).any()
    assert found.minimum_detectable[1, 0] < 0.5 * np.nanmedian(found.minimum_detectable[drawn.first :, 0])


def test_a_slow_course_is_found_by_its_contrast(drawn):
    """Twelve teams that lose a tenth a pulse never fall."""
    score = drawn.panel.score[drawn.first :].copy()
    score[:12, :, 0] -= 0.13 * np.arange(10)[:, None].T
    found = changes(fit(with_teams(drawn, score)))
    teams = slice(drawn.first, drawn.first + 12)
    assert found.by_contrast[teams, :, 0].any(axis=1).sum() >= 3
    chosen = np.flatnonzero(found.by_contrast[teams, :, 0].any(axis=1) & ~found.by_shift[teams, 0])
    assert (found.verdict[teams, 0][chosen] == "declined").all()


def test_what_all_share_is_the_root_s(drawn):
    score = drawn.panel.score[drawn.first :].copy()
    score[:, 8:, 0] -= 0.6
    found = changes(fit(with_teams(drawn, score)))
    assert found.verdict[0, 0] == "declined"
    assert not np.isin(found.verdict[drawn.first :, 0], NEWS).any()
    assert np.nanmedian(found.estimate[drawn.first :, 0]) == pytest.approx(-0.6, abs=0.1)
    assert np.nanmedian(found.own[drawn.first :, 0]) == pytest.approx(0, abs=0.05)


def test_without_a_score_at_the_last_pulse_there_is_no_verdict(drawn):
    score = drawn.panel.score[drawn.first :].copy()
    n = drawn.panel.n.copy()
    n[drawn.first, -1], score[0, -1] = 0, np.nan
    found = changes(fit(replace(with_teams(drawn, score), n=n)))
    assert (found.verdict[drawn.first] == "not_enough").all()
    assert np.isnan(found.estimate[drawn.first]).all()
    assert np.isnan(found.minimum_detectable[drawn.first]).all()
    assert found.tests[drawn.first] < found.verdict[drawn.first :].size


def test_the_interval_and_what_can_be_detected(drawn):
    """Of a team without news: the contrast's own error, a little more for the pulse effects; and the jump whose
    residual passes the bound of a first rejection among all in four cases of five."""
    trends = fit(drawn.panel)
    found = changes(trends)
    quiet = (found.verdict == "no_change") & (np.arange(len(found.verdict)) >= drawn.first)[:, None]
    half = (found.high - found.low)[quiet] / 2
    ratio = half / (1.6448536 * np.sqrt(trends.course[1][:, 0])[quiet])
    assert ratio.min() > 1
    assert np.median(ratio) < 1.35
    assert not found.by_shift[drawn.first :].any()
    needed = -NormalDist().inv_cdf(0.1 / found.tests[-1] / 3 / 2)
    precision = trends.shift_precision[:, -4:-1].max(axis=1)
    assert found.minimum_detectable[quiet] == pytest.approx((needed + 0.8416212) / np.sqrt(precision[quiet]), rel=1e-6)


def test_more_tests_need_more_change(drawn):
    few = draw(8, 10, seed=11)
    many, some = changes(fit(drawn.panel)), changes(fit(few.panel))
    assert many.tests[-1] > some.tests[-1]
    assert np.nanmedian(many.minimum_detectable[drawn.first :]) > 0.4


@pytest.mark.parametrize("pulses", [1, 2])
def test_few_pulses(pulses):
    shape = (9, pulses, 1)
    score = 3 + np.arange(9.0)[:, None, None] / 9 + np.zeros(shape)
    panel = Panel(np.full(9, -1), np.full(shape, 6.0), score, np.full(shape[1:], 0.5), np.full(shape[:2], 8.0), 1.0)
    expected = "no_change" if pulses == 2 else "not_enough"
    found = changes(fit(panel))
    assert (found.verdict == expected).all()
    assert np.isfinite(found.minimum_detectable).all() == (pulses == 2)
