"""Student's t against scipy's."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from service.analytics.quantile import detectable, student_t


@pytest.mark.parametrize("probability", [0.51, 0.6, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995])
@pytest.mark.parametrize("df", [1, 1.1, 1.5, 2, 2.5, 3, 4, 7.3, 12, 19.99, 20, 45, 300, 1993, 1e5, 1e8])
def test_it_agrees_with_scipy(probability: float, df: float) -> None:
    assert student_t(probability, df) == pytest.approx(stats.t.ppf(probability, df), rel=1e-6)


def test_infinitely_many_degrees_of_freedom_are_the_normal() -> None:
    assert student_t(0.975, math.inf) == pytest.approx(1.959963984540054, rel=1e-12)


@pytest.mark.parametrize(("probability", "df"), [(0.5, 3), (0.2, 3), (0.9999, 3), (0.975, 0.9), (0.975, math.nan)])
def test_outside_its_range_it_refuses(probability: float, df: float) -> None:
    with pytest.raises(ValueError, match="needs"):
        student_t(probability, df)


@pytest.mark.parametrize("df", [4, 30.5, 300])
def test_a_detectable_difference_is_told_from_none_in_four_cases_of_five(df: float) -> None:
    """The estimate, in its standard errors about the difference, then lies beyond the interval's reach."""
    reach = stats.t.ppf(0.975, df)
    assert stats.t.sf(reach - detectable(df, 2.0) / 2.0, df) == pytest.approx(0.8, abs=1e-6)
