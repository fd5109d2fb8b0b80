"""What the model is given of a series: nothing that cannot be compared, and as much doubt as there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.analytics.series import Series
from service.analytics.trends.panel import TEAMS, levels
from tests.exports.test_analysis import bounded, pulse, turned


def test_a_bound_has_the_doubt_of_its_range_and_a_score_none() -> None:
    series = Series.of([pulse(1), bounded(pulse(2), "t0001", "A1", 40, 45)])
    (point,) = (it for it in series.points if (it.unit, it.block, it.pulse) == ("t0001", "A", "p2"))
    assert point.at_least is not None
    assert point.at_most is not None
    assert series.panel.extra is not None
    assert series.panel.extra[series.at(point)] == pytest.approx((point.at_most - point.at_least) ** 2 / 12)
    assert np.count_nonzero(series.panel.extra) == 1


def test_pulses_without_common_items_are_not_in_the_panel() -> None:
    series = Series.of([turned(pulse(1), ["A1"]), turned(pulse(2), ["A2"]), turned(pulse(3), ["A2"])])
    assert np.isfinite(series.panel.score[:, :, 0]).any(axis=0).tolist() == [False, True, True]
    assert (series.panel.n[:, 0] == 0).all()


def test_a_score_rests_on_the_least_who_answered_an_item() -> None:
    sheets = {"root": [], "t0000": [[4, 3, 2]] * 5 + [[0, 3, 2]] * 4, "t0001": [[2, 3, 4], [3, 3, 4]] * 5}
    series = Series.of([pulse(1, sheets)])
    units, _, blocks = series.place
    assert series.panel.n[units["t0000"], 0, blocks["A"]] == 5
    assert series.panel.n[units["t0000"], 0, blocks["B"]] == 9


def test_what_a_unit_had_below_it_once_makes_it_no_department() -> None:
    before = pulse(1)
    nested = replace(
        before, units=tuple(replace(it, parent="t0000") if it.id == "t0001" else it for it in before.units)
    )
    after = pulse(2)
    series = Series.of([nested, replace(after, units=tuple(it for it in after.units if it.id != "t0001"))])
    assert levels(series.panel.parent)[series.place[0]["t0000"]] == TEAMS
