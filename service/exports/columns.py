"""Every table there is, and the dictionary that describes them."""

from __future__ import annotations

from service.exports.group_columns import ARCHETYPES, CLUSTERS, DRIVERS
from service.exports.lens_columns import COORDINATION, INTERDEPENDENCE
from service.exports.quality_columns import AGREEMENT, ITEMS, QUALITY
from service.exports.score_columns import HEATMAP, PARTICIPATION, RESULTS
from service.exports.table import Column, Table
from service.exports.trend_columns import ALERTS, CHANGES, TRENDS

DICTIONARY = Table(
    "dictionary",
    (
        Column("table", "text", "", "Name of the table."),
        Column("column", "text", "", "Name of the column."),
        Column(
            "type",
            "text",
            "",
            "text, integer, number, date (year-month-day), boolean, or integers: a list, in CSV with | between them. "
            "In Parquet and Arrow: string (in Arrow by way of a dictionary), int64, double, date32, bool, and a list "
            "of int64; the unit and the description go with each column as its metadata, null is null.",
        ),
        Column("unit", "text", "", "What a value counts or measures; empty for names."),
        Column("description", "text", "", "What the column means and how it is computed."),
    ),
)

#: All of them, in the order of the dictionary.
TABLES = (
    RESULTS,
    HEATMAP,
    PARTICIPATION,
    TRENDS,
    CHANGES,
    ALERTS,
    CLUSTERS,
    ARCHETYPES,
    QUALITY,
    ITEMS,
    AGREEMENT,
    DRIVERS,
    INTERDEPENDENCE,
    COORDINATION,
    DICTIONARY,
)
TABLE = {table.name: table for table in TABLES}
