"""The tables of archetypes and of what goes with what: what each column means."""

from __future__ import annotations

from service.exports.shared_columns import BLOCK, METHOD, PULSE, STATUS, UNIT, UNIT_NAME
from service.exports.table import Column, Table

_VERDICT = Column(
    "verdict",
    "text",
    "",
    "structure: teams fall into archetypes; level_only: they differ by little more than their level; no_structure: one "
    "population with the same units above its teams makes as much by chance; insufficient: too few teams or blocks.",
)
_ARCHETYPE = Column(
    "archetype",
    "text",
    "",
    "Letter of the archetype, the same from pulse to pulse as long as it can be recognised. It is no grade.",
)
_LABEL = Column("label", "text", "", "The archetype in words: its level and the two blocks that set it apart most.")

CLUSTERS = Table(
    "clusters",
    (
        PULSE,
        UNIT,
        UNIT_NAME,
        Column(
            "status",
            "text",
            "",
            "ok; unclear: no archetype is likely enough; insufficient: too little of it is known; suppressed: the "
            "release withholds the team, and earlier ones tell too little.",
        ),
        _VERDICT,
        _ARCHETYPE,
        _LABEL,
        Column(
            "probability",
            "number",
            "",
            "How likely the team is of that archetype, given how surely its scores are known. Below .7 "
            "status is unclear and no archetype is named.",
        ),
        METHOD,
    ),
)

ARCHETYPES = Table(
    "archetypes",
    (
        PULSE,
        _VERDICT,
        Column("teams", "integer", "teams", "Teams with a whole profile."),
        Column("pulses", "integer", "pulses", "Pulses the profiles look back over, at most six."),
        Column("archetypes", "integer", "archetypes", "How many there are; 1 where there is no structure."),
        Column(
            "p_value",
            "number",
            "",
            "How often one population with the same units above its teams makes as much structure by chance; null "
            "where one population fits best from the start.",
        ),
        Column(
            "stability",
            "number",
            "",
            "Adjusted Rand index of archetypes found again in resampled teams, 1 when always the same.",
        ),
        Column(
            "elevation_share",
            "number",
            "share",
            "How much of what separates the archetypes is the mean over blocks; above .85 the verdict is level_only.",
        ),
        _ARCHETYPE,
        _LABEL,
        Column("size", "number", "teams", "Expected number of teams of this archetype."),
        BLOCK,
        Column("profile", "number", "points", "The archetype's score in this block less the organisation's mean."),
        METHOD,
    ),
)

DRIVERS = Table(
    "drivers",
    (
        PULSE,
        Column("outcome", "text", "", "Id of the block whose differences between teams are to be accounted for."),
        BLOCK,
        STATUS,
        Column(
            "share",
            "number",
            "share",
            "How much of what the other blocks account for goes with this one: Shapley shares of R2 (LMG) on the "
            "latent covariance between teams, that is without the noise of small teams. They add up to 1. It tells "
            "what goes with what, not what causes what.",
        ),
        Column("low", "number", "share", "Lower end of the 95 % interval, by bootstrap over teams."),
        Column("high", "number", "share", "Upper end of the 95 % interval."),
        Column("correlation", "number", "", "Latent correlation of the two blocks between teams."),
        Column("r2", "number", "share", "How much of the outcome's differences the other blocks account for together."),
        Column("teams", "integer", "teams", "Teams (published units without those below them); at least 100."),
        METHOD,
    ),
)
