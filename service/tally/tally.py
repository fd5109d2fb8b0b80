"""Responses counted by cell: the sums a release is made from, confidential and never written down.

A cell holds the people of one unit with the same bands. Cells are counted, passed through the gate and forgotten
within the transaction that closes a pulse; what is stored is what may be published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.tally.partial import Asked, Cells, Counts, Floats, Gaps, Ints, Partial


@dataclass(frozen=True)
class Tally:
    """Sufficient statistics of C cells, I items on at most P points, J scored items.

    `histograms` (C x I x P) counts keyed answers from the lowest point up. `within` (J x J) is the sum over
    `pooled_n` people of products of deviations from their atom's item mean, in scale units, where a missing
    answer has no deviation; zeros with `pooled_n` 0 where too few people or atoms answered. `pooled_atoms` says
    how many atoms there were.
    """

    cells: Cells
    histograms: Counts
    within: Floats
    pooled_n: int
    pooled_atoms: int


def tally(counted: Partial, asked: Asked, pool: int) -> Tally:
    """Of everybody who was `counted`, the same to the last bit in whatever parts and order they came.

    Nothing is pooled from fewer than `pool` people or two atoms.
    """
    atom = asked.atom_of[counted.cells.unit]
    inside = atom >= 0
    present, group = np.unique(atom[inside], return_inverse=True)
    people, size = int(counted.cells.n[inside].sum()), len(counted.products)
    pooled = people >= pool and len(present) >= 2
    within = np.zeros((size, size))
    if pooled:
        chosen = np.flatnonzero(asked.scored)
        sums, counts = _by_atom(counted.histograms, inside, group, chosen, len(present))
        within = _within(counted.products, counted.gaps, present, sums, counts)
    return Tally(
        cells=counted.cells,
        histograms=counted.histograms,
        within=within,
        pooled_n=people if pooled else 0,
        pooled_atoms=len(present) if pooled else 0,
    )


def _by_atom(
    histograms: Counts, inside: npt.NDArray[np.bool_], group: Ints, items: Ints, size: int
) -> tuple[Ints, Ints]:
    """The sum of answers to each of these items and how many there are, by atom."""
    sums = np.zeros((size, len(items)), np.int64)
    counts = np.zeros_like(sums)
    lowest_up = np.arange(1.0, histograms.shape[2] + 1)
    for place, item in enumerate(items):
        points = histograms[:, item].astype(np.float64)
        sums[:, place] = np.bincount(group, (points @ lowest_up)[inside], size)
        counts[:, place] = np.bincount(group, points.sum(axis=1)[inside], size)
    return sums, counts


def _within(products: Floats, gaps: Gaps, present: Ints, sums: Ints, counts: Ints) -> Floats:
    """Sum over people of (x_j - m_ja)(x_l - m_la), for those who answered both items j and l.

    Expanded: sum x_j x_l - m_ja (sum of x_l where j is answered) - the same with j and l exchanged
    + m_ja m_la (people who answered both), summed over atoms a. All sums over people are whole numbers; the
    atoms' means enter here, in the atoms' fixed order.
    """
    means = sums / np.maximum(counts, 1)
    crossed = np.zeros_like(products)
    squares = np.zeros_like(products)
    for item in range(len(products)):
        rows = slice(*np.searchsorted(gaps.item, (item, item + 1)))
        short = np.searchsorted(present, gaps.atom[rows])
        answered, people = sums.copy(), counts.copy()
        answered[short] -= gaps.sums[rows]
        people[short] -= gaps.counts[rows]
        crossed[item] = np.einsum("a,al->l", means[:, item], answered)
        squares[item] = np.einsum("a,al,al->l", means[:, item], means, people)
    within = products - crossed - crossed.T + squares
    return (within + within.T) / 2
