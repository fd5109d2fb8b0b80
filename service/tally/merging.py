"""Partials of some people each become the one of all of them, to the last bit."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from service.tally.partial import UNITS, Asked, Cells, Gaps, Ints, Partial, least, numbered, partial

Numbers = npt.NDArray[Any]


def merged(partials: Iterable[Partial], asked: Asked) -> Partial:
    """What one count of all their people comes to."""
    return reduce(_added, partials, _nobody(asked))


def _nobody(asked: Asked) -> Partial:
    answers, bands = (np.zeros((0, len(width)), np.uint8) for width in (asked.points, asked.values))
    return partial(np.zeros(0, np.int64), answers, bands, asked)


def _added(one: Partial, other: Partial) -> Partial:
    a, b = one.cells, other.cells
    both = _Meeting(numbered(a.unit, a.bands), numbered(b.unit, b.bands))
    n = both.summed(a.n, b.n, np.dtype(np.int64))
    return Partial(
        Cells(both.named(a.unit, b.unit), both.named(a.bands, b.bands), n),
        both.summed(one.histograms, other.histograms, least(n)),
        one.products + other.products,
        _joined(one.gaps, other.gaps),
    )


def _joined(a: Gaps, b: Gaps) -> Gaps:
    both = _Meeting(a.item * UNITS + a.atom, b.item * UNITS + b.atom)
    return Gaps(
        both.named(a.item, b.item),
        both.named(a.atom, b.atom),
        both.summed(a.sums, b.sums, np.dtype(np.int64)),
        both.summed(a.counts, b.counts, np.dtype(np.int64)),
    )


class _Meeting:
    """The rows of two tables by key, of which each has none twice, in the table of both."""

    def __init__(self, one: Ints, other: Ints) -> None:
        _, self._first, at = np.unique(np.concatenate((one, other)), return_index=True, return_inverse=True)
        self._one, self._other = at[: len(one)], at[len(one) :]

    def named(self, one: Numbers, other: Numbers) -> Numbers:
        return np.concatenate((one, other))[self._first]

    def summed(self, one: Numbers, other: Numbers, kind: np.dtype[Any]) -> Numbers:
        sums = np.zeros((len(self._first), *one.shape[1:]), kind)
        sums[self._one] += one
        sums[self._other] += other
        return sums
