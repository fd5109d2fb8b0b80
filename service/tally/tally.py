"""Responses counted by cell: the sums a release is made from, confidential and never written down.

A cell holds the people of one unit with the same bands. Cells are counted, passed through the gate and forgotten
within the transaction that closes a pulse; what is stored is what may be published.
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
class Cells:
    """C cells that hold anybody: `unit` is a position in the roster, `bands` (C x B) the position of each stated
    value from 1, 0 where none was stated, `n` how many people; `of` the cell of each respondent."""

    unit: Ints
    bands: npt.NDArray[np.uint8]
    n: Ints
    of: Ints


@dataclass(frozen=True)
class Tally:
    """Sufficient statistics of C cells, I items on at most P points, J scored items.

    `histograms` (C x I x P) counts keyed answers from the lowest point up. `within` (J x J) is the sum over
    `pooled_n` people of products of deviations from their atom's item mean, in scale units, where a missing
    answer has no deviation; zeros with `pooled_n` 0 where too few people or atoms answered. `pooled_atoms` says
    how many atoms there were.
    """

    cells: Cells
    histograms: npt.NDArray[np.unsignedinteger]
    within: Floats
    pooled_n: int
    pooled_atoms: int


def cells(units: npt.NDArray[np.integer], bands: npt.NDArray[np.uint8], size: int) -> Cells:
    """The cells of R respondents: `units` holds each one's unit position among `size`, `bands` is R x B."""
    if bands.shape[1] > 5 or size >= 1 << 22:
        raise ValueError("more bands or units than a cell's number can hold")
    key = units.astype(np.int64)
    for column in bands.T:
        key = key * 256 + column
    _, first, of, n = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return Cells(units[first].astype(np.int64), bands[first], n.astype(np.int64), of.astype(np.int64))


def tally(
    cells: Cells,
    answers: npt.NDArray[np.uint8],
    atom_of: Ints,
    points: Sequence[int],
    scored: Sequence[bool],
    pool: int,
) -> Tally:
    """Count R respondents' `answers` (R x I; 1 is the lowest point, 0 missing) by cell.

    `atom_of` holds each roster unit's atom, the nearest published unit at or above it, or -1: moments are taken
    within atoms. The outcome is the same to the last bit in whatever order respondents come. Nothing is pooled
    from fewer than `pool` people or two atoms.
    """
    histograms = _histograms(cells.of, answers, len(cells.n), max(points, default=0))
    atom = atom_of[cells.unit][cells.of]
    inside = atom >= 0
    present, group = np.unique(atom[inside], return_inverse=True)
    chosen = np.flatnonzero(np.asarray(scored, np.bool_))
    pooled = len(group) >= pool and len(present) >= 2
    within = np.zeros((len(chosen), len(chosen)))
    if pooled:
        kept = answers[inside][:, chosen]
        within = _within(group, kept, _histograms(group, kept, len(present), histograms.shape[2]).astype(np.int64))
    return Tally(
        cells=cells,
        histograms=histograms,
        within=within,
        pooled_n=len(group) if pooled else 0,
        pooled_atoms=len(present) if pooled else 0,
    )


def _histograms(of: Ints, answers: npt.NDArray[np.uint8], size: int, points: int) -> npt.NDArray[np.unsignedinteger]:
    """Groups x items x points, in the least room that holds the greatest count."""
    width = points + 1
    kind = np.min_scalar_type(int(np.bincount(of, minlength=1).max()))
    histograms = np.zeros((size, answers.shape[1], points), kind)
    first = of * width
    for item in range(answers.shape[1]):
        counts = np.bincount(first + answers[:, item], minlength=size * width)
        histograms[:, item] = counts.reshape(size, width)[:, 1:]
    return histograms


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
