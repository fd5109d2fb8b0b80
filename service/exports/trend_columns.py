"""The tables of trends and changes: what each column means."""

from __future__ import annotations

from service.exports.shared_columns import (
    AT_LEAST,
    AT_MOST,
    BLOCK,
    HIGH,
    LOW,
    METHOD,
    OF_SCORE,
    PULSE,
    SCORE,
    STATUS,
    UNIT,
    UNIT_NAME,
    N,
)
from service.exports.table import Column, Table

#: How wide the intervals of the model are.
INTERVAL = "90 %"

_OF_CHANGE = (
    Column(
        "verdict",
        "text",
        "",
        "improved, declined, no_change: no detectable change, which is not the same as none, see "
        "minimum_detectable_change; not_enough: too few pulses or people to tell.",
    ),
    Column(
        "change",
        "number",
        "points",
        "The change of the climate that the verdict is about, the organisation's own course taken out: what moves all "
        "moves no one unit. That course is the change of the unit at the top.",
    ),
    Column(
        "low",
        "number",
        "points",
        f"Lower end of its {INTERVAL} interval, which is as wide as that of the total change: a little too wide.",
    ),
    Column("high", "number", "points", f"Upper end of its {INTERVAL} interval."),
    Column("total", "number", "points", "The change with the organisation's course in it."),
    Column("since", "text", "", "Id of the pulse the change is counted from."),
    Column(
        "test",
        "text",
        "",
        "What found it: shift (a jump of the level within the last three pulses) or span (a difference over 3, 6 or 12 "
        "pulses); with a comma between where both did, null where none.",
    ),
    Column(
        "q",
        "number",
        "",
        "Of the shift: the least share of chance findings at which it would still be told, over all units and blocks "
        "of the same level of the tree (Benjamini and Hochberg).",
    ),
    Column("false_sign_rate", "number", "", "Of the spans: how likely the change went the other way, or nowhere."),
    Column(
        "minimum_detectable_change",
        "number",
        "points",
        "A true change this large, if it lasts, is found in four cases of five by the third pulse after it; sooner it "
        "has to be larger.",
    ),
)

TRENDS = Table(
    "trends",
    (
        Column("series", "text", "", "Name of the series of pulses."),
        UNIT,
        UNIT_NAME,
        BLOCK,
        PULSE,
        Column("label", "text", "", "The pulse's name for people."),
        Column("date", "date", "day", "Day the pulse closed."),
        Column(
            "status",
            "text",
            "",
            f"{OF_SCORE} A bound takes part in the model by the middle of its range and has what that says. "
            "Suppressed here is also a point since whose last shown predecessor a few people, fewer than the "
            "threshold, joined or left the unit: the step from one point to the next would tell of these few.",
        ),
        N,
        SCORE,
        LOW,
        HIGH,
        AT_LEAST,
        AT_MOST,
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
        Column(
            "comparison_group",
            "integer",
            "group",
            "Pulses with the same number are tied by shared items, directly or by way of other pulses; those with "
            "another number ask nothing in common, and no level is compared across. Null where nothing was asked.",
        ),
        Column(
            "adjusted",
            "number",
            "points",
            "The score less what the items of this pulse add compared with all items of the block, which is estimated "
            "from the whole organisation. The same as score where every pulse asks the same items; at the ends it may "
            "pass 0 or 100 a little. Of a bound: from its middle.",
        ),
        Column(
            "smoothed",
            "number",
            "points",
            "This team now: what the people who were in it would say, all of them and without the chance of the day, "
            "given all pulses up to the newest. From a state-space model whose variances are pooled over units.",
        ),
        Column("smoothed_low", "number", "points", f"Lower end of the {INTERVAL} interval of smoothed."),
        Column("smoothed_high", "number", "points", f"Upper end of the {INTERVAL} interval of smoothed."),
        Column(
            "climate",
            "number",
            "points",
            "The team's climate, apart from who happens to be in it: what to compare teams and times by.",
        ),
        Column("climate_low", "number", "points", f"Lower end of the {INTERVAL} interval of climate."),
        Column("climate_high", "number", "points", f"Upper end of the {INTERVAL} interval of climate."),
        Column(
            "surprise",
            "number",
            "standard errors",
            "How far the score lies from what the pulses before it led to expect. Beyond 2.5 the smoothed figures "
            "around it are too sure of themselves: look at the score.",
        ),
        Column(
            "break",
            "text",
            "",
            "What stands between this point and those before, with a comma between several: shift (the level jumped), "
            "reorganised (the unit was made of other units before: its borders moved), reworded (an item came back in "
            "other words), incomparable (no items in common with the pulse before).",
        ),
        Column(
            "verdict",
            "text",
            "",
            "At the newest pulse, as in the table changes: improved, declined, no_change (no detectable change) or "
            "not_enough (too little to tell), of the unit as it is now. Null at earlier pulses, whose verdicts stand "
            "in their own alerts.",
        ),
        Column(
            "view",
            "text",
            "",
            "then: the unit as it was in each pulse. now: a unit that was renamed or merged since, followed back "
            "through the units it was made of, as far as their released figures add up.",
        ),
        METHOD,
    ),
)

CHANGES = Table(
    "changes",
    (
        PULSE,
        UNIT,
        UNIT_NAME,
        BLOCK,
        STATUS,
        *_OF_CHANGE,
        Column(
            "tipping",
            "number",
            "points",
            "How far those who did not answer this pulse would have to lie from those who did, for the total change "
            "among all who could answer to vanish. Null where everybody answered, or a headcount is withheld.",
        ),
        METHOD,
    ),
)

ALERTS = Table(
    "alerts",
    (
        PULSE,
        Column("kind", "text", "", "summary: how many were looked at; alert: one of them."),
        UNIT,
        UNIT_NAME,
        BLOCK,
        *_OF_CHANGE,
        Column(
            "tested", "integer", "units x blocks", "Of a summary: how many units and blocks had enough to be tested."
        ),
        Column("alerts", "integer", "units x blocks", "Of a summary: how many of them are alerts."),
        Column(
            "expected_false",
            "number",
            "share",
            "Of a summary: the share of alerts that is expected to be chance, at most, whatever the number tested: "
            "level shifts by Benjamini and Hochberg at 10 % in each level of the tree and spans by a local false sign "
            "rate of at most 5 %, should the two be wrong about different ones.",
        ),
        METHOD,
    ),
)
