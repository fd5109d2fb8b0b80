"""Numbers for slices, and what they are to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Literal

import numpy as np

from service.release.echelon import PRIME, Functional, Row
from service.release.layout import Layout
from service.release.tree import Flags, Ints, atoms


class Names:
    """Numbers for slices: of two along one line of ancestors the deeper has the greater; -1 is no slice."""

    def __init__(
        self, layout: Layout, published: Sequence[Flags], removable: Sequence[Flags], order: Literal[1, -1]
    ) -> None:
        self._order = order
        self.parents, self._removable = layout.parents, [flags.copy() for flags in removable]
        widths = [flags.shape[1] for flags in published]
        self.first = [sum(widths[:family]) for family in range(len(widths))]
        self.width = sum(widths)
        self.nearest = [_nearest(layout.parents, flags) for flags in published]
        self._sizes = [layout.sizes(family, width) for family, width in enumerate(widths)]

    def of_cells(self, layout: Layout) -> list[Ints]:
        """The slice each cell is counted in, family by family, or -1."""
        found = []
        for family, value in enumerate(layout.values):
            at = np.where(value >= 0, self.nearest[family][layout.unit, value], -1)
            found.append(np.where(at >= 0, at * self.width + self.first[family] + value, -1))
        return found

    def of(self, atom: int) -> tuple[int, int, int]:
        unit, column = divmod(atom, self.width)
        family = max(family for family, first in enumerate(self.first) if first <= column)
        return family, unit, column - self.first[family]

    def above(self, atom: int) -> int:
        """The next published slice of the same value above, or -1."""
        family, unit, value = self.of(atom)
        parent = self.parents[unit]
        at = int(self.nearest[family][parent, value]) if parent >= 0 else -1
        return at * self.width + self.first[family] + value if at >= 0 else -1

    def order(self, atom: int) -> tuple[int, int]:
        """What slices are withdrawn in order of: respondents, then, for the sake of certainty, the number."""
        family, unit, value = self.of(atom)
        return int(self._sizes[family][unit, value]) * self._order, atom

    @cached_property
    def going(self) -> list[int]:
        """All removable slices in the order they are withdrawn in."""
        atoms = (
            unit * self.width + self.first[family] + value
            for family, flags in enumerate(self._removable)
            for unit, value in np.argwhere(flags).tolist()
        )
        return sorted(atoms, key=self.order)

    def lines(self, atoms: Iterable[int]) -> Iterator[int]:
        """These slices and all above them."""
        for atom in atoms:
            at = atom
            while at >= 0:
                yield at
                at = self.above(at)

    def step(self, atom: int) -> Row:
        """The slice less the one above: no combination differs along it once the two are one."""
        above = self.above(atom)
        return {atom: 1} if above < 0 else {atom: 1, above: -1}

    def tells(self, y: Functional, atom: int) -> bool:
        return sum(value * y(at) for at, value in self.step(atom).items()) % PRIME != 0

    def may_go(self, atom: int) -> bool:
        family, unit, value = self.of(atom)
        return bool(self._removable[family][unit, value])

    def gone(self, atom: int) -> None:
        family, unit, value = self.of(atom)
        self._removable[family][unit, value] = False


def _nearest(parents: Sequence[int], published: Flags) -> Ints:
    """For each unit and value the nearest unit at or above it whose slice of that value is published, or -1."""
    return np.stack([atoms(parents, column) for column in published.T], axis=1)
