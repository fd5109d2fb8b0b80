"""The verdicts on blocks and items in words: one for a badge, a sentence for whoever has to act on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from service.analytics import item_quality, quality


@dataclass(frozen=True, slots=True)
class Said:
    """`firm` marks the verdict that needs no caution."""

    word: str
    sentence: str
    firm: bool = False


BLOCKS: dict[quality.Verdict, Said] = {
    "aggregate": Said(
        "The team's", "A team's score may be read as the team's own: teams differ, and each score is steady.", firm=True
    ),
    "caution": Said(
        "With caution", "Teams do differ, but a single team's score is a hint: look for the same in the next pulse."
    ),
    "individual": Said(
        "Of larger parts", "A single team's score says more of who answered than of the team. Read larger parts."
    ),
    "insufficient": Said("Too little to tell", "Too few teams are released, or they do not differ, to tell."),
}
ITEMS: dict[item_quality.Verdict, Said] = {
    "fine": Said("Fine", "goes with the rest of its block, and leaves people room", firm=True),
    "weak": Said("Weak", "goes little with the rest of its block: it may ask something else"),
    "ceiling": Said("Crowded at the top", "half or more chose the best answer: it can show no improvement"),
    "floor": Said("Crowded at the bottom", "half or more chose the worst answer: it can show no decline"),
    "insufficient": Said("Too little to tell", "too little is released to tell"),
}
DRIFT = {True: "Read anew", False: "Steady", None: "Cannot be told"}

_BLOCK_VERDICTS: dict[str, quality.Verdict] = {it: it for it in get_args(quality.Verdict)}
_ITEM_VERDICTS: dict[str, item_quality.Verdict] = {it: it for it in get_args(item_quality.Verdict)}


def of_block(verdict: str) -> Said:
    """Raises KeyError for what is no verdict."""
    return BLOCKS[_BLOCK_VERDICTS[verdict]]


def of_item(verdict: str) -> Said:
    """Raises KeyError for what is no verdict."""
    return ITEMS[_ITEM_VERDICTS[verdict]]
