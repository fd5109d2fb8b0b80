"""A unit against the organisation and the unit above, from the sheets themselves."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from service.analytics.benchmark import Benchmark, Benchmarks
from service.analytics.scores import Score, scores
from service.release.release import Release
from tests.analytics.building import bounded, released, sheets_by_chance

SHEETS = {"root": [], "hall": [], **sheets_by_chance(3, 4, 8, 3)}
PARENTS = {"hall": "root", "t0000": "hall", "t0001": "hall", "t0002": "root", "t0003": "root"}


def found(release: Release, unit: str, block: str = "A", item: str | None = None) -> Benchmark:
    (score,) = (it for it in scores(release, units=[unit], blocks=[block]) if it.item == item)
    return Benchmarks(release).of(score)


def persons(*units: str) -> np.ndarray:
    return np.concatenate([(np.array(SHEETS[unit], float)[:, :2].mean(axis=1) - 1) * 25 for unit in units])


def test_a_team_is_held_against_its_hall_and_everybody() -> None:
    release = released(SHEETS, parents=PARENTS)
    gaps = found(release, "t0001")
    assert gaps.organisation is not None
    assert gaps.parent is not None
    everybody = persons("t0000", "t0001", "t0002", "t0003")
    assert gaps.organisation.difference == pytest.approx(persons("t0001").mean() - everybody.mean())
    assert gaps.parent.difference == pytest.approx(persons("t0001").mean() - persons("t0000", "t0001").mean())

    teams = [persons(f"t000{i}") for i in range(4)]
    variance = sum(((team - team.mean()) ** 2).sum() for team in teams) / (32 - 4)
    upper = stats.t.ppf(0.975, 28)
    half = upper * math.sqrt(variance * (1 / 8 - 1 / 32))
    assert gaps.organisation.high - gaps.organisation.difference == pytest.approx(half)
    assert gaps.organisation.difference - gaps.organisation.low == pytest.approx(half)
    detectable = (upper + stats.t.ppf(0.8, 28)) * math.sqrt(2 * variance / 8)
    assert gaps.minimum_detectable_change == pytest.approx(detectable)


def test_one_item_is_held_against_the_same_item() -> None:
    gaps = found(released(SHEETS, parents=PARENTS), "t0002", item="A2")
    assert gaps.organisation is not None
    mine = np.array(SHEETS["t0002"], float)[:, 1].mean()
    all = np.concatenate([np.array(rows, float)[:, 1] for rows in SHEETS.values() if rows]).mean()
    assert gaps.organisation.difference == pytest.approx(25 * (mine - all))
    assert gaps.parent == gaps.organisation


def test_the_whole_is_not_held_against_itself() -> None:
    gaps = found(released(SHEETS, parents=PARENTS), "root")
    assert (gaps.organisation, gaps.parent) == (None, None)
    assert gaps.minimum_detectable_change is not None


def test_without_a_root_everybody_is_the_topmost_units_that_show_it() -> None:
    release = released(SHEETS, parents=PARENTS, hidden=["root"])
    gaps = found(release, "t0002")
    assert gaps.organisation is not None
    everybody = persons("t0000", "t0001", "t0002", "t0003")
    assert gaps.organisation.difference == pytest.approx(persons("t0002").mean() - everybody.mean())
    assert gaps.parent is None


def test_what_is_withheld_or_bounded_is_held_against_nothing() -> None:
    release = released(SHEETS, parents=PARENTS, withheld=[("t0001", "A1")])
    assert found(release, "t0001") == Benchmark()
    assert found(bounded(released(SHEETS, parents=PARENTS), "t0001", "A1", 8, 16), "t0001") == Benchmark()


def test_nor_is_a_slice() -> None:
    release = released(SHEETS, parents=PARENTS)
    (score,) = (it for it in scores(release, units=["t0001"], blocks=["A"]) if it.item is None)
    sliced: Score = replace(score, by=("tenure",), bands=("0-1y",))
    assert Benchmarks(release).of(sliced) == Benchmark()
