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


def test_only_the_item_that_moves_is_flagged() -> None:
    moving = block(1)
    moving.mean[2, 5:] += 6
    found = item_drift([block(0), moving])
    assert [drift.item for drift in found if drift.flagged] == ["i1.2"]


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


def test_a_pulse_where_it_was_not_asked_tells_of_the_others_only() -> None:
    """A mean that is not there counts as one of nobody."""
    table, nobody = block(5), block(5)
    table.mean[1, 3] = NAN
    nobody.n[1, 3] = 0
    found, same = item_drift([table])[1], item_drift([nobody])[1]
    assert found.status == "ok"
    assert found == same
    assert found.p != item_drift([block(5)])[1].p


def test_pulses_joined_only_by_the_item_itself_are_not_compared() -> None:
    """Wherever it stands there: the others are not those it was compared with before."""
    tables = [block(6, items=4, pulses=6), block(6, items=4, pulses=6)]
    for table in tables:
        table.n[1:3, 4:] = 0
        table.n[3, :4] = 0
    tables[1].mean[0, 4:] += 30
    near, far = (item_drift([table])[0] for table in tables)
    assert near.p is not None
    assert near.p == pytest.approx(far.p)


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
    assert not any(drift.flagged or drift.p is not None for drift in item_drift([table]))


def test_nothing_asked_nothing_found() -> None:
    assert item_drift([]) == []
