"""Who is asked, as counts: a dated tree of units with headcounts, and no people in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Unit:
    """A node of the tree. `headcount` counts the people directly in it, not those of its children."""

    id: str
    name: str
    parent: str | None
    headcount: int


@dataclass(frozen=True)
class Roster:
    """Units in an order where parents precede children (siblings by id): position is a stable index."""

    units: tuple[Unit, ...]

    @cached_property
    def position(self) -> dict[str, int]:
        return {unit.id: index for index, unit in enumerate(self.units)}

    @cached_property
    def parents(self) -> tuple[int, ...]:
        """The position of each unit's parent, -1 at a root; always less than the unit's own."""
        return tuple(-1 if u.parent is None else self.position[u.parent] for u in self.units)

    @cached_property
    def totals(self) -> tuple[int, ...]:
        """Headcounts of each unit with everything below it."""
        totals = [unit.headcount for unit in self.units]
        for index in range(len(totals) - 1, -1, -1):
            if self.parents[index] >= 0:
                totals[self.parents[index]] += totals[index]
        return tuple(totals)

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
