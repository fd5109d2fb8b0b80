"""Linear equations over a prime field, kept in echelon form: what is spanned, and what numbers are left free."""

from __future__ import annotations

from collections.abc import Mapping

#: A Mersenne prime: sums of a few products of small numbers are zero modulo it only when they are zero.
PRIME = 2**61 - 1

#: Coefficients by coordinate, none of them zero.
Row = dict[int, int]


class Echelon:
    """Rows by their greatest coordinate, which has the coefficient 1."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}

    def copied(self) -> Echelon:
        """Another to add to. Rows are never changed once they stand, so both share them."""
        copy = Echelon()
        copy.rows.update(self.rows)
        return copy

    def add(self, row: Row) -> bool:
        """Whether the row is new to what is spanned; if so it is spanned now."""
        left = dict(row)
        while left:
            pivot = max(left)
            known = self.rows.get(pivot)
            if known is None:
                inverse = pow(left[pivot], -1, PRIME)
                self.rows[pivot] = {at: value * inverse % PRIME for at, value in left.items()}
                return True
            _subtract(left, known, left[pivot])
        return False

    def reduced(self, row: Row) -> Row:
        """The one row that differs from it by what is spanned and has none of the pivots."""
        left = dict(row)
        while (pivot := max((at for at in left if at in self.rows), default=None)) is not None:
            _subtract(left, self.rows[pivot], left[pivot])
        return left


class Functional:
    """Numbers y for coordinates such that every row of the echelons sums to zero: `free` says those that are free.

    Later echelons hold rows reduced by the earlier ones.
    """

    def __init__(self, echelons: tuple[Echelon, ...], free: Mapping[int, int]) -> None:
        self._echelons, self._known = echelons, dict(free)

    def __call__(self, at: int) -> int:
        if at not in self._known:
            row = next((it.rows[at] for it in self._echelons if at in it.rows), {})
            self._known[at] = -sum(value * self(other) for other, value in row.items() if other != at) % PRIME
        return self._known[at]


def _subtract(row: Row, other: Row, times: int) -> None:
    for at, value in other.items():
        left = (row.get(at, 0) - times * value) % PRIME
        if left:
            row[at] = left
        else:
            row.pop(at, None)
