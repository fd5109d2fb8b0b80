"""Some responses of a pulse become whole numbers that add up, in whatever parts and order they are counted.

All that enters is a sum over people and below 2^53, hence exact; means are taken in the end, of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.unsignedinteger]
Bytes = npt.NDArray[np.uint8]

_CHUNK = 1 << 16
#: More than there may be units, and more than a band has values; and how many bands a cell's number has room for.
UNITS, VALUES, BANDS = 1 << 22, 256, 5


@dataclass(frozen=True)
class Asked:
    """What is asked of whom: the `points` of each of I items, which of them are `scored` (J), how many `values` each of
    B bands has. `places` holds each unit number's position in the roster, -1 where it has none, and `atom_of` for each
    position the nearest published unit at or above it, or -1: moments are taken within atoms.

    Raises ValueError where there are more units or bands than can be counted.
    """

    points: tuple[int, ...]
    scored: tuple[bool, ...]
    values: tuple[int, ...]
    places: Ints
    atom_of: Ints

    def __post_init__(self) -> None:
        if len(self.values) > BANDS or len(self.atom_of) >= UNITS:
            raise ValueError("more bands or units than a cell's number can hold")


@dataclass(frozen=True)
class Cells:
    """C cells that hold anybody, by unit and bands: `unit` is a position in the roster, `bands` (C x B) the position of
    each stated value from 1, 0 where none was stated, `n` how many people."""

    unit: Ints
    bands: Bytes
    n: Ints


@dataclass(frozen=True)
class Gaps:
    """K pairs of a scored item (`item` from 0 to J - 1) and an `atom` where somebody left it out, by item and atom;
    `sums` and `counts` (K x J) are of what those people answered to each scored item."""

    item: Ints
    atom: Ints
    sums: Ints
    counts: Ints


@dataclass(frozen=True)
class Partial:
    """Sums over some people, confidential. `histograms` (C x I x P) counts answers from the lowest point up, in the
    least room that holds the greatest cell; `products` (J x J) and `gaps` are of those in an atom, and a missing answer
    is 0."""

    cells: Cells
    histograms: Counts
    products: Floats
    gaps: Gaps


def partial(numbers: npt.NDArray[np.integer], answers: Bytes, bands: Bytes, asked: Asked) -> Partial:
    """Count R respondents by unit number, `answers` (R x I; 1 is the lowest point, 0 missing) and `bands` (R x B).

    Raises ValueError for a unit that is not in the roster, and for what nobody can answer or state.
    """
    if (answers > asked.points).any() or (bands > asked.values).any():
        raise ValueError("beyond what can be answered or stated")
    found, of = cells(placed(numbers, asked.places), bands)
    histograms = _histograms(of, answers, found.n, max(asked.points, default=0))
    atom = asked.atom_of[found.unit]
    inside, kept = atom[of] >= 0, answers[:, np.flatnonzero(asked.scored)]
    if not inside.all():
        of, kept = of[inside], kept[inside]
    return Partial(found, histograms, _products(kept), _gaps(atom, of, kept))


def placed(numbers: npt.NDArray[np.integer], places: Ints) -> Ints:
    """The position of each unit number. Raises ValueError where one has none."""
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < len(places)):
        raise ValueError("a unit that is not there")
    positions: Ints = places[numbers]
    if (positions < 0).any():
        raise ValueError("a unit that is not in the roster")
    return positions


def cells(units: Ints, bands: Bytes) -> tuple[Cells, Ints]:
    """The cells of R respondents, in the order of units and bands, and the cell of each respondent."""
    _, first, of, n = np.unique(numbered(units, bands), return_index=True, return_inverse=True, return_counts=True)
    return Cells(units[first], bands[first], n.astype(np.int64)), of.astype(np.int64)


def numbered(units: Ints, bands: Bytes) -> Ints:
    """A number for each unit with bands, in their order."""
    key = units
    for column in bands.T:
        key = key * VALUES + column
    return key


def _histograms(of: Ints, answers: Bytes, n: Ints, points: int) -> Counts:
    width = points + 1
    histograms = np.zeros((len(n), answers.shape[1], points), least(n))
    first = of * width
    for item in range(answers.shape[1]):
        counts = np.bincount(first + answers[:, item], minlength=len(n) * width)
        histograms[:, item] = counts.reshape(len(n), width)[:, 1:]
    return histograms


def least(n: Ints) -> np.dtype[np.unsignedinteger]:
    """The smallest kind of number that holds how many there are in each cell."""
    kind: np.dtype[np.unsignedinteger] = np.min_scalar_type(int(n.max(initial=0)))
    return kind


def _products(answers: Bytes) -> Floats:
    """Every pair's sum of products."""
    products = np.zeros((answers.shape[1], answers.shape[1]))
    for start in range(0, len(answers), _CHUNK):
        block = answers[start : start + _CHUNK].astype(np.float64)
        products += block.T @ block
    return products


def _gaps(atom: Ints, of: Ints, answers: Bytes) -> Gaps:
    """`atom` of each cell and `of` the cell of each respondent that has one."""
    present, rank = np.unique(atom, return_inverse=True)
    found = [_left_out(rank[of], answers, item, present) for item in range(answers.shape[1])]
    if not found:
        return Gaps(*(np.zeros(shape, np.int64) for shape in (0, 0, (0, 0), (0, 0))))
    return Gaps(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _left_out(group: Ints, answers: Bytes, item: int, present: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Of those who left one item out, by atom, the sum of their answers to each item and how many there are."""
    absent = answers[:, item] == 0
    group, answers = group[absent], answers[absent]
    some = np.flatnonzero(np.bincount(group, minlength=len(present)))
    sums = np.zeros((len(some), answers.shape[1]), np.int64)
    counts = np.zeros_like(sums)
    for other, column in enumerate(answers.T if len(some) else ()):
        sums[:, other] = np.bincount(group, weights=column, minlength=len(present))[some]
        counts[:, other] = np.bincount(group[column > 0], minlength=len(present))[some]
    return np.full(len(some), item, np.int64), present[some], sums, counts
