"""From people to a roster: who is active stands in one unit, by an organisation's mapping; what was odd is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from service.survey.people_mapping import UnitMapping
from service.survey.roster import Roster
from service.survey.roster_rules import Row, roster_of


@dataclass(frozen=True, slots=True)
class Person:
    """Of one in a directory what units are made of: `document` is JSON as SCIM writes it, declared names only."""

    id: str
    user_name: str
    external_id: str | None
    active: bool
    document: str


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class People:
    """All of a directory; `members` are pairs of a group's id and the id of a person or group in it."""

    everybody: Iterable[Person]
    groups: Iterable[Group] = ()
    members: Iterable[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Odd:
    """How often people did not fit the mapping: numbers for whoever keeps the directory, nobody's name.

    Active people `without_unit` stand in the root for want of a value, a group or a manager; those `in_several` groups
    in the first by name. Units `spelled_differently` have a value written in several ways, those `led_by_inactive`
    people a manager who does not count. The managers of `unknown_managers` people are not in the directory. `circles`
    of managers or groups were cut at one place each. `nested_elsewhere` groups lie in a unit's group and are none.
    """

    without_unit: int = 0
    in_several: int = 0
    spelled_differently: int = 0
    led_by_inactive: int = 0
    unknown_managers: int = 0
    circles: int = 0
    nested_elsewhere: int = 0


#: Each number of `Odd` in words, which stand before it.
ODD_WORDS: Mapping[str, str] = {
    "without_unit": "Active people in the root, for want of a value, a group or a manager",
    "in_several": "Active people in several units' groups, who stand in the first by name",
    "spelled_differently": "Units whose value is written in several ways",
    "led_by_inactive": "Teams whose manager is not active",
    "unknown_managers": "Active people whose manager is not in the directory",
    "circles": "Circles of managers or groups, each cut at one place",
    "nested_elsewhere": "Groups inside a unit's group that are no units themselves",
}


def odd_lines(odd: Mapping[str, int]) -> list[str]:
    """What there was of each, in words; nothing of what did not happen."""
    return [f"{words}: {odd[name]:,}." for name, words in ODD_WORDS.items() if odd.get(name)]


@dataclass(slots=True)
class Placed:
    """`units` by id their name and the id above (None: the root); `places` by active person's id a unit's, or None."""

    units: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    places: dict[str, str | None] = field(default_factory=dict)
    odd: Odd = Odd()


@dataclass(frozen=True, slots=True)
class Derived:
    """`places` says by an active person's id in which unit of `roster` they stand."""

    roster: Roster
    places: Mapping[str, str]
    odd: Odd


def roster_from(placed: Placed, mapping: UnitMapping) -> Derived:
    """The roster of people who were placed. Raises InvalidRoster with the fields that break its rules."""
    root = mapping.root_id
    places = {person: unit or root for person, unit in placed.places.items()}
    headcounts = Counter(places.values())
    rows = [Row(root, mapping.root_name, None, headcounts[root])]
    rows += [Row(id, name, above or root, headcounts[id]) for id, (name, above) in sorted(placed.units.items())]
    return Derived(roster_of(rows, lambda _, field: field), places, placed.odd)


def cut_circles(above: dict[str, str]) -> int:
    """Make a forest of what each is under: in every circle the first by id is under nothing. How many there were."""
    done: set[str] = set()
    circles = 0
    for start in sorted(above):
        walk: dict[str, None] = {}
        here: str | None = start
        while here is not None and here not in done and here not in walk:
            walk[here] = None
            here = above.get(here)
        if here is not None and here in walk:
            ring = list(walk)[list(walk).index(here) :]
            del above[min(ring)]
            circles += 1
        done.update(walk)
    return circles
