"""Steps in a series: against every possible partition, the limit distribution simulated, and R's strucchange."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from service.analytics.measurement.breakpoints import Steps, breakpoints
from tests.analytics.measurement import reference


def series(seed: int, n: int, *steps: tuple[int, float], sd: float = 1.0) -> np.ndarray:
    y = np.random.default_rng(seed).normal(0, sd, n)
    for after, height in steps:
        y[after:] += height
    return y


@pytest.mark.parametrize("steps", [((8, 2.0), (14, -1.0)), ((3, 9.0), (6, -9.0))])
def test_no_partition_is_better(steps: tuple[tuple[int, float], ...]) -> None:
    y = series(1, 21, *steps)
    found = breakpoints(y)
    assert len(found.rss) == 6
    for count in range(4):
        places = ((0, *steps, 21) for steps in combinations(range(1, 21), count))
        allowed = [edges for edges in places if np.diff(edges).min() >= 3]
        costs = [sum(len(part) * part.var() for part in np.split(y, edges[1:-1])) for edges in allowed]
        assert found.rss[count] == pytest.approx(min(costs), rel=1e-12)
        assert found.partitions[count] == allowed[int(np.argmin(costs))][1:-1]


def test_criterion_is_that_of_the_normal_likelihood() -> None:
    """-2 log L + (parameters) log n, with a mean and a place for each stretch but one place less, and one variance."""
    y = series(2, 60, (30, 3.0))
    found = breakpoints(y)
    for count, steps in enumerate(found.partitions[:3]):
        level = np.concatenate([np.full(len(part), part.mean()) for part in np.split(y, steps)])
        variance = float(((y - level) ** 2).mean())
        likelihood = -60 / 2 * (math.log(2 * math.pi * variance) + 1)
        assert found.bic[count] == pytest.approx(-2 * likelihood + (2 * count + 2) * math.log(60), rel=1e-12)


def test_finds_the_steps_there_are() -> None:
    found = breakpoints(series(3, 120, (40, 2.5), (85, -3.0)))
    assert [step.after for step in found.steps] == [pytest.approx(40, abs=3), pytest.approx(85, abs=3)]
    assert all(step.low < step.after < step.high for step in found.steps)
    assert breakpoints(series(4, 120)).steps == ()


def test_a_true_step_is_looked_for_on_the_calm_side() -> None:
    """Where it scatters more the estimate strays farther, so that the truth may lie farther the other way."""
    y = np.concatenate([series(9, 40, sd=0.5), series(10, 40, sd=1.2) + 1.3])
    (step,) = breakpoints(y).steps
    assert step.after - step.low > step.high - step.after
    (step,) = breakpoints(y[::-1]).steps
    assert step.after - step.low < step.high - step.after


def test_interval_is_that_of_the_limit_distribution() -> None:
    """Second way: the place of the greatest value of a two-sided Brownian motion that sinks, by simulation."""
    from service.analytics.measurement.breakpoints import _quantile

    chance, width, length, ratio = np.random.default_rng(5), 0.02, 4000, 2.0
    ends = []
    for _ in range(3000):
        drift = width * np.arange(1, length + 1) / 2
        before = np.cumsum(chance.normal(0, math.sqrt(width), length)) - drift
        since = math.sqrt(ratio) * np.cumsum(chance.normal(0, math.sqrt(width), length)) - drift
        left, right = int(before.argmax()), int(since.argmax())
        ends.append(-width * left if before[left] > since[right] else width * right)
    assert (np.array(ends) < -_quantile(ratio, 1e3)).mean() == pytest.approx(0.025, abs=0.01)
    assert (np.array(ends) > ratio * _quantile(1 / ratio, 1e3)).mean() == pytest.approx(0.025, abs=0.01)


@pytest.mark.parametrize(
    "y", [[], [1.0] * 13, np.arange(13.0), [0.1] * 40, [0.1] * 20 + [0.7] * 20, [math.nan, *np.arange(30.0)]]
)
def test_too_little_to_compute(y: list[float]) -> None:
    assert breakpoints(y) == Steps("insufficient", len(y))


def test_no_interval_beside_a_stretch_without_scatter() -> None:
    (step,) = breakpoints([*[0.0] * 20, *series(6, 20, sd=0.1) + 5]).steps
    assert (step.after, step.low, step.high) == (20, None, None)


def test_equals_r_on_the_nile() -> None:
    expected = reference.expected("nile")["strucchange"]
    found = breakpoints(reference.sheet("nile", ["flow"])[:, 0])
    assert found.rss == pytest.approx(expected["RSS"], rel=1e-10)
    assert found.bic == pytest.approx(expected["BIC"], rel=1e-10)
    (step,) = found.steps
    assert [step.low, step.after, step.high] == expected["ci95"]
    assert step.after == expected["breakpoint_index"]
