"""The data dictionary: a table of the columns of every table, its own included."""

from __future__ import annotations

from dataclasses import replace

from service.errors import Fault, InvalidQuery
from service.exports.columns import DICTIONARY, TABLE, TABLES
from service.exports.table import Table


def dictionary(only: str | None = None) -> Table:
    """Of all tables, or of one. Raises InvalidQuery where there is none of that name."""
    if only is not None and only not in TABLE:
        raise InvalidQuery([Fault("table", f"must be one of {', '.join(TABLE)}")])
    return replace(
        DICTIONARY,
        rows=[
            (table.name, column.name, column.type, column.unit, column.description)
            for table in TABLES
            if only in (None, table.name)
            for column in table.columns
        ],
    )
