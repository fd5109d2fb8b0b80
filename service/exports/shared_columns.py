"""Columns that several tables have, said once."""

from __future__ import annotations

from service.exports.table import Column

PULSE = Column("pulse", "text", "", "Id of the pulse.")
UNIT = Column("unit", "text", "", "Id of the unit: a team, or a larger part with everything below it.")
UNIT_NAME = Column("unit_name", "text", "", "The unit's name in the roster of that pulse.")
BLOCK = Column("block", "text", "", "Id of the building block or lens.")
STATUS = Column(
    "status",
    "text",
    "",
    "ok; suppressed: the release withholds it, and does not say why; insufficient: too little to compute. "
    "Every figure of the row is null unless this is ok.",
)
OF_SCORE = (
    "ok; bound: everybody answered so alike that the exact figure would tell on somebody; only a bound is shown, in "
    "at_least and at_most, with n and the interval; suppressed: the release withholds it, and does not say why; "
    "insufficient: too little to compute. Every other figure of the row is null unless this is ok."
)
SCORE_STATUS = Column("status", "text", "", OF_SCORE)
N = Column(
    "n",
    "integer",
    "respondents",
    "Respondents of the unit with everything below it; for an item those who answered it.",
)
SCORE = Column(
    "score",
    "number",
    "points, 0 to 100",
    "Item: 100 (mean - lowest point) / (highest - lowest), reverse items keyed first. Block: the unweighted mean of "
    "its items' scores, which is the mean over persons when everybody answers everything; with missing answers a "
    "mean over persons, beside the item figures, would give away the one who skipped. "
    "Null for an item that is a choice between kinds.",
)
LOW = Column(
    "low",
    "number",
    "points, 0 to 100",
    "Lower end of the 95 % interval: score - t s / sqrt(n), not below 0. s is how far people scatter within teams, "
    "pooled over the organisation, never the team's own scatter, which would give the few who happen to agree an "
    "interval of no width. A block takes the least n of its items. Of a bound: the lower end at at_least.",
)
HIGH = Column(
    "high",
    "number",
    "points, 0 to 100",
    "Upper end of the 95 % interval, not above 100; see low. Of a bound: the upper end at at_most.",
)
AT_LEAST = Column(
    "at_least",
    "number",
    "points, 0 to 100",
    "Of a bound: the least the score can be, given what is released. Block: the unweighted mean of the least its "
    "items' scores can be. Null unless status is bound.",
)
AT_MOST = Column("at_most", "number", "points, 0 to 100", "Of a bound: the most the score can be; see at_least.")
METHOD = Column("method", "text", "", "Version of the method: another one may give other figures.")
