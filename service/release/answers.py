"""Which answers a respondent may still have given, for whoever knows sums and favourable counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.release.groups import Shown
from service.survey.instrument import Item

Ints = npt.NDArray[np.int64]


def tells_alone(it: Shown) -> bool:
    """Whether one group's n, sum and favourable count leave somebody fewer than three answers."""
    n, total, favourable = it.favourable.remainders().T
    low, high = _given_answer(it.item, n, total)
    possible = (low <= favourable) & (favourable <= high)
    return bool(((possible.sum(axis=0) < min(3, it.item.scale.points)) & (n > 0)).any())


def tells_with_sums(it: Shown) -> bool:
    """The same, knowing also the sums of the smaller groups inside; what those tell alone is not held against it."""
    n, total = it.sums.remainders().T
    within = np.array(it.within, np.int64)
    known = (within >= 0) & (n > 0)
    n, total, within = n[known], total[known], within[known]
    low, high = _given_answer(it.item, n, total)
    alone = low <= high
    least = np.where(alone, low, np.iinfo(np.int64).max).min(axis=0)
    most = np.where(alone, high, np.iinfo(np.int64).min).max(axis=0)
    floor, ceiling = np.zeros((2, len(it.favourable.units)), np.int64)
    np.add.at(floor, within, least)
    np.add.at(ceiling, within, most)
    favourable = it.favourable.remainders()[within, 2]
    possible = alone & (floor[within] - least + low <= favourable) & (favourable <= ceiling[within] - most + high)
    left = possible.sum(axis=0)
    few = min(3, it.item.scale.points)
    return bool(((left < few) & (left < alone.sum(axis=0))).any())


def _given_answer(item: Item, n: Ints, total: Ints) -> tuple[Ints, Ints]:
    """Least and most favourable answers in groups (columns) where one person gives each answer (rows).

    Where least exceeds most that answer is impossible.
    """
    scale = item.scale
    answers = np.arange(scale.low, scale.high + 1)[:, np.newaxis]
    others, rest = n - 1, total - answers
    good = scale.favourable
    # Lowest sum with f favourable: good f + low (others - f); highest: high f + (good - 1)(others - f).
    most = np.minimum(others, (rest - scale.low * others) // (good - scale.low))
    least = np.maximum(0, -((others * (good - 1) - rest) // (scale.high - good + 1)))
    own = (answers >= good).astype(np.int64)
    # Nobody else may be favourable, nor may their answers add up to the rest, when `most` is negative.
    return least + own, most + own
