"""Sparse linear algebra over a prime field: which rows depend on which, and what is left of a row without others."""

from __future__ import annotations

from collections.abc import Iterable

#: A Mersenne prime far above any count: a reduced figure that is a small whole number is the figure itself.
PRIME = 2**61 - 1

#: Coefficients by column; none is 0.
Row = dict[int, int]


def subtract(row: Row, times: int, other: Iterable[tuple[int, int]]) -> None:
    """Take `times` the entries of `other` from `row`, in place."""
    for column, value in other:
        left = (row.get(column, 0) - times * value) % PRIME
        if left:
            row[column] = left
        else:
            row.pop(column, None)


def scaled(row: Row, times: int) -> Row:
    return {column: value * times % PRIME for column, value in row.items()}


class Basis:
    """Independent rows, each known by its pivot: its greatest column, with coefficient 1, kept out of `rows`.

    Where columns are numbered from the root down, the greatest column is the deepest group, and a row only ever
    grows upwards: it stays as short as the tree is deep.
    """

    __slots__ = ("rows",)

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows: dict[int, Row] = {}
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> bool:
        """Keep the row if it is independent of those kept; whether it was."""
        rest, rows = dict(row), self.rows
        while rest:
            pivot = max(rest)
            value = rest.pop(pivot)
            if pivot not in rows:
                rows[pivot] = rest if value == 1 else scaled(rest, pow(value, -1, PRIME))
                return True
            subtract(rest, value, rows[pivot].items())
        return False

    def remainder(self, row: Row) -> Row:
        """The row modulo the rows kept, without any of their pivots: empty if it depends on them."""
        rows = self.rows
        if rows.keys().isdisjoint(row):
            return row
        rest, left = dict(row), {}
        while rest:
            column = max(rest)
            value = rest.pop(column)
            if column in rows:
                subtract(rest, value, rows[column].items())
            else:
                left[column] = value
        return left
