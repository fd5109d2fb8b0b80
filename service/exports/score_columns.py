"""The tables of scores and of who answered: what each column means."""

from __future__ import annotations

from service.exports.shared_columns import (
    AT_LEAST,
    AT_MOST,
    BLOCK,
    HIGH,
    LOW,
    PULSE,
    SCORE,
    SCORE_STATUS,
    STATUS,
    UNIT,
    UNIT_NAME,
    N,
)
from service.exports.table import Column, Table

RESULTS = Table(
    "results",
    (
        PULSE,
        UNIT,
        UNIT_NAME,
        BLOCK,
        Column("item", "text", "", "Id of the item; null in the row of the whole block."),
        Column(
            "by",
            "text",
            "",
            "The attributes respondents stated that the row is read by, with a comma between two; null where it counts "
            "everybody in the unit.",
        ),
        Column(
            "band",
            "text",
            "",
            "The values of these attributes, in the same order: only who stated them is counted, n included. All "
            "declared values are listed in every unit, so that which ones are there tells nothing.",
        ),
        SCORE_STATUS,
        N,
        SCORE,
        LOW,
        HIGH,
        AT_LEAST,
        AT_MOST,
        Column(
            "mean",
            "number",
            "scale units",
            "Item: mean of keyed answers. Block: mean of its items' means, null where the items differ in scale.",
        ),
        Column(
            "favourability",
            "number",
            "percent",
            "Share of keyed answers at or above three quarters of the scale (4 and 5 of 1 to 5). Block: of all "
            "answers to its items together. Null where any of these counts is withheld, as those of items shown by "
            "band are.",
        ),
        Column(
            "distribution",
            "integers",
            "answers",
            "Item: keyed answers at each point of the scale from the lowest up, where the release shows them.",
        ),
        Column(
            "interval_basis",
            "text",
            "",
            "pooled: s comes from the release's pooled moments, with respondents - atoms degrees of freedom. bound: "
            "the organisation is too small to release them, so s is the greatest the scale allows (50 points, "
            "Popoviciu) and the quantile normal.",
        ),
        Column(
            "minimum_detectable_change",
            "number",
            "points",
            "The least true change between two pulses with as many respondents as this that a 95 % interval of the "
            "change would miss zero for in four cases of five: (t at .975 + t at .80) s sqrt(2 / n).",
        ),
        Column(
            "against_organisation",
            "number",
            "points",
            "This score less that of everybody in the topmost units that show it; null in these units themselves, "
            "where only a bound is shown, and for keys bound to a part of the organisation.",
        ),
        Column(
            "against_organisation_low",
            "number",
            "points",
            "Lower end of the 95 % interval of that difference; its variance is s2 (1 / n - 1 / N), since the whole "
            "holds the part.",
        ),
        Column("against_organisation_high", "number", "points", "Upper end of that interval."),
        Column(
            "against_parent",
            "number",
            "points",
            "This score less that of the unit above with everything below it; null for keys that may not see that one.",
        ),
        Column("against_parent_low", "number", "points", "Lower end of the 95 % interval of that difference."),
        Column("against_parent_high", "number", "points", "Upper end of that interval."),
    ),
)

HEATMAP = Table(
    "heatmap",
    (
        PULSE,
        UNIT,
        UNIT_NAME,
        Column("parent", "text", "", "Id of the unit above, where that is in this table."),
        Column("depth", "integer", "levels", "How many units of this table stand above."),
        BLOCK,
        SCORE_STATUS,
        N,
        SCORE,
        LOW,
        HIGH,
        AT_LEAST,
        AT_MOST,
    ),
)

PARTICIPATION = Table(
    "participation",
    (
        PULSE,
        UNIT,
        UNIT_NAME,
        STATUS,
        Column(
            "n",
            "integer",
            "respondents",
            "Respondents of the unit with everything below it; while a pulse runs, in whole steps of its threshold.",
        ),
        Column("headcount", "integer", "people", "People who could answer, in the roster fixed at opening."),
        Column("rate", "number", "percent", "100 n / headcount."),
    ),
)
