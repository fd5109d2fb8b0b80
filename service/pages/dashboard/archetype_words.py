"""What each verdict on archetypes says, and what it rests on, in words."""

from __future__ import annotations

from dataclasses import dataclass

from service.pages.dashboard.archetype_tables import Finding
from service.pages.dashboard.sentences import count


@dataclass(frozen=True, slots=True)
class Words:
    """`heading` is the finding itself, `lead` what it means, `use` what to do with it."""

    heading: str
    lead: str
    use: str


VERDICTS = {
    "structure": Words(
        "Teams fall into archetypes",
        "Their profiles form groups that chance rarely makes, and that come back when teams are drawn anew. A letter "
        "is a name and no grade.",
        "An archetype says where teams are alike, so that they may learn from each other. It says nothing of who is "
        "better, and a team between two is no exception.",
    ),
    "level_only": Words(
        "Teams differ by level, hardly by kind",
        "Groups can be told apart, but nearly all that separates them is how high teams score in everything at once.",
        "Read these groups as stretches of one road. What a team does differently is told by its own page, block by "
        "block.",
    ),
    "no_structure": Words(
        "Teams differ by degree, not by kind",
        "We looked for types of team and found one population. Profiles shade into each other: any border through "
        "them would be invented, so none is drawn.",
        "Each team is read by itself. Nobody has to be put into a drawer, and no programme for a type of team is "
        "needed: there are no types.",
    ),
    "insufficient": Words(
        "Too early to speak of archetypes",
        "Among few teams chance alone makes convincing groups. So nothing is said until at least 30 teams have a "
        "whole profile, in two blocks or more.",
        "Nothing is missing and nothing has gone wrong. Each team can be read on its own page meanwhile.",
    ),
}


def heading(found: Finding) -> str:
    if found.verdict != "structure":
        return VERDICTS[found.verdict].heading
    return f"Teams fall into {count(len(found.archetypes))} archetypes"


def evidence(found: Finding) -> list[tuple[str, str]]:
    """What the verdict rests on: what was asked, and the answer."""
    if found.verdict == "insufficient":
        return []
    asked = [("Could one population make as much?", _chance(found))]
    if found.stability is not None:
        asked.append(("Do they come back with other teams?", _stability(found.stability)))
    if found.elevation is not None:
        level = round(100 * found.elevation)
        asked.append(("Is it only level?", f"{level} % of what separates them is level; the rest is shape."))
    return asked


def _chance(found: Finding) -> str:
    if found.p_value is None:
        return "Yes: one group describes the teams best from the start. Two to six tell nothing more."
    if found.p_value > 0.05:
        times = round(100 * found.p_value)
        return f"Yes, in {times} of 100 tries. To be believed it would have to be five or fewer."
    times = round(100 * found.p_value)
    return f"Hardly: in {times or 'fewer than 1'} of 100 tries, with the same units above the teams."


def _stability(index: float) -> str:
    written = f"{index:.2f}".removeprefix("0")
    if index < 0.6:
        return f"No: other groups each time (agreement {written}; .60 is asked)."
    words = "nearly the same" if index >= 0.9 else "much the same" if index >= 0.75 else "recognisably the same"
    return f"Yes, {words} (agreement {written} of 1)."
