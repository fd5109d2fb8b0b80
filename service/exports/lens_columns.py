"""The tables of the lenses: what each column means."""

from __future__ import annotations

from service.exports.shared_columns import METHOD, PULSE, STATUS, UNIT, UNIT_NAME, N
from service.exports.table import Column, Table


def _pole(name: str, words: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}", "number", "points, 0 to 100", f"{words}: more is more of it."),
        Column(f"{name}_low", "number", "points, 0 to 100", "Lower end of its 95 % interval."),
        Column(f"{name}_high", "number", "points, 0 to 100", "Upper end of its 95 % interval."),
    )


INTERDEPENDENCE = Table(
    "interdependence",
    (
        PULSE,
        UNIT,
        UNIT_NAME,
        Column(
            "status",
            "text",
            "",
            "Of the quadrant. ok; bound: of a pole only a bound is released; suppressed: the release withholds a pole, "
            "and does not say why; insufficient: too little to compute, or the release does not tell how people "
            "scatter. Unless this is ok the quadrant and its four probabilities are null; the poles are shown wherever "
            "they are released, of a bound only its interval.",
        ),
        *_pole("over_reliance", "Carrying what belongs to others"),
        *_pole("isolation", "Going it alone"),
        Column("dependent", "number", "", "How likely over-reliance lies above the middle and isolation below."),
        Column("interdependent", "number", "", "How likely both lie above the middle."),
        Column("inter_independent", "number", "", "How likely both lie below the middle."),
        Column("detached", "number", "", "How likely isolation lies above the middle and over-reliance below."),
        Column(
            "quadrant",
            "text",
            "",
            "dependent, interdependent, inter-independent or detached, where that is at least .7 likely; else null. "
            "The two poles are never made one number.",
        ),
        METHOD,
    ),
)

COORDINATION = Table(
    "coordination",
    (
        PULSE,
        UNIT,
        UNIT_NAME,
        STATUS,
        N,
        Column("work", "text", "", "How work hangs together for most: pooled, sequential or reciprocal."),
        Column("work_agreed", "number", "percent", "Who says so; below 60 the finding is that no picture is shared."),
        Column("work_probability", "number", "", "How likely that is what most of the team would say."),
        Column("means", "text", "", "How most keep in step: standards, plans or adjustment."),
        Column("means_agreed", "number", "percent", "Who says so."),
        Column("means_probability", "number", "", "How likely that is what most of the team would say."),
        Column(
            "fit",
            "integer",
            "levels",
            "Level of the work less that of the means: 0 matched; above, the work asks for more than is done.",
        ),
        Column("too_little", "number", "percent", "Who finds there is too little coordination."),
        Column("about_right", "number", "percent", "Who finds it about right."),
        Column("too_much", "number", "percent", "Who finds there is too much."),
        Column(
            "verdict",
            "text",
            "",
            "matched, too_loose, too_tight (both modes at least .8 likely), no_shared_picture, or unclear.",
        ),
        Column("standing", "text", "", "What the verdict is: a hypothesis to talk about."),
        METHOD,
    ),
)
