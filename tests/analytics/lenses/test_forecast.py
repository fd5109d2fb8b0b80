"""A forecast against what the team answered: the gap, its noise, and means that tell of no single lead."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from service.analytics.lenses.forecast import Gap, MeanGap, gaps, mean_gaps
from service.analytics.quantile import student_t
from service.analytics.scatter import scatter
from service.release.release import Release
from tests.analytics.building import bounded, instrument, item, released

AB = instrument(item("A1", "A"), item("A2", "A"), item("B1", "B"))
TEAMS = ["t1", "t2", "t3", "t4", "t5", "t6"]


def organisation(**more: object) -> Release:
    """Six teams of ten, each of which scores 50 in both blocks."""
    rows = [[1 + place % 5, 5 - place % 5, 1 + place % 5] for place in range(10)]
    return released(dict.fromkeys(TEAMS, rows), asks=AB, **more)  # type: ignore[arg-type]


def test_a_gap_is_forecast_less_score_with_the_noise_of_the_score() -> None:
    release = organisation()
    (found,) = gaps(release, "t1", {"B": 72.0})
    error = math.sqrt(scatter(release).of((AB.items[2],)).variance / 10)
    assert (found.block, found.status, found.n, found.score, found.gap) == ("B", "ok", 10, 50.0, 22.0)
    assert (found.error, found.z) == (pytest.approx(error), pytest.approx(22 / error))
    reach = student_t(0.975, 54) * error
    assert (found.low, found.high) == (pytest.approx(22 - reach), pytest.approx(22 + reach))


def test_only_a_gap_beyond_two_and_a_half_errors_is_worth_a_word() -> None:
    release = organisation()
    error = math.sqrt(scatter(release).of((AB.items[2],)).variance / 10)
    for times, noteworthy in ((-2.6, True), (-2.4, False), (2.4, False), (2.6, True)):
        (found,) = gaps(release, "t1", {"B": 50 + times * error})
        assert found.noteworthy is noteworthy


def test_blocks_come_in_the_instruments_order_and_unknown_ones_not_at_all() -> None:
    assert [found.block for found in gaps(organisation(), "t1", {"C": 1, "B": 2, "A": 3})] == ["A", "B"]


def test_where_no_score_is_released_there_is_only_the_forecast() -> None:
    (hidden,) = gaps(organisation(hidden=["t1"]), "t1", {"B": 72.0})
    assert hidden == Gap("p1", "t1", "B", 72.0, "suppressed")
    (bound,) = gaps(bounded(organisation(), "t1", "B1", 46, 50), "t1", {"B": 72.0})
    assert bound == Gap("p1", "t1", "B", 72.0, "bound")


def forecasts(*values: float) -> dict[str, dict[str, float]]:
    return {unit: {"A": 50.0, "B": value} for unit, value in zip(TEAMS, values, strict=False)}


def test_the_mean_over_leads_has_students_interval() -> None:
    """Gaps -40, 40, -40, 40, 30, -30: mean 0, variance 1640, t(.975; 5) = 2.5706, so 42 either way."""
    mean_a, mean_b = mean_gaps(organisation(), forecasts(10, 90, 10, 90, 80, 20))
    assert mean_b == MeanGap("B", "ok", 6, 0, -42, 42)
    assert (mean_a.block, mean_a.leads, mean_a.gap) == ("A", 6, 0)


def test_gaps_all_alike_do_not_say_so() -> None:
    """The interval is then that of chance in the scores."""
    release = organisation()
    _, found = mean_gaps(release, forecasts(60, 60, 60, 60, 60, 60))
    error = math.sqrt(scatter(release).of((AB.items[2],)).variance / 10)
    assert (found.gap, found.low) == (10, round(10 - 2.570582 * error / math.sqrt(6)))
    assert found.low != 10


def test_a_lead_counts_in_every_block_or_in_none() -> None:
    given = forecasts(60, 60, 60, 60, 60) | {"t6": {"B": 100.0}}
    assert [(found.leads, found.gap) for found in mean_gaps(organisation(), given)] == [(5, 0), (5, 10)]
    withheld = organisation(withheld=[("t6", "A1")])
    assert [it.leads for it in mean_gaps(withheld, forecasts(60, 60, 60, 60, 60, 0))] == [5, 5]


def test_with_fewer_leads_than_the_threshold_not_even_their_number_is_said() -> None:
    given = forecasts(60, 60, 60, 60) | {"gone": {"A": 1.0, "B": 1.0}}
    assert list(mean_gaps(organisation(), given)) == [MeanGap("A", "suppressed"), MeanGap("B", "suppressed")]
    hidden = organisation(hidden=["t1", "t2"])
    assert {found.status for found in mean_gaps(hidden, forecasts(*[60] * 6))} == {"suppressed"}


def test_a_lens_is_no_building_block() -> None:
    release = organisation()
    blocks = tuple(replace(it, kind="lens") if it.id == "B" else it for it in release.instrument.blocks)
    release = replace(release, instrument=replace(release.instrument, blocks=blocks))
    assert [found.block for found in mean_gaps(release, {unit: {"A": 1.0} for unit in TEAMS})] == ["A"]
    assert [found.block for found in gaps(release, "t1", {"A": 1.0, "B": 2.0})] == ["A", "B"]
