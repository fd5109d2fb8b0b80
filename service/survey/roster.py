"""Who is asked, as counts: a dated tree of units with headcounts, and no people in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Unit:
    """A node of the tree. `headcount` counts the people directly in it, not those of its children.

    `before` are the units of an earlier roster whose people it took over; None where nothing is said of that.
    """

    id: str
    name: str
    parent: str | None
    headcount: int
    before: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Roster:
    """Units in an order where parents precede children (siblings by id): position is a stable index.

    `said` is where in its document each unit that names others stood, for telling what is wrong with it.
    """

    units: tuple[Unit, ...]
    said: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def position(self) -> dict[str, int]:
        return {unit.id: index for index, unit in enumerate(self.units)}

    @cached_property
    def parents(self) -> tuple[int, ...]:
        """The position of each unit's parent, -1 at a root; always less than the unit's own."""
        return tuple(-1 if u.parent is None else self.position[u.parent] for u in self.units)

    @property
    def people(self) -> int:
        return sum(unit.headcount for unit in self.units)

    @cached_property
    def totals(self) -> tuple[int, ...]:
        """Headcounts of each unit with everything below it."""
        totals = [unit.headcount for unit in self.units]
        for index in range(len(totals) - 1, -1, -1):
            if self.parents[index] >= 0:
                totals[self.parents[index]] += totals[index]
        return tuple(totals)

    @cached_property
    def before(self) -> dict[str, tuple[str, ...]]:
        """By id whose people each unit took over; nothing said is nobody."""
        return {unit.id: unit.before or () for unit in self.units}

    def __contains__(self, unit: str) -> bool:
        return unit in self.position

    def subtree(self, unit: str) -> Iterator[Unit]:
        """The unit and all below it, parents first; nothing when it is not in the tree."""
        inside: set[str] = set()
        for candidate in self.units:
            if candidate.id == unit or candidate.parent in inside:
                inside.add(candidate.id)
                yield candidate


def arranged(units: Iterable[Unit]) -> Roster:
    """A roster from units in any order: depth first, siblings by id. The units must form a forest."""
    children: dict[str | None, list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: unit.id, reverse=True):
        children.setdefault(unit.parent, []).append(unit)
    ordered: list[Unit] = []
    stack = list(children.get(None, []))
    while stack:
        unit = stack.pop()
        ordered.append(unit)
        stack.extend(children.get(unit.id, []))
    return Roster(tuple(ordered))
