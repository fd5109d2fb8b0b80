"""What a table is: columns that say what they hold, and rows of values in that order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

#: `integers` is a short list of whole numbers. Every type may be null.
ColumnType = Literal["text", "integer", "number", "date", "integers", "boolean"]
Value = str | int | float | date | tuple[int, ...] | bool | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """`unit` is what one of the values counts or measures, empty where it is a name."""

    name: str
    type: ColumnType
    unit: str
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """Long form: one row a unit, pulse and measure. Each row has a value for each column."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Row] = ()

    def position(self, column: str) -> int:
        """Where this column's value stands in a row. Raises ValueError when there is no such column."""
        return [it.name for it in self.columns].index(column)
