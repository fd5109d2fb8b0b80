"""Families of nested groups, as the auditor sees them: respondents in unit atoms, told apart by their bands' atoms.

An atom is the deepest published group of a family in which a class is counted. A family's groups span what its atoms
span, so a combination v of published figures is one number y an atom, and on a class it is the sum of the y of the
class's atoms. Two respondents of one unit atom differ by the atoms of their bands alone: the unit's y falls out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from service.release.basis import PRIME, Basis, Row

Ints = npt.NDArray[np.int64]


class Families:
    """Classes with respondents, sorted by unit atom; places in that order are what the other lists are indexed by.

    `classes`: the class at each place; `kinds`: a number for its atoms beside the unit's, which are `atoms[kind]`;
    `copies`: its respondents; `units`: where each unit atom's places begin, with the end of the last one.
    """

    __slots__ = ("atoms", "classes", "copies", "kinds", "units")

    def __init__(self, n: npt.ArrayLike, atoms: npt.ArrayLike) -> None:
        people, table = np.asarray(n, np.int64), np.asarray(atoms, np.int64)
        order = np.flatnonzero(people > 0)
        order = order[np.argsort(table[order, 0], kind="stable")]
        self.classes = order
        self.copies: list[int] = people[order].tolist()
        unit = table[order, 0]
        if (unit < 0).any():
            raise ValueError("atoms[:, 0]: every class with respondents needs a unit atom")
        self.units: list[int] = [*np.flatnonzero(np.diff(unit, prepend=-1)).tolist(), len(order)]
        kind, example = _numbered(table[order, 1:])
        self.kinds: list[int] = kind.tolist()
        self.atoms: list[list[int]] = [
            [atom for atom in row if atom >= 0] for row in table[order[example], 1:].tolist()
        ]

    def spans(self) -> Iterator[tuple[int, int]]:
        """Where the places of each unit atom begin and end."""
        yield from zip(self.units, self.units[1:], strict=False)

    def people(self) -> list[int]:
        """The respondents of each unit atom."""
        return [sum(self.copies[start:end]) for start, end in self.spans()]

    def difference(self, kind: int, base: int) -> Row:
        """The atoms of one kind less those of another."""
        row = dict.fromkeys(self.atoms[kind], 1)
        for atom in self.atoms[base]:
            if row.pop(atom, None) is None:
                row[atom] = PRIME - 1
        return row


def _numbered(table: Ints) -> tuple[Ints, Ints]:
    """A number for each row, equal for equal rows, and for each number a row that has it."""
    number = np.zeros(len(table), np.int64)
    for column in table.T:
        # Renumbered after every column, the numbers stay below the number of rows and cannot overflow.
        number = np.unique(number * (int(column.max(initial=0)) + 2) + column + 1, return_inverse=True)[1]
    example = np.unique(number, return_index=True)[1]
    return number, example


class Span:
    """What the differences inside unit atoms span, of the respondents absorbed so far."""

    __slots__ = ("_top", "basis", "families")

    def __init__(self, families: Families) -> None:
        self.families, self.basis = families, Basis()
        # Kinds whose difference is known to be spanned have one root: most differences repeat in unit after unit.
        self._top = list(range(len(families.atoms)))

    @property
    def rank(self) -> int:
        return len(self.basis.rows)

    def root(self, kind: int) -> int:
        """One of the kinds whose difference to this one is spanned, the same for all that are known to be."""
        top = self._top
        while top[kind] != kind:
            top[kind] = kind = top[top[kind]]
        return kind

    def absorb(self, copies: Sequence[int]) -> list[int]:
        """Span the differences of the places with copies; the places, in order, whose respondents were needed for it.

        In each unit atom these are a base, of the class with most copies, and all whose differences to it are new.
        """
        needed: list[int] = []
        kinds, root = self.families.kinds, self.root
        for start, end in self.families.spans():
            present = [place for place in range(start, end) if copies[place]]
            if len(present) < 2:
                continue
            base = max(present, key=copies.__getitem__)
            new = [place for place in present if root(kinds[place]) != root(kinds[base]) and self._add(place, base)]
            if new:
                needed += sorted([base, *new])
        return needed

    def _add(self, place: int, base: int) -> bool:
        kind, other = self.families.kinds[place], self.families.kinds[base]
        new = self.basis.add(self.families.difference(kind, other))
        self._top[self.root(kind)] = self.root(other)
        return new
