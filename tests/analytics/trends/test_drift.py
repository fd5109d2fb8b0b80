"""Items that go their own way are found, and others are not."""

from __future__ import annotations

import numpy as np
import pytest

from service.analytics.trends.drift import item_drift
from service.analytics.trends.rotation import ItemTable

NAN = np.nan


def block(seed: int, items: int = 5, pulses: int = 10, noise: float = 1.0) -> ItemTable:
    chance = np.random.default_rng(seed)
    mean = chance.normal(0, 6, (items, 1)) + chance.normal(60, 4, pulses)
    return ItemTable(
        tuple(f"i{seed}.{row}" for row in range(items)),
        mean + chance.normal(0, noise, (items, pulses)),
        np.full((items, pulses), 400.0),
    )


def test_only_the_item_that_moves_is_flagged_and_where_it_stands_is_told() -> None:
    moving = block(1)
    moving.mean[2, 5:] += 6
    found = item_drift([block(0), moving])
    assert [drift.item for drift in found if drift.flagged] == ["i1.2"]
    deviation = np.array(found[7].deviation, np.float64)
    standard = np.array(found[7].standard, np.float64)
    assert deviation[:5].mean() == pytest.approx(-3, abs=1)
    assert deviation[5:].mean() == pytest.approx(3, abs=1)
    assert np.abs(standard).min() > 1
    assert deviation.sum() == pytest.approx(0, abs=1e-9)  # pulses of one weight


def test_the_f_test_is_that_of_nested_regressions() -> None:
    """Residual sums of squares with one effect for the item and with one in each of its pulses, under rotation."""
    table = block(4, items=4, pulses=6)
    table.n[0, [1, 4]] = 0
    table.n[3, 2:] = 150
    rows = [(item, pulse) for item in range(4) for pulse in range(6) if table.n[item, pulse]]
    weight = np.sqrt([table.n[at] for at in rows])
    values = weight * [table.mean[at] for at in rows]

    def left_over(free: bool) -> tuple[float, int]:
        design = np.zeros((len(rows), 4 + 6 + 6))
        for number, (item, pulse) in enumerate(rows):
            design[number, [10 + pulse if free and item == 0 else item, 4 + pulse]] = weight[number]
        residual = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
        return float(residual @ residual), len(rows) - int(np.linalg.matrix_rank(design))

    (one, one_df), (free, free_df) = left_over(False), left_over(True)
    from scipy.stats import f

    expected = f.sf((one - free) / (one_df - free_df) / (free / free_df), one_df - free_df, free_df)
    assert item_drift([table])[0].p == pytest.approx(expected)


def test_without_drift_p_values_are_even() -> None:
    p = [drift.p for seed in range(60) for drift in item_drift([block(seed, pulses=5)])]
    assert np.mean(np.array(p, np.float64) < 0.2) == pytest.approx(0.2, abs=0.05)


def test_without_drift_standard_deviations_scatter_as_students_t() -> None:
    found = [drift.standard for seed in range(60) for drift in item_drift([block(seed, items=8, pulses=3)])]
    assert np.mean(np.square(np.array(found, np.float64))) == pytest.approx(12 / 10, abs=0.2)


def test_pulses_where_it_was_not_asked_have_no_deviation() -> None:
    table = block(5)
    table.mean[1, 3] = NAN
    found = item_drift([table])[1]
    assert found.deviation[3] is None
    assert found.standard[3] is None
    assert found.deviation[2] is not None


def test_pulses_joined_only_by_the_item_itself_are_not_compared() -> None:
    table = block(6, items=4, pulses=6)
    table.n[1:3, 4:] = 0
    table.n[3, :4] = 0
    found = item_drift([table])[0]
    assert [value is None for value in found.deviation] == [False] * 4 + [True] * 2


@pytest.mark.parametrize(
    "table",
    [
        block(7, items=1),
        block(7, items=2),
        block(7, pulses=1),
        block(7, noise=0),
        ItemTable(("a", "b", "c"), np.full((3, 4), 50.0), np.full((3, 4), 9.0)),
        ItemTable(("a", "b", "c"), np.full((3, 4), NAN), np.zeros((3, 4))),
    ],
)
def test_too_little_or_nothing_but_rounding_is_insufficient(table: ItemTable) -> None:
    assert {drift.status for drift in item_drift([table])} == {"insufficient"}
    assert not any(drift.flagged or drift.deviation for drift in item_drift([table]))


def test_nothing_asked_nothing_found() -> None:
    assert item_drift([]) == []
