"""What an archetype is called: where its teams differ, never which are preferable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["well_above", "above", "near", "below", "well_below"]
Direction = Literal["more", "less"]

#: Points from the organisation's mean from which a level is said to differ, and to differ widely.
_APART, _FAR = 2.0, 8.0
_NAMED = 2
_LEVELS: dict[Level, str] = {
    "well_above": "Well above the organisation's mean",
    "above": "Above the organisation's mean",
    "near": "Near the organisation's mean",
    "below": "Below the organisation's mean",
    "well_below": "Well below the organisation's mean",
}


@dataclass(frozen=True, slots=True)
class Label:
    """`level` over all blocks; `blocks` the two that stand out most from that level, each with its direction.

    There are fewer where fewer stand out by two points, and none when archetypes differ by level only.
    """

    level: Level
    blocks: tuple[tuple[str, Direction], ...]

    def phrase(self, names: Mapping[str, str]) -> str:
        """In English; `names` are those of the blocks by id."""
        level = f"{_LEVELS[self.level]} over all blocks"
        if not self.blocks:
            return f"{level}, in each about alike"
        return f"{level}; for that level {' and '.join(f'{way} {names[block]}' for block, way in self.blocks)}"


def label(profile: Mapping[str, float], level_only: bool) -> Label:
    """From points relative to the organisation, by block."""
    level = sum(profile.values()) / len(profile)
    beyond = {block: points - level for block, points in profile.items()}
    apart = [] if level_only else [block for block in beyond if abs(beyond[block]) >= _APART]
    chosen = sorted(apart, key=lambda block: -abs(beyond[block]))[:_NAMED]
    return Label(_level(level), tuple((block, "more" if beyond[block] > 0 else "less") for block in chosen))


def _level(points: float) -> Level:
    if abs(points) < _APART:
        return "near"
    if points > 0:
        return "well_above" if points >= _FAR else "above"
    return "well_below" if points <= -_FAR else "below"
