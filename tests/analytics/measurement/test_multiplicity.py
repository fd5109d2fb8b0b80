"""Adjusted p-values against the paper that named the method, R, and what each method promises."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from service.analytics.measurement.multiplicity import adjust
from tests.analytics.measurement.reference import expected

METHODS = ("BH", "BY", "holm", "bonferroni", "hommel")
#: Benjamini and Hochberg (1995), section 3.2.
PAPER = (
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.324,
    0.4262,
    0.5719,
    0.6528,
    0.759,
    1,
)


def test_rejects_what_the_paper_rejects() -> None:
    assert (adjust(PAPER, "BH") <= 0.05).sum() == 4
    assert (adjust(PAPER, "bonferroni") <= 0.05).sum() == 3


@pytest.mark.parametrize("method", METHODS)
def test_equals_r(method: str) -> None:
    found = expected("bh1995")
    assert adjust(found["p"], method) == pytest.approx(found[method], abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_keeps_the_order_it_was_given(method: str) -> None:
    order = np.random.default_rng(1).permutation(len(PAPER))
    assert adjust(np.array(PAPER)[order], method) == pytest.approx(adjust(PAPER, method)[order], abs=0)


def test_step_up_by_hand() -> None:
    assert adjust([0.04, 0.01, 0.03]) == pytest.approx([0.04, 0.03, 0.04])
    assert adjust([0.04, 0.01, 0.03], "BY") == pytest.approx([0.04 * 11 / 6, 0.03 * 11 / 6, 0.04 * 11 / 6])
    assert adjust([0.04, 0.01, 0.03], "holm") == pytest.approx([0.06, 0.03, 0.06])
    assert adjust([0.5, 0.4], "bonferroni") == pytest.approx([1.0, 0.8])


def test_hommel_is_simes_test_of_every_subset() -> None:
    """An hypothesis falls at a level where each set of hypotheses with it in falls by Simes' test."""
    p = np.random.default_rng(3).uniform(0, 0.2, 6)
    sets = [s for size in range(1, 7) for s in itertools.combinations(range(6), size)]
    simes = {s: min(len(s) * np.sort(p[list(s)]) / np.arange(1, len(s) + 1)) for s in sets}
    by_hand = [max(value for s, value in simes.items() if one in s) for one in range(6)]
    assert adjust(p, "hommel") == pytest.approx(np.minimum(1, by_hand), abs=1e-14)


@pytest.mark.parametrize("method", METHODS)
def test_few_and_extreme(method: str) -> None:
    assert adjust([], method).tolist() == []
    assert adjust([0.3], method).tolist() == [0.3]
    assert adjust([0.0, 0.0], method).tolist() == [0.0, 0.0]
    assert adjust([1.0, 1.0, 1.0], method).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("bad", [float("nan"), -0.1, 1.5])
def test_wants_probabilities(bad: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        adjust([0.1, bad])
