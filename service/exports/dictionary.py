"""The data dictionary: a table of the columns of every table, its own included."""

from __future__ import annotations

from dataclasses import replace

from service.exports.columns import DICTIONARY, TABLES
from service.exports.table import Table


def dictionary() -> Table:
    return replace(
        DICTIONARY,
        rows=[
            (table.name, column.name, column.type, column.unit, column.description)
            for table in TABLES
            for column in table.columns
        ],
    )
