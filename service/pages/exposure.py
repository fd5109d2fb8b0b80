"""Who will see what, as a respondent reads it before answering: the groups she is counted in, by name and size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.pages.words import Words


@dataclass(frozen=True, slots=True)
class Group:
    """Somebody's group: what makes her one of it besides the unit, the unit's name, how many were invited."""

    values: str
    name: str
    people: str


@dataclass(frozen=True, slots=True)
class Seen:
    """`units` from the smallest up; `bands` the groups of each attribute, or two crossed, under its name."""

    units: tuple[Group, ...]
    bands: Mapping[str, tuple[Group, ...]]

    @property
    def nearest(self) -> Group | None:
        """The smallest of the units she is counted in, when one may be named."""
        return self.units[0] if self.units else None


def seen(exposure: Mapping[str, Any], words: Words) -> Seen:
    """`exposure` as GET /v1/pulses/{id}/exposure answers it."""
    units: list[Group] = []
    bands: dict[str, list[Group]] = {}
    for it in exposure["counted_in"]:
        people = words["exposure_invited" if it["exact"] else "exposure_most"].format(count=it["invited"])
        group = Group(" · ".join(it["bands"]), it["name"], people)
        (bands.setdefault(" · ".join(map(title, it["by"])), []) if it["by"] else units).append(group)
    return Seen(tuple(units), {by: tuple(groups) for by, groups in bands.items()})


def title(band: str) -> str:
    """A band's id as words."""
    name = band.replace("_", " ").replace("-", " ")
    return name[:1].upper() + name[1:]
