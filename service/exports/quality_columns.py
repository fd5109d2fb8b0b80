"""The tables of how well an instrument measures: what each column means."""

from __future__ import annotations

from service.exports.shared_columns import BLOCK, METHOD, PULSE, STATUS, UNIT, UNIT_NAME
from service.exports.table import Column, Table

_ENDS = "of the 95 % interval."

QUALITY = Table(
    "quality",
    (
        PULSE,
        BLOCK,
        Column(
            "status",
            "text",
            "",
            "ok; insufficient: fewer than two groups, groups that do not differ, or the release does not tell how "
            "people scatter. Unless this is ok every figure is null but those of agreement (agreement_teams, rwg_j, "
            "beyond_chance), which need nothing but distributions.",
        ),
        Column(
            "verdict",
            "text",
            "",
            "Whether a score may be read as the team's. aggregate: yes; caution: a single team's is uncertain; "
            "individual: it says more of who answered; insufficient: too little to tell. By ICC(1)'s interval and "
            "ICC(2) (.7, .5), never by agreement.",
        ),
        Column("n", "integer", "respondents", "Respondents in the groups compared."),
        Column(
            "groups",
            "integer",
            "atoms",
            "Groups compared: each published unit without the published units below it, so that nobody counts twice.",
        ),
        Column("n0", "number", "respondents", "Group size adjusted for groups not being alike."),
        Column("alpha", "number", "", "Cronbach's alpha of the block's items over all respondents."),
        Column("alpha_low", "number", "", f"Lower end {_ENDS} Feldt (1965)."),
        Column("alpha_high", "number", "", f"Upper end {_ENDS}"),
        Column("omega", "number", "", "McDonald's omega of one factor, by maximum likelihood."),
        Column("heywood", "boolean", "", "Whether an item is left a variance below zero: then distrust omega."),
        Column("alpha_within", "number", "", "Alpha of how people differ from their team."),
        Column("alpha_between", "number", "", "Alpha of how teams differ, the noise of small teams taken out."),
        Column("omega_within", "number", "", "Omega of how people differ from their team."),
        Column(
            "icc1",
            "number",
            "",
            "ICC(1), the share of a person's score that lies between groups: (MSB - MSW) / (MSB + (k - 1) MSW), "
            "k = n / groups; below zero where groups differ less than chance would make them.",
        ),
        Column("icc1_low", "number", "", f"Lower end {_ENDS} From F."),
        Column("icc1_high", "number", "", f"Upper end {_ENDS}"),
        Column("icc1_n0", "number", "", "ICC(1) with k = n0."),
        Column("icc1_reml", "number", "", "ICC(1) by restricted maximum likelihood, never below zero."),
        Column("icc2", "number", "", "ICC(2), the reliability of a group's mean: (MSB - MSW) / MSB."),
        Column("icc2_low", "number", "", f"Lower end {_ENDS} From F."),
        Column("icc2_high", "number", "", f"Upper end {_ENDS}"),
        Column("agreement_teams", "integer", "teams", "Teams whose distributions are released for all items."),
        Column("rwg_j", "number", "", "Median of rwg(j) over these teams, against a uniform null."),
        Column("beyond_chance", "number", "share", "How many of them agree more than 95 % of random teams would."),
        METHOD,
    ),
)

ITEMS = Table(
    "items",
    (
        PULSE,
        BLOCK,
        Column("item", "text", "", "Id of the item."),
        STATUS,
        Column(
            "verdict",
            "text",
            "",
            "fine; weak: goes too little with the rest of its block (r below .3); floor, ceiling: too many at an end; "
            "insufficient.",
        ),
        Column("n", "integer", "respondents", "Who answered it."),
        Column("mean", "number", "points, 0 to 100", "Over all respondents in published units."),
        Column("sd", "number", "points", "Standard deviation over persons."),
        Column("item_rest_r", "number", "", "Correlation with the sum of the block's other items."),
        Column("alpha_if_dropped", "number", "", "The block's alpha without it."),
        Column("icc1", "number", "", "ICC(1) of the item."),
        Column("floor", "number", "share", "Answers at the lowest point, where distributions are released."),
        Column("ceiling", "number", "share", "Answers at the highest point, where distributions are released."),
        Column(
            "drift",
            "boolean",
            "",
            "Whether over the series it went its own way, away from the rest of its block: a sign that it is read "
            "anew. By an F test in each, Benjamini and Hochberg at 5 % over all items. Null where that is untold.",
        ),
        METHOD,
    ),
)

AGREEMENT = Table(
    "agreement",
    (
        PULSE,
        UNIT,
        UNIT_NAME,
        BLOCK,
        STATUS,
        Column("n", "integer", "respondents", "Who answered the least answered of the block's items."),
        Column("rwg_j", "number", "", "rwg(j) against a uniform null; 1 when all agree."),
        Column("r_star", "number", "", "r*wg(j), which does not grow with the number of items."),
        Column("ad", "number", "points", "Average absolute deviation from the items' means."),
        Column("a_wg", "number", "", "a_wg, agreement given the mean: 1 when all agree, -1 when split to the ends."),
        Column("critical", "number", "", "rwg(j) that 95 % of teams of this size stay below when answering at random."),
        Column("beyond_chance", "boolean", "", "Whether rwg(j) lies above that."),
        Column("sd", "number", "points", "Scatter within the team, drawn towards that of all teams as in limma."),
        Column(
            "divided",
            "boolean",
            "",
            "Whether the team scatters more than teams do, after Benjamini and Hochberg at 5 % over all teams.",
        ),
        METHOD,
    ),
)
