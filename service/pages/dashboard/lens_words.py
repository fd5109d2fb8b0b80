"""The lenses in words: quadrants without praise or blame, and coordination as a hypothesis to talk about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: By the quadrant's name; neither pole is good or bad, and no quadrant is where a team ought to be.
QUADRANTS: Mapping[str, str] = {
    "dependent": "Loads are carried for each other, and hardly anybody goes alone.",
    "interdependent": "Loads are carried for each other, and people still go alone: both pulls are there at once.",
    "inter-independent": "Neither pull is strong: people stand on their own and choose to work together.",
    "detached": "People go their own way, and loads stay with whom they fell to.",
}
WORK: Mapping[str, str] = {
    "pooled": "separate parts that add up",
    "sequential": "passed along in a set order",
    "reciprocal": "back and forth, changing as it goes",
}
MEANS: Mapping[str, str] = {
    "standards": "shared standards",
    "plans": "plans and schedules",
    "adjustment": "talking and adjusting",
}
#: As short as a ladder's rung.
WORK_RUNGS = ("parts that add up", "in a set order", "back and forth")
MEANS_RUNGS = ("shared standards", "plans, schedules", "talking, adjusting")


@dataclass(frozen=True, slots=True)
class Words:
    heading: str
    text: str


VERDICTS: Mapping[str, Words] = {
    "matched": Words(
        "Work and keeping in step match", "How the team keeps in step is what work of this kind asks for."
    ),
    "too_loose": Words(
        "The work may ask for more than is done",
        "The work is more closely knit than the way the team keeps in step. Would talking or planning more help?",
    ),
    "too_tight": Words(
        "More may be done than the work asks for",
        "The team keeps in step more closely than the work seems to need. Is there a meeting that could be a rule?",
    ),
    "no_shared_picture": Words(
        "The team has no shared picture of its work",
        "Fewer than 60 % say the same of how the work hangs together. That alone is worth an hour of talk.",
    ),
    "unclear": Words(
        "The answers do not settle it",
        "What most of the team would say is less than .8 likely to be this. More answers may tell.",
    ),
}
#: What a table's cell says of a verdict.
SHORT: Mapping[str, str] = {
    "matched": "match",
    "too_loose": "work asks for more",
    "too_tight": "more is done",
    "no_shared_picture": "no shared picture",
    "unclear": "not settled",
}
