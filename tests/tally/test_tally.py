"""Counting responses by cell, against counting them one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from service.tally.count import respondents
from service.tally.merging import merged
from service.tally.partial import Asked, Partial, cells, partial
from service.tally.tally import Tally, tally

POINTS, SCORED, VALUES = (5, 4, 3, 5), (True, True, False, True), (3, 2)
ATOM_OF = np.array([0, 0, 2, -1, 2, 5, 6], np.int64)

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def sheets(seed: int, missing: float, people: int = 300) -> Rows:
    """Units, bands (of three values and of two; 0 is not stated) and answers; nobody is in the last unit."""
    chance = np.random.default_rng(seed)
    answers = chance.integers(1, POINTS, (people, 4), endpoint=True)
    answers[chance.random(answers.shape) < missing] = 0
    bands = chance.integers(0, [3, 2], (people, 2), endpoint=True)
    return chance.integers(0, 6, people), bands.astype(np.uint8), answers.astype(np.uint8)


def asked_of(bands: np.ndarray) -> Asked:
    return Asked(POINTS, SCORED, VALUES[: bands.shape[1]], np.arange(len(ATOM_OF)), ATOM_OF)


def made(units: np.ndarray, bands: np.ndarray, answers: np.ndarray, pool: int = 50) -> Tally:
    asked = asked_of(bands)
    return tally(partial(units, answers, bands, asked), asked, pool)


def alike(one: Tally, other: Tally) -> None:
    """To the last bit, and in the same kinds of numbers."""
    for name in ("unit", "bands", "n"):
        assert np.array_equal(getattr(one.cells, name), getattr(other.cells, name))
    assert one.histograms.dtype == other.histograms.dtype
    assert np.array_equal(one.histograms, other.histograms)
    assert one.within.tobytes() == other.within.tobytes()
    assert (one.pooled_n, one.pooled_atoms) == (other.pooled_n, other.pooled_atoms)


def test_respondents_are_counted_in_their_own_units() -> None:
    assert respondents(np.array([2, 0, 2, -1]), 4).tolist() == [1, 0, 2, 0]
    assert respondents(np.array([], np.int64), 2).tolist() == [0, 0]
    assert respondents(np.array([2, -1, 2, 0]), 3, np.array([5, 7, 2, 1])).tolist() == [1, 0, 7]


@pytest.mark.parametrize("width", [0, 1, 2])
def test_a_cell_is_everybody_of_a_unit_with_the_same_bands(width: int) -> None:
    units, bands, _ = sheets(7, 0.0)
    bands = bands[:, :width]
    by_row = [(unit, *row) for unit, row in zip(units.tolist(), bands.tolist(), strict=True)]
    found, of = cells(units, bands)
    keys = [(unit, *row) for unit, row in zip(found.unit.tolist(), found.bands.tolist(), strict=True)]
    assert dict(zip(keys, found.n.tolist(), strict=True)) == Counter(by_row)
    assert len(keys) == len(set(keys))
    assert [keys[cell] for cell in of] == by_row


def test_nobody_has_no_cells() -> None:
    nobody = made(np.zeros(0, np.int64), np.zeros((0, 2), np.uint8), np.zeros((0, 4), np.uint8))
    assert nobody.histograms.shape == (0, 4, 5)
    assert nobody.pooled_n == 0


def test_more_than_a_cell_number_holds_is_refused() -> None:
    places = np.zeros(1, np.int64)
    Asked((5,), (True,), (2,) * 5, places, np.zeros((1 << 22) - 1, np.int64))
    for bands, size in ((6, 1), (0, 1 << 22)):
        with pytest.raises(ValueError, match="more bands or units"):
            Asked((5,), (True,), (2,) * bands, places, np.zeros(size, np.int64))


def test_what_nobody_can_have_sent_is_refused() -> None:
    units, bands, answers = sheets(8, 0.1)
    asked = Asked(POINTS, SCORED, VALUES, np.array([0, 1, 2, 3, 4, 5, -1, 6]), ATOM_OF)
    partial(units, answers, bands, asked)
    for number in (-1, 6, 8, 2**31 - 1):
        with pytest.raises(ValueError, match="a unit that is not"):
            partial(np.where(units == 3, number, units), answers, bands, asked)
    with pytest.raises(ValueError, match="beyond what"):
        partial(units, np.where(answers == 3, 6, answers).astype(np.uint8), bands, asked)
    with pytest.raises(ValueError, match="beyond what"):
        partial(units, answers, np.where(bands == 2, 4, bands).astype(np.uint8), asked)


def test_the_last_values_of_the_greatest_unit_have_cells_of_their_own() -> None:
    top = (1 << 22) - 2
    bands = np.array([[255] * 5, [255] * 4 + [254], [255] * 5], np.uint8)
    found, _ = cells(np.array([top, top, top - 1]), bands)
    assert found.unit.tolist() == [top - 1, top, top]
    assert found.bands.tolist() == [bands[2].tolist(), bands[1].tolist(), bands[0].tolist()]


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.7])
def test_counts_are_those_of_the_people_in_each_cell(missing: float) -> None:
    units, bands, answers = sheets(1, missing)
    found = made(units, bands, answers)
    for cell, (unit, stated) in enumerate(zip(found.cells.unit, found.cells.bands, strict=True)):
        rows = answers[(units == unit) & (bands == stated).all(axis=1)]
        for item in range(4):
            for point in range(5):
                assert found.histograms[cell, item, point] == (rows[:, item] == point + 1).sum()


def test_counts_have_room_for_many_of_one_cell() -> None:
    for people in (255, 256, 70_000):
        found = made(np.zeros(people, np.int64), np.zeros((people, 0), np.uint8), np.full((people, 4), 2, np.uint8))
        assert found.histograms[0, :, 1].tolist() == [people] * 4


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.7])
def test_scatter_is_the_sum_of_products_of_deviations(missing: float) -> None:
    units, bands, answers = sheets(2, missing)
    found = made(units, bands, answers)
    chosen = answers[:, [0, 1, 3]].astype(float)
    expected, people = np.zeros((3, 3)), 0
    for atom in (0, 2, 5):
        rows = chosen[ATOM_OF[units] == atom]
        people += len(rows)
        deviations = np.zeros_like(rows)
        for item in range(3):
            given = rows[:, item] > 0
            if given.any():
                deviations[given, item] = rows[given, item] - rows[given, item].mean()
        expected += deviations.T @ deviations
    assert (found.pooled_n, found.pooled_atoms) == (people, 3)
    np.testing.assert_allclose(found.within, expected, atol=1e-9, rtol=1e-12)
    assert (found.within == found.within.T).all()


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_the_order_of_respondents_changes_no_bit(missing: float) -> None:
    units, bands, answers = sheets(3, missing, people=5000)
    expected = made(units, bands, answers)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(units))
        alike(made(units[order], bands[order], answers[order]), expected)


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.7])
@pytest.mark.parametrize("width", [0, 2])
def test_parts_counted_apart_come_to_what_one_count_does(missing: float, width: int) -> None:
    units, bands, answers = sheets(6, missing, people=5000)
    # A cell too large for a byte only when its parts are put together.
    units[:700], bands[:700] = 1, 1
    bands = bands[:, :width]
    asked, chance = asked_of(bands), np.random.default_rng(6)

    def part(rows: np.ndarray) -> Partial:
        return partial(units[rows], answers[rows], bands[rows], asked)

    whole = tally(part(np.arange(5000)), asked, 50)
    for size in (1, 2, 7):
        shares = [part(rows) for rows in np.array_split(chance.permutation(5000), size)]
        alike(tally(merged(shares, asked), asked, 50), whole)
        half = merged(shares[: size // 2], asked)
        alike(tally(merged([part(np.zeros(0, np.int64)), *shares[size // 2 :], half], asked), asked, 50), whole)


def test_nothing_put_together_is_nobody() -> None:
    units, bands, answers = (array[:0] for array in sheets(1, 0.0))
    alike(tally(merged([], asked_of(bands)), asked_of(bands), 50), made(units, bands, answers))


def test_no_cross_products_of_few_people_or_of_one_group_are_left() -> None:
    units, bands, answers = sheets(4, 0.0)
    inside = int((ATOM_OF[units] >= 0).sum())
    assert made(units, bands, answers, pool=inside).pooled_n == inside
    for few in (made(units, bands, answers, pool=inside + 1), made(np.full(300, 5), bands, answers)):
        assert few.pooled_n == 0
        assert not few.within.any()


def test_people_in_no_published_unit_are_not_pooled() -> None:
    units, bands, answers = sheets(5, 0.0)
    everybody = made(np.where(units == 3, 0, units), bands, answers)
    without = made(units, bands, answers)
    assert without.pooled_n == everybody.pooled_n - (units == 3).sum()
