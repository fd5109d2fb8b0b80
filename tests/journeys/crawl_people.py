"""The people of the crawl: who is where, what they answer, and what is then true of every group of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

BANDS = {"tenure": ["0-1y", "1-3y", "3y+"], "site": ["harbour", "hill"]}
FAMILIES = (("tenure",), ("site",), ("tenure", "site"))
VALUES = {by: list(product(*(BANDS[band] for band in by))) for by in FAMILIES}

#: (block, reverse, low, high) by item.
ITEMS = {
    "WB1": ("wellbeing", False, 1, 5),
    "WB3": ("wellbeing", True, 1, 5),
    "PS1": ("safety", False, 1, 5),
    "PS3": ("safety", True, 1, 5),
    "CL1": ("leadership", False, 1, 5),
    "SP1": ("split", False, 0, 10),
    "SP2": ("split", True, 0, 10),
    "KD1": ("kinds", False, 1, 4),
}
UNSCORED = {"KD1"}
BLOCKS = list(dict.fromkeys(block for block, *_ in ITEMS.values()))
OF_BLOCK = {block: [item for item, (its, *_) in ITEMS.items() if its == block] for block in BLOCKS}

#: A lens of the test's own: a wider scale, and a choice between kinds, which has no mean.
LENS: dict[str, Any] = {
    "id": "crawled",
    "version": "1",
    "scale": {"low": 0, "high": 10},
    "blocks": [{"id": "split", "kind": "lens"}, {"id": "kinds", "kind": "lens"}],
    "items": [
        {"id": "SP1", "block": "split", "text": "We share."},
        {"id": "SP2", "block": "split", "text": "We hoard.", "reverse": True},
        {"id": "KD1", "block": "kinds", "text": "What are we?", "scale": {"low": 1, "high": 4}, "scored": False},
    ],
}

#: unit -> (parent, people directly in it): managers in the inner units, one unit empty, one chain of only children.
UNITS: dict[str, tuple[str | None, int]] = {
    "acme": (None, 1),
    "north": ("acme", 2),
    "ops": ("north", 1),
    "ops-a": ("ops", 12),
    "ops-b": ("ops", 7),
    "ops-c": ("ops", 5),
    "ops-d": ("ops", 2),
    "lab": ("north", 1),
    "lab-a": ("lab", 9),
    "lab-b": ("lab", 4),
    "lab-c": ("lab", 3),
    "south": ("acme", 1),
    "line": ("south", 0),
    "deep": ("line", 8),
    "shop": ("south", 1),
    "shop-a": ("shop", 11),
    "shop-b": ("shop", 6),
    "shop-c": ("shop", 4),
    "east": ("acme", 3),
    "void": ("east", 0),
    "alike": ("east", 10),
    "few": ("east", 6),
}
POOLS = [{"id": "labs", "name": "Unit labs", "units": ["lab-b", "lab-c"]}]

#: A unit, or with `by` and `bands` those in it who stated these values.
Group = tuple[str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Person:
    """`tenure` and `site` are what is so; `says` whether each is stated."""

    id: int
    unit: str
    tenure: str
    site: str
    says: tuple[bool, bool]
    leaning: float

    @property
    def stated(self) -> dict[str, str]:
        pairs = (("tenure", self.tenure), ("site", self.site))
        return {band: value for (band, value), said in zip(pairs, self.says, strict=True) if said}


@dataclass(frozen=True)
class Company:
    """One day's tree (unit -> parent) and who works where."""

    tree: Mapping[str, str | None]
    people: tuple[Person, ...]

    def headcount(self, unit: str) -> int:
        return sum(person.unit == unit for person in self.people)

    def document(self) -> dict[str, Any]:
        return {
            "units": [
                {"id": unit, "name": f"Unit {unit}", "parent": parent, "headcount": self.headcount(unit)}
                for unit, parent in self.tree.items()
            ]
        }

    def classes(self, units: Iterable[str]) -> dict[str, dict[str, dict[str, int]]]:
        """How many there are of each value, directly in each unit."""
        return {
            unit: {
                band: {
                    value: sum(getattr(it, band) == value for it in self.people if it.unit == unit) for value in values
                }
                for band, values in BANDS.items()
            }
            for unit in units
            if self.headcount(unit)
        }

    def moved(self, *, leave: Sequence[int] = (), join: Mapping[str, int] = {}, **parents: str) -> Company:
        """Without those who `leave`, with so many new ones in each unit of `join`, units put below other parents."""
        chance = random.Random(len(self.people))
        stay = [person for person in self.people if person.id not in leave]
        first = 1 + max(person.id for person in self.people)
        new = [unit for unit, count in join.items() for _ in range(count)]
        came = [_person(first + place, unit, chance) for place, unit in enumerate(new)]
        names = {name.replace("_", "-"): parent for name, parent in parents.items()}
        return Company({**self.tree, **names}, (*stay, *came))


