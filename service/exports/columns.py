"""Every table there is and what each of its columns means: the one place that says so."""

from __future__ import annotations

from service.exports.table import Column, Table

_PULSE = Column("pulse", "text", "", "Id of the pulse.")
_UNIT = Column("unit", "text", "", "Id of the unit: a team, or a larger part with everything below it.")
_UNIT_NAME = Column("unit_name", "text", "", "The unit's name in the roster of that pulse.")
_BLOCK = Column("block", "text", "", "Id of the building block or lens.")
_STATUS = Column(
    "status",
    "text",
    "",
    "ok; suppressed: the release withholds it, and does not say why; insufficient: too little to compute. "
    "Every figure of the row is null unless this is ok.",
)
_OF_SCORE = (
    "ok; bound: everybody answered so alike that the exact figure would tell on somebody; only a bound is shown, in "
    "at_least and at_most, with n and the interval; suppressed: the release withholds it, and does not say why; "
    "insufficient: too little to compute. Every other figure of the row is null unless this is ok."
)
_SCORE_STATUS = Column("status", "text", "", _OF_SCORE)
_N = Column(
    "n",
    "integer",
    "respondents",
    "Respondents of the unit with everything below it; for an item those who answered it.",
)
_SCORE = Column(
    "score",
    "number",
    "points, 0 to 100",
    "Item: 100 (mean - lowest point) / (highest - lowest), reverse items keyed first. Block: the unweighted mean of "
    "its items' scores, which is the mean over persons when everybody answers everything; with missing answers a "
    "mean over persons, beside the item figures, would give away the one who skipped. "
    "Null for an item that is a choice between kinds.",
)
_LOW = Column(
    "low",
    "number",
    "points, 0 to 100",
    "Lower end of the 95 % interval: score - t s / sqrt(n), not below 0. s is how far people scatter within teams, "
    "pooled over the organisation, never the team's own scatter, which would give the few who happen to agree an "
    "interval of no width. A block takes the least n of its items. Of a bound: the lower end at at_least.",
)
_HIGH = Column(
    "high",
    "number",
    "points, 0 to 100",
    "Upper end of the 95 % interval, not above 100; see low. Of a bound: the upper end at at_most.",
)
_AT_LEAST = Column(
    "at_least",
    "number",
    "points, 0 to 100",
    "Of a bound: the least the score can be, given what is released. Block: the unweighted mean of the least its "
    "items' scores can be. Null unless status is bound.",
)
_AT_MOST = Column("at_most", "number", "points, 0 to 100", "Of a bound: the most the score can be; see at_least.")

RESULTS = Table(
    "results",
    (
        _PULSE,
        _UNIT,
        _UNIT_NAME,
        _BLOCK,
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
        _SCORE_STATUS,
        _N,
        _SCORE,
        _LOW,
        _HIGH,
        _AT_LEAST,
        _AT_MOST,
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
            "This score less that of everybody in the topmost units that show it; null in these units themselves and "
            "where only a bound is shown.",
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
            "This score less that of the unit above with everything below it; null for keys that may not see that unit.",
        ),
        Column("against_parent_low", "number", "points", "Lower end of the 95 % interval of that difference."),
        Column("against_parent_high", "number", "points", "Upper end of that interval."),
    ),
)

TRENDS = Table(
    "trends",
    (
        Column("series", "text", "", "Name of the series of pulses."),
        _UNIT,
        _UNIT_NAME,
        _BLOCK,
        _PULSE,
        Column("label", "text", "", "The pulse's name for people."),
        Column("date", "date", "day", "Day the pulse closed."),
        Column(
            "status",
            "text",
            "",
            f"{_OF_SCORE} Suppressed here is also a point since whose last shown predecessor a few people, fewer than "
            "the threshold, joined or left the unit: the step from one point to the next would tell of these few.",
        ),
        _N,
        _SCORE,
        _LOW,
        _HIGH,
        _AT_LEAST,
        _AT_MOST,
        Column(
            "change",
            "number",
            "points",
            "From the previous point of this unit and block that is ok, over the items both pulses asked in the same "
            "words. Not a verdict: with many teams many changes lie outside zero by chance, and nothing here "
            "corrects for how many are looked at.",
        ),
        Column(
            "change_low",
            "number",
            "points",
            "Lower end of the 95 % interval of the change, the errors of the two pulses taken as independent; "
            "degrees of freedom by Welch and Satterthwaite.",
        ),
        Column("change_high", "number", "points", "Upper end of the 95 % interval of the change."),
        Column(
            "minimum_detectable_change",
            "number",
            "points",
            "(t at .975 + t at .80) x standard error of the change: a true change this large would be told from "
            "none in four cases of five, were this the only comparison.",
        ),
        Column(
            "comparable",
            "boolean",
            "",
            "Whether this pulse and that of the previous point that is ok share items in the same words; null where "
            "there is no such point.",
        ),
    ),
)

HEATMAP = Table(
    "heatmap",
    (
        _PULSE,
        _UNIT,
        _UNIT_NAME,
        Column("parent", "text", "", "Id of the unit above, where that is in this table."),
        Column("depth", "integer", "levels", "How many units of this table stand above."),
        _BLOCK,
        _SCORE_STATUS,
        _N,
        _SCORE,
        _LOW,
        _HIGH,
        _AT_LEAST,
        _AT_MOST,
    ),
)

PARTICIPATION = Table(
    "participation",
    (
        _PULSE,
        _UNIT,
        _UNIT_NAME,
        _STATUS,
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

QUALITY = Table(
    "quality",
    (
        _PULSE,
        _BLOCK,
        _STATUS,
        Column("n", "integer", "respondents", "Respondents in the groups compared."),
        Column(
            "groups",
            "integer",
            "atoms",
            "Groups compared: each published unit without the published units below it, so that nobody counts twice.",
        ),
        Column(
            "icc1",
            "number",
            "",
            "ICC(1), the share of a person's score that lies between groups: (MSB - MSW) / (MSB + (k - 1) MSW), "
            "k = n / groups; below zero where groups differ less than chance would make them.",
        ),
        Column("icc2", "number", "", "ICC(2), the reliability of a group's mean: (MSB - MSW) / MSB."),
    ),
)

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
TABLES = (RESULTS, TRENDS, HEATMAP, PARTICIPATION, QUALITY, DICTIONARY)
TABLE = {table.name: table for table in TABLES}
