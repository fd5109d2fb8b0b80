"""How likely the commonest answer is to be so: against closed forms, and against drawing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from service.analytics.lenses.chances import mode_chances


@pytest.mark.parametrize("counts", [(0, 0), (5, 0), (7, 3), (40, 35), (4_000, 4_080)])
def test_of_two_points_it_is_a_beta_tail(counts: tuple[int, int]) -> None:
    first, second = counts
    assert mode_chances(counts)[0] == pytest.approx(beta(first + 0.5, second + 0.5).sf(0.5), abs=1e-6)


def test_of_as_common_answers_none_is_ahead() -> None:
    assert mode_chances((3, 3, 3)) == pytest.approx([1 / 3] * 3)
    assert mode_chances((0, 0, 0)) == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize("counts", [(4, 2, 0), (6, 5, 5), (2, 0, 9, 1), (100_000, 99_700, 5)])
def test_drawing_finds_the_same(counts: tuple[int, ...]) -> None:
    drawn = np.random.default_rng(3).dirichlet(np.array(counts) + 0.5, 100_000).argmax(axis=1)
    shares = np.bincount(drawn, minlength=len(counts)) / 100_000
    assert mode_chances(counts) == pytest.approx(shares, abs=0.006)
