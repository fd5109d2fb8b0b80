"""What the model says is told on the scale people know, or not at all."""

from __future__ import annotations

import pytest

from service.analytics.trends.trend import Estimate, _estimate


@pytest.mark.parametrize(
    ("value", "sd", "told"),
    [
        (50.0, 2.0, (50.0, 50 - 2 * 1.6448536, 50 + 2 * 1.6448536)),
        (1.0, 2.0, (1.0, 0.0, 1 + 2 * 1.6448536)),
        (99.0, 2.0, (99.0, 99 - 2 * 1.6448536, 100.0)),
        (-0.5, 1.0, (0.0, 0.0, -0.5 + 1.6448536)),
        (100.5, 1.0, (100.0, 100.5 - 1.6448536, 100.0)),
    ],
)
def test_figures_stay_on_the_scale(value: float, sd: float, told: tuple[float, float, float]) -> None:
    found = _estimate(value, sd)
    assert isinstance(found, Estimate)
    assert (found.value, found.low, found.high) == pytest.approx(told, abs=1e-6)


@pytest.mark.parametrize(("value", "sd"), [(float("nan"), 1.0), (50.0, float("nan")), (50.0, float("inf"))])
def test_what_the_model_does_not_know_is_none(value: float, sd: float) -> None:
    assert _estimate(value, sd) is None
