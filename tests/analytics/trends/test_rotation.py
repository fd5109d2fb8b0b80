"""Item effects: what they take out, what they leave alone, and what they refuse to compare."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from service.analytics.trends.rotation import NOWHERE, ItemTable, adjust, item_effects

NAN = np.nan
Floats = npt.NDArray[np.float64]


def table(mean: list[list[float]], n: float | list[list[float]] = 50) -> ItemTable:
    means = np.array(mean, np.float64)
    return ItemTable(tuple(f"i{row}" for row in range(len(means))), means, np.broadcast_to(n, means.shape))


def test_a_table_that_is_additive_is_taken_apart_exactly() -> None:
    """Levels 60, 64, 58; items +3, -5, +2, of which one sits out in turn."""
    effects = item_effects(table([[63, 67, NAN], [55, NAN, 53], [NAN, 66, 60]]))
    assert effects.item == pytest.approx([3, -5, 2])
    assert effects.pulse == pytest.approx([60, 64, 58])
    assert effects.error is not None
    assert effects.error == pytest.approx([0, 0, 0], abs=1e-9)


def test_effects_are_the_weighted_least_squares_solution() -> None:
    """Against the normal equations, with the last item's effect minus the sum of the others'."""
    means = np.array([[60.0, 66.0, NAN], [52.0, 50.0, 58.0], [NAN, 57.0, 61.0]])
    n = np.array([[40.0, 10.0, 0.0], [40.0, 12.0, 30.0], [0.0, 11.0, 31.0]])
    effects = item_effects(ItemTable(("a", "b", "c"), means, n))
    rows = [(row, pulse) for row in range(3) for pulse in range(3) if n[row, pulse]]
    design = np.array([[(row == 0) - (row == 2), (row == 1) - (row == 2), *np.eye(3)[pulse]] for row, pulse in rows])
    weight = np.diag([n[at] for at in rows])
    values = np.array([means[at] for at in rows])
    inverse = np.linalg.inv(design.T @ weight @ design)
    solution = inverse @ design.T @ weight @ values
    residual = values - design @ solution
    assert effects.item[:2] == pytest.approx(solution[:2])
    assert effects.item.sum() == pytest.approx(0)
    assert effects.pulse == pytest.approx(solution[2:])
    variance = residual @ weight @ residual / (len(rows) - 5)
    assert effects.error is not None
    assert effects.error[:2] == pytest.approx(np.sqrt(variance * np.diag(inverse)[:2]))


def test_the_same_items_in_every_pulse_leave_the_plain_mean() -> None:
    effects = item_effects(table([[63, 67, 61], [55, 50, 53], [40, 45, 70]]))
    scores = np.random.default_rng(1).uniform(0, 100, (4, 3, 3))
    assert adjust(scores, effects) == pytest.approx(scores.mean(axis=-1))


def test_a_unit_that_shows_some_of_the_items_is_measured_against_those() -> None:
    effects = item_effects(table([[70, 70], [50, 50]]))
    shown = np.array([[[70, 50], [70, NAN], [NAN, 50], [NAN, NAN]]], np.float64)
    assert adjust(shown, effects)[0] == pytest.approx([60, 60, 60, NAN], nan_ok=True)


def test_pulses_without_a_path_of_shared_items_are_apart() -> None:
    effects = item_effects(table([[63, NAN, NAN, 62], [55, NAN, 53, NAN], [NAN, 66, NAN, NAN], [NAN, NAN, NAN, NAN]]))
    assert effects.pulse_component.tolist() == [0, 1, 0, 0]
    assert effects.item_component.tolist() == [0, 0, 1, NOWHERE]
    assert effects.item[:2].sum() == pytest.approx(0)
    assert effects.item[2:].tolist() == pytest.approx([0, 0])
    assert effects.pulse[1] == pytest.approx(66)


def test_a_pulse_without_items_is_nowhere_and_has_no_level() -> None:
    effects = item_effects(table([[63, NAN, 61], [55, NAN, 52]]))
    assert effects.pulse_component.tolist() == [0, NOWHERE, 0]
    assert effects.pulse == pytest.approx([59, NAN, 56.5], nan_ok=True)


def test_another_wording_is_another_item() -> None:
    """The first item is reworded in the third pulse and rises by ten; the level stays."""
    effects = item_effects(table([[63, 63, NAN], [57, 57, 57], [NAN, NAN, 73]]))
    assert effects.pulse[2] - effects.pulse[0] == pytest.approx(0)


@pytest.mark.parametrize("mean", [[[]], [[NAN, NAN]], [[60, 61]], [[60], [50]]])
def test_too_little_to_tell_errors_gives_none(mean: list[list[float]]) -> None:
    means = np.array(mean, np.float64).reshape(len(mean), -1)
    assert item_effects(ItemTable(tuple("ab"[: len(mean)]), means, np.full(means.shape, 9.0))).error is None


def test_an_error_covers_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(3)
    asked = (np.arange(5)[:, None] < 2) | (np.arange(12) % 3 == np.arange(5)[:, None] - 2)
    true = np.array([4.0, -6.0, 3.0, 1.0, -2.0])
    n = np.where(asked, chance.integers(60, 90, 12), 0).astype(np.float64)
    off = []
    for _ in range(200):
        mean = true[:, None] + chance.normal(60, 5, 12) + chance.normal(0, 15, (5, 12)) / np.sqrt(np.maximum(n, 1))
        effects = item_effects(ItemTable(tuple("abcde"), np.where(asked, mean, NAN), n))
        assert effects.error is not None
        off.append((effects.item - true) / effects.error)
    assert np.mean(np.square(off)) == pytest.approx(20 / 18, abs=0.15)  # the variance of t with 20 degrees of freedom


def reference(name: str) -> Path:
    beside = Path(__file__).parents[4] / "shared" / "reference_data"
    folder = Path(os.environ.get("REDWOOD_REFERENCE_DATA", beside)) / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


def item_scores(folder: Path, block: str) -> tuple[list[str], Floats, Floats]:
    """Teams, and item means 1 to 5 and numbers of answers (teams, pulses, items)."""
    with (folder / "items.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["item"].startswith(block)]
    teams, items = sorted({row["team"] for row in rows}), sorted({row["item"] for row in rows})
    n = np.zeros((len(teams), 1 + max(int(row["pulse"]) for row in rows), len(items)))
    mean = np.full(n.shape, NAN)
    for row in rows:
        at = teams.index(row["team"]), int(row["pulse"]), items.index(row["item"])
        counts = np.array([int(row[f"c{point}"]) for point in range(1, 6)])
        n[at], mean[at] = counts.sum(), counts @ np.arange(1, 6) / counts.sum()
    return teams, mean, n


@pytest.mark.parametrize(
    "block",
    [
        "wellbeing",
        "strengths_based_teams",
        "psychological_safety",
        "productive_conflict",
        "integrated_coaching_leaders",
    ],
)
def test_rotation_does_not_fake_a_change(block: str) -> None:
    """Three of five items in turn, in an organisation where nothing but the year's course moves."""
    folder = reference("synth_org_c")
    teams, mean, n = item_scores(folder, block)
    level = np.nansum(mean * n, axis=0).T / np.maximum(n.sum(axis=0).T, 1)
    effects = item_effects(ItemTable(tuple("abcde"), level, n.sum(axis=0).T))
    assert effects.pulse_component.tolist() == [0] * 12
    weight = n.max(axis=-1)
    seen = np.nansum(adjust(mean, effects) * weight, axis=0) / weight.sum(axis=0)
    true = np.zeros(weight.shape)
    with (folder / "truth.csv").open() as file:
        for row in csv.DictReader(file):
            if row["block"] == block:
                true[teams.index(row["team"]), int(row["pulse"])] = float(row["true_current_members"])
    wanted = (true * weight).sum(axis=0) / weight.sum(axis=0)
    assert np.sqrt(np.mean((seen - wanted) ** 2)) <= 0.05
