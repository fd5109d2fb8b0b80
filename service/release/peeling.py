"""Peels respondents off in layers, each of which spans all differences inside units that are left to span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.release.echelon import Echelon, Row
from service.release.tree import Ints


@dataclass(frozen=True)
class Classes:
    """People no published figure tells apart: `n` of them, and a number for the slices they are in (`kind`), which
    are `slices[kind]`; `units` lists the classes of each unit atom that has several."""

    n: list[int]
    kind: list[int]
    slices: list[tuple[int, ...]]
    units: list[list[int]]


def classes(n: Ints, unit_atom: Ints, slices: Sequence[Ints]) -> Classes:
    """Those of cells of `n` people in a unit atom and, of each family, a slice or -1."""
    kinds, kind = np.unique(np.stack(slices, axis=1), axis=0, return_inverse=True)
    key = unit_atom * len(kinds) + kind.ravel()
    distinct, place = np.unique(key, return_inverse=True)
    people = np.bincount(place.ravel(), n, len(distinct)).astype(np.int64)
    firsts = np.flatnonzero(np.diff(distinct // len(kinds), prepend=-1)).tolist()
    units = [list(range(*ends)) for ends in zip(firsts, [*firsts[1:], len(distinct)], strict=True)]
    return Classes(
        people.tolist(),
        (distinct % len(kinds)).tolist(),
        [tuple(atom for atom in row if atom >= 0) for row in kinds.tolist()],
        [unit for unit in units if len(unit) > 1],
    )


class Spanned:
    """Differences of people, and which kinds are known to differ by what is spanned already."""

    def __init__(self, slices: Sequence[tuple[int, ...]]) -> None:
        self.echelon = Echelon()
        self._slices = slices
        self._root = list(range(len(slices)))

    def same(self, one: int, other: int) -> bool:
        """Whether the difference of two kinds is known to be spanned."""
        return self._find(one) == self._find(other)

    def add(self, one: int, other: int) -> bool:
        """Whether their difference was new."""
        a, b = self._find(one), self._find(other)
        if a == b:
            return False
        self._root[a] = b
        return self.echelon.add(self.difference(one, other))

    def difference(self, one: int, other: int) -> Row:
        row = dict.fromkeys(self._slices[one], 1)
        for atom in self._slices[other]:
            if row.pop(atom, None) is None:
                row[atom] = -1
        return row

    def _find(self, kind: int) -> int:
        root = self._root
        while (up := root[kind]) != kind:
            root[kind] = root[up]
            kind = up
        return kind


def peeled(it: Classes, threshold: int) -> Spanned:
    """What the differences of those span who are left when `threshold` - 1 layers have been taken off."""
    left = it.n.copy()
    for _ in range(threshold - 1):
        layer = Spanned(it.slices)
        for unit in it.units:
            _take(it, unit, left, layer)
    rest = Spanned(it.slices)
    for unit in it.units:
        first, *others = [each for each in unit if left[each]] or [unit[0]]
        for other in others:
            rest.add(it.kind[first], it.kind[other])
    return rest


def _take(it: Classes, unit: list[int], left: list[int], layer: Spanned) -> None:
    """A base, of whom most are left, and everybody whose difference to her is new."""
    base = max(unit, key=left.__getitem__)
    if not left[base]:
        return
    taken = False
    for each in unit:
        if left[each] and each != base and layer.add(it.kind[base], it.kind[each]):
            left[each] -= 1
            taken = True
    left[base] -= taken
