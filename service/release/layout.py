"""Where respondents stand: in which unit, with which values, and which of them published figures may count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.release.tree import Flags, Ints, atoms, totals


@dataclass(frozen=True)
class Layout:
    """C cells of `n` respondents each, all of them in published units.

    `unit` is a cell's position in the tree, `unit_atom` the nearest published unit at or above it, `values` its
    place in each family, -1 where it states none. `shown` flags the published units.
    """

    parents: Sequence[int]
    shown: Flags
    unit: Ints
    unit_atom: Ints
    n: Ints
    values: tuple[Ints, ...]

    @classmethod
    def of(cls, parents: Sequence[int], shown: Flags, unit: Ints, n: Ints, values: Sequence[Ints]) -> Layout:
        """Empty cells and people in no published unit are left out: they are in no published figure."""
        atom = atoms(parents, shown)[unit]
        inside = (atom >= 0) & (n > 0)
        return cls(parents, shown, unit[inside], atom[inside], n[inside], tuple(value[inside] for value in values))

    def own(self, family: int, value: int) -> Ints:
        """Respondents directly in each unit who have this value."""
        inside = self.values[family] == value
        return np.bincount(self.unit[inside], self.n[inside], len(self.parents)).astype(np.int64)

    def sizes(self, family: int, width: int) -> Ints:
        """Respondents of each unit with everything below it by value: units x `width`."""
        return np.stack([totals(self.parents, self.own(family, value)) for value in range(width)], axis=1)