def company(seed: int) -> Company:
    chance = random.Random(seed)
    places = [unit for unit, (_, count) in UNITS.items() for _ in range(count)]
    return Company(
        {unit: parent for unit, (parent, _) in UNITS.items()},
        tuple(_person(id, unit, chance) for id, unit in enumerate(places)),
    )


def _person(id: int, unit: str, chance: random.Random) -> Person:
    tenure = chance.choices(BANDS["tenure"], [2, 3, 3])[0]
    site = chance.choices(BANDS["site"], [3, 2])[0]
    says = (chance.random() < 0.93, chance.random() < 0.93)
    if unit == "alike":
        tenure, site, says = "3y+", "hill", (True, True)
    return Person(id, unit, tenure, site, says, chance.gauss(0, 0.3))


@dataclass(frozen=True)
class Sheet:
    """What one person sent: answers as given, None for 'prefer not to say'."""

    person: Person
    answers: Mapping[str, int | None]

    def keyed(self, item: str) -> int | None:
        answer = self.answers[item]
        _, reverse, low, high = ITEMS[item]
        return None if answer is None else low + high - answer if reverse else answer


def sheets(people: Iterable[Person], seed: int) -> list[Sheet]:
    """Most of them answer, most of these everything; whoever is in `alike` answers, and at the top of every scale."""
    chance = random.Random(seed)
    return [_sheet(person, chance) for person in people if person.unit == "alike" or chance.random() < 0.88]


def _sheet(person: Person, chance: random.Random) -> Sheet:
    answers: dict[str, int | None] = {}
    for item, (_, reverse, low, high) in ITEMS.items():
        if person.unit == "alike":
            answers[item] = low if reverse else high
            continue
        share = min(1.0, max(0.0, 0.62 + 0.2 * person.leaning + chance.gauss(0, 0.28)))
        keyed = low + round(share * (high - low))
        skipped = chance.random() < 0.04 and item != "WB1"
        answers[item] = None if skipped else low + high - keyed if reverse else keyed
    return Sheet(person, answers)


@dataclass(frozen=True)
class Facts:
    """n answers that sum, keyed, to `total`, so many of them at each point of the scale."""

    n: int
    total: int
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Truth:
    """What is so of one pulse: the tree that opened, with its pools, and every sheet that was sent."""

    company: Company
    sheets: list[Sheet]
    threshold: int
    pools: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @cached_property
    def tree(self) -> dict[str, str | None]:
        tree = dict(self.company.tree)
        for pool in self.pools:
            tree[pool["id"]] = tree[pool["units"][0]]
            tree |= dict.fromkeys(pool["units"], pool["id"])
        return tree

    @cached_property
    def cells(self) -> list[list[Sheet]]:
        """Those of one unit who stated the same."""
        found: dict[tuple[str, ...], list[Sheet]] = {}
        for sheet in self.sheets:
            stated = sheet.person.stated
            found.setdefault((sheet.person.unit, *(stated.get(band, "") for band in BANDS)), []).append(sheet)
        return list(found.values())

    @cached_property
    def headcounts(self) -> dict[str, int]:
        return {unit: self.company.headcount(unit) for unit in self.tree}

    def subtree(self, unit: str) -> frozenset[str]:
        return self._subtrees.get(unit, frozenset())

    @cached_property
    def _subtrees(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {unit: set() for unit in self.tree}
        for unit in self.tree:
            up: str | None = unit
            while up is not None:
                found[up].add(unit)
                up = self.tree[up]
        return {unit: frozenset(below) for unit, below in found.items()}

    @cached_property
    def groups(self) -> list[Group]:
        """Every unit, and every slice of it."""
        return [
            (unit, by, bands) for unit in self.tree for by, every in [((), [()]), *VALUES.items()] for bands in every
        ]

    def members(self, group: Group) -> frozenset[int]:
        """The places of the group's cells."""
        if group not in self._members:
            self._members[group] = self._found(group)
        return self._members[group]

    @cached_property
    def _members(self) -> dict[Group, frozenset[int]]:
        return {}

    def _found(self, group: Group) -> frozenset[int]:
        unit, by, bands = group
        inside, wanted = self.subtree(unit), dict(zip(by, bands, strict=True))
        return frozenset(
            place
            for place, (sheet, *_) in enumerate(self.cells)
            if sheet.person.unit in inside and wanted.items() <= sheet.person.stated.items()
        )

    def counts(self, item: str | None) -> list[int]:
        """People in each cell, or of them who answered the item."""
        return [sum(item is None or sheet.answers[item] is not None for sheet in cell) for cell in self.cells]

    def people(self, group: Group) -> int:
        return sum(len(self.cells[place]) for place in self.members(group))

    def facts(self, group: Group, item: str) -> Facts:
        """Of an item that is a choice between kinds the sum says nothing."""
        _, _, low, high = ITEMS[item]
        every = [sheet.keyed(item) for place in self.members(group) for sheet in self.cells[place]]
        given = [answer for answer in every if answer is not None]
        total = 0 if item in UNSCORED else sum(given)
        return Facts(len(given), total, tuple(given.count(point) for point in range(low, high + 1)))
