"""Responses folded into the groups they will be published in: all that outlives the close of a pulse.

Folding happens before anything is written. Which units can be published depends on counts only, so the plan is
known at close, and every team is counted within its atom, the nearest published unit at or above it. No group of
fewer respondents than the threshold is ever described at rest, and people in no published unit not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Tally:
    """Sufficient statistics of A disjoint atoms, I items on at most P points, J scored items.

    `atoms` are positions in the roster, rising. `n` and `headcount` (A) count the people of each atom alone.
    `histograms` (A x I x P) counts keyed answers from the lowest point up. `within` (J x J) is the sum over
    `pooled_n` people of products of deviations from their atom's item mean, in scale units, where a missing
    answer has no deviation; zeros with `pooled_n` 0 where too few people or atoms answered.
    """

    atoms: tuple[int, ...]
    n: Ints
    headcount: Ints
    histograms: Ints
    within: Floats
    pooled_n: int


def tally(
    units: npt.NDArray[np.integer],
    answers: npt.NDArray[np.uint8],
    atom_of: Ints,
    headcounts: Ints,
    points: Sequence[int],
    scored: Sequence[bool],
    pool: int,
) -> Tally:
    """Fold R respondents' `answers` (R x I; 1 is the lowest point, 0 missing) into their units' atoms.

    `units` holds each respondent's unit position or -1, `atom_of` each unit's atom or -1; a published unit is its
    own atom. The outcome is the same to the last bit in whatever order respondents come. Nothing is pooled from
    fewer than `pool` people or two atoms.
    """
    shown = np.flatnonzero(atom_of == np.arange(len(atom_of)))
    place = np.append(np.where(atom_of >= 0, np.searchsorted(shown, atom_of), -1), -1)
    cells = place[units]
    inside = cells >= 0
    if not inside.all():
        cells, answers = cells[inside], answers[inside]
    n = np.bincount(cells, minlength=len(shown)).astype(np.int64)
    histograms = _histograms(cells, answers, len(shown), max(points, default=0))
    chosen = np.flatnonzero(np.asarray(scored, np.bool_))
    within = np.zeros((len(chosen), len(chosen)))
    pooled = len(cells) >= pool and np.count_nonzero(n) >= 2
    if pooled:
        within = _within(cells, answers[:, chosen], histograms[:, chosen])
    return Tally(
        atoms=tuple(shown.tolist()),
        n=n,
        headcount=_headcounts(place[:-1], headcounts, len(shown)),
        histograms=histograms,
        within=within,
        pooled_n=len(cells) if pooled else 0,
    )


def _headcounts(place: Ints, headcounts: Ints, size: int) -> Ints:
    sums = np.zeros(size, np.int64)
    np.add.at(sums, place[place >= 0], headcounts[place >= 0])
    return sums


def _histograms(cells: Ints, answers: npt.NDArray[np.uint8], size: int, points: int) -> Ints:
    width = points + 1
    first = cells * width
    columns = [
        np.bincount(first + answers[:, item], minlength=size * width).reshape(size, width)[:, 1:]
        for item in range(answers.shape[1])
    ]
    return np.stack(columns, axis=1).astype(np.int64) if columns else np.zeros((size, 0, points), np.int64)


def _within(cells: Ints, answers: npt.NDArray[np.uint8], histograms: Ints) -> Floats:
    """Sum over people of (x_j - m_ja)(x_l - m_la), for those who answered both items j and l.

    Expanded: sum x_j x_l - m_ja (sum of x_l where j is answered) - the same with j and l exchanged
    + m_ja m_la (people who answered both), summed over atoms a. All sums over people are whole numbers below
    2^53, hence exact in any order; the atoms' means enter afterwards, in the atoms' fixed order.
    """
    size, items = len(histograms), answers.shape[1]
    sums = histograms @ np.arange(1, histograms.shape[2] + 1)
    counts = histograms.sum(axis=2)
    means = sums / np.maximum(counts, 1)
    crossed = np.zeros((items, items))
    squares = np.zeros((items, items))
    for item in range(items):
        absent = answers[:, item] == 0
        lost_sums, lost_counts = _grouped(cells[absent], answers[absent], size)
        crossed[item] = np.einsum("a,al->l", means[:, item], sums - lost_sums)
        squares[item] = np.einsum("a,al,al->l", means[:, item], means, counts - lost_counts)
    within = _products(answers) - crossed - crossed.T + squares
    return (within + within.T) / 2


def _grouped(cells: Ints, answers: npt.NDArray[np.uint8], size: int) -> tuple[Ints, Ints]:
    """Per atom and item, the sum of these rows' answers and how many there are."""
    sums = np.zeros((size, answers.shape[1]), np.int64)
    counts = np.zeros_like(sums)
    if len(cells):
        for item in range(answers.shape[1]):
            column = answers[:, item]
            sums[:, item] = np.bincount(cells, weights=column, minlength=size)
            counts[:, item] = np.bincount(cells[column > 0], minlength=size)
    return sums, counts


def _products(answers: npt.NDArray[np.uint8]) -> Floats:
    """Every pair's sum of products; a missing answer is 0 and adds nothing."""
    products = np.zeros((answers.shape[1], answers.shape[1]))
    for start in range(0, len(answers), _CHUNK):
        block = answers[start : start + _CHUNK].astype(np.float64)
        products += block.T @ block
    return products
