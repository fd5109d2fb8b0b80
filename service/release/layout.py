"""Where respondents stand: in which unit, with which values, and which of them published figures may count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.release.tree import Flags, Ints, atoms


@dataclass(frozen=True)
class Layout:
    """C cells of `n` respondents each, all of them in published units.

    `unit` is a cell's position in the tree, `unit_atom` the nearest published unit at or above it, `values` its
    place in each family, -1 where it states none. `shown` flags the published units, `kept` which of the
    cells given these are.
    """

    parents: Sequence[int]
    shown: Flags
    unit: Ints
    unit_atom: Ints
    n: Ints
    values: tuple[Ints, ...]
    kept: Ints

    @classmethod
    def of(cls, parents: Sequence[int], shown: Flags, unit: Ints, n: Ints, values: Sequence[Ints]) -> Layout:
        """Empty cells and people in no published unit are left out: they are in no published figure."""
        atom = atoms(parents, shown)[unit]
        kept = np.flatnonzero((atom >= 0) & (n > 0))
        inside = tuple(value[kept] for value in values)
        return cls(parents, shown, unit[kept], atom[kept], n[kept], inside, kept)

    def answered(self, n: Ints, shown: Flags) -> Layout:
        """The same with `n` who answered an item in each cell, and the units `shown` that publish it."""
        atom = atoms(self.parents, shown)[self.unit]
        kept = np.flatnonzero((atom >= 0) & (n > 0))
        inside = tuple(value[kept] for value in self.values)
        return Layout(self.parents, shown, self.unit[kept], atom[kept], n[kept], inside, self.kept[kept])

    def people(self) -> Ints:
        """Respondents directly in each unit."""
        return np.bincount(self.unit, self.n, len(self.parents)).astype(np.int64)

    def own(self, family: int, value: int) -> Ints:
        """Respondents directly in each unit who have this value."""
        return self.own_sums(family, value, self.n)

    def sizes(self, family: int, width: int) -> Ints:
        """Respondents of each unit with everything below it by value: units x `width`."""
        return self.sums(family, width, self.n)

    def own_sums(self, family: int, value: int, figures: Ints) -> Ints:
        """`figures` of each cell, summed over those with this value directly in each unit."""
        inside = self.values[family] == value
        return np.bincount(self.unit[inside], figures[inside], len(self.parents)).astype(np.int64)

    def sums(self, family: int, width: int, figures: Ints) -> Ints:
        """`figures` of each cell, summed over each unit with everything below it by value: units x `width`."""
        value = self.values[family]
        stated = value >= 0
        table = np.zeros((len(self.parents), width), np.int64)
        np.add.at(table, (self.unit[stated], value[stated]), figures[stated])
        for unit in range(len(table) - 1, 0, -1):
            if self.parents[unit] >= 0:
                table[self.parents[unit]] += table[unit]
        return table
