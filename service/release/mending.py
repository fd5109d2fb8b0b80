"""Withdraws slices until no combination of published figures involves too few respondents.

Every published group is a sum of atoms: a person has one atom in each family, the deepest published group she is
in. What an attacker can compute is a number for every person, the sum of y over her atoms, for any y. Respondents
are peeled off in `threshold` - 1 layers, each spanning all differences inside units that are left to span; who is
involved in a combination of fewer than `threshold` people is missing from one of the layers or from the rest, so
that every such combination is constant inside each unit on the rest (Edmonds 1965, matroid partition, is the reason
why disjoint bases are the measure of how many must be involved). Only the few directions in which the rest does not
tell people of a unit apart are searched. For each combination found one slice is withdrawn in which it differs from
the slice above, which ends it; withdrawing never makes a new one, so this ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from service.release.echelon import PRIME, Echelon, Functional, Row
from service.release.layout import Layout
from service.release.lightest import GaveUp, Level, light_combination
from service.release.tree import Flags, Ints, atoms


@dataclass(frozen=True)
class _Classes:
    """People no published figure tells apart: `n` of them, and their slice atoms; `units` lists each unit's classes."""

    n: list[int]
    atoms: list[tuple[int, ...]]
    units: list[list[int]]


def mended(
    layout: Layout, published: Sequence[Flags], removable: Sequence[Flags], threshold: int, *, large_first: bool = False
) -> list[Flags]:
    """`published` (units x V for each family) less those of `removable` that had to go, small ones first or large.

    What is published and not removable must be safe already.
    """
    kept = [flags.copy() for flags in published]
    if not any(flags.any() for flags in removable):
        return kept
    names = _Names(layout, published, removable, -1 if large_first else 1)
    for atom in _withdrawn(_classes(layout, names), names, threshold):
        family, unit, value = names.of(atom)
        kept[family][unit, value] = False
    return kept


class _Names:
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

    def atom(self, family: int, unit: Ints, value: Ints) -> Ints:
        at = np.where(value >= 0, self.nearest[family][unit, value], -1)
        return np.where(at >= 0, at * self.width + self.first[family] + value, -1)

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


def _classes(layout: Layout, names: _Names) -> _Classes:
    families = range(len(layout.values))
    columns = [layout.unit_atom, *(names.atom(it, layout.unit, layout.values[it]) for it in families)]
    distinct, place = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    n = np.bincount(place.ravel(), layout.n, len(distinct)).astype(np.int64)
    firsts = np.flatnonzero(np.diff(distinct[:, 0], prepend=-1))
    units = np.split(np.arange(len(distinct)), firsts[1:])
    return _Classes(
        n.tolist(), [tuple(row) for row in distinct[:, 1:].tolist()], [it.tolist() for it in units if len(it) > 1]
    )


def _difference(one: tuple[int, ...], other: tuple[int, ...]) -> Row:
    row: Row = {}
    for atom in one:
        if atom >= 0:
            row[atom] = row.get(atom, 0) + 1
    for atom in other:
        if atom >= 0:
            row[atom] = row.get(atom, 0) - 1
    return {atom: value for atom, value in row.items() if value}


class _Spanned:
    """Differences of people, and which lists of atoms are known to differ by what is spanned already."""

    def __init__(self) -> None:
        self.echelon = Echelon()
        self._root: dict[tuple[int, ...], tuple[int, ...]] = {}

    def same(self, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        """Whether their difference is known to be spanned."""
        return self._find(one) == self._find(other)

    def add(self, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        """Whether their difference was new."""
        a, b = self._find(one), self._find(other)
        if a == b:
            return False
        self._root[a] = b
        return self.echelon.add(_difference(one, other))

    def _find(self, atoms: tuple[int, ...]) -> tuple[int, ...]:
        root = self._root
        while (up := root.get(atoms, atoms)) != atoms:
            root[atoms] = root.get(up, up)
            atoms = up
        return atoms


def _withdrawn(classes: _Classes, names: _Names, threshold: int) -> Iterator[int]:
    """The slices that have to go. Blocks that a withdrawn slice ties together are looked at as one from then on."""
    rest = _peeled(classes, threshold)
    blocks = _Blocks(classes, rest, names)
    while (block := blocks.next()) is not None:
        going = block.going(rest.echelon, names, threshold)
        if going is None:
            blocks.settle(block)
        else:
            yield going
            names.gone(going)
            blocks.tie(rest.echelon.reduced(names.step(going)))


def _peeled(classes: _Classes, threshold: int) -> _Spanned:
    """What the differences of those span who are left when `threshold` - 1 layers have been taken off."""
    left = classes.n.copy()
    for _ in range(threshold - 1):
        layer = _Spanned()
        for unit in classes.units:
            _take(classes, unit, left, layer)
    rest = _Spanned()
    for unit in classes.units:
        present = [it for it in unit if left[it]]
        for it in present[1:]:
            rest.add(classes.atoms[present[0]], classes.atoms[it])
    return rest


def _take(classes: _Classes, unit: list[int], left: list[int], layer: _Spanned) -> None:
    base = max(unit, key=left.__getitem__)
    if not left[base]:
        return
    taken = False
    for it in unit:
        if left[it] and it != base and layer.add(classes.atoms[base], classes.atoms[it]):
            left[it] -= 1
            taken = True
    left[base] -= taken


@dataclass
class _Block:
    """A few units in which combinations of too few people are looked for, and what has been ended there.

    `levels` are the people of a unit that the rest does not tell apart; `slices` those they are in, and all above.
    """

    axes: set[int]
    levels: list[Level] = field(default_factory=list)
    slices: set[int] = field(default_factory=set)
    ended: list[Row] = field(default_factory=list)

    def going(self, rest: Echelon, names: _Names, threshold: int) -> int | None:
        """A slice by which the first combination found differs from the slice above; None when none is found.

        Of several the first in order, of those at hand before those elsewhere.
        """
        at_hand = [it for it in self.slices if names.may_go(it)]
        try:
            y = light_combination(self.levels, self.ended, rest, threshold)
        except GaveUp:
            return min(at_hand, key=names.order, default=next(filter(names.may_go, names.going), None))
        if y is None:
            return None
        telling = [it for it in at_hand if names.tells(y, it)]
        if telling:
            return min(telling, key=names.order)
        return next(it for it in names.going if names.may_go(it) and names.tells(y, it))

    def join(self, other: _Block) -> None:
        self.axes |= other.axes
        self.levels += other.levels
        self.slices |= other.slices
        self.ended += other.ended


class _Blocks:
    """The units whose people the rest does not tell apart in every way, in groups that hang together."""

    def __init__(self, classes: _Classes, rest: _Spanned, names: _Names) -> None:
        self._of: dict[int, _Block] = {}
        self._open: dict[int, _Block] = {}
        for number, unit in enumerate(classes.units):
            levels = _levels(classes, unit, rest, -2 - number)
            if len(levels) > 1:
                slices = set(names.lines(atom for it in unit for atom in classes.atoms[it]))
                self._enter(_Block({axis for row, _ in levels for axis in row if axis >= 0}, levels, slices))

    def next(self) -> _Block | None:
        return next(iter(self._open.values()), None)

    def settle(self, block: _Block) -> None:
        del self._open[id(block)]

    def tie(self, ended: Row) -> None:
        """No combination differs along this row any more."""
        self._enter(_Block(set(ended), ended=[ended]))

    def _enter(self, block: _Block) -> None:
        others = {id(it): it for axis in block.axes if (it := self._of.get(axis)) is not None}
        largest = max(others.values(), key=lambda it: len(it.axes), default=block)
        for other in (*others.values(), block):
            if other is not largest:
                largest.join(other)
                self._open.pop(id(other), None)
                self._of.update(dict.fromkeys(other.axes, largest))
        self._of.update(dict.fromkeys(block.axes, largest))
        self._open[id(largest)] = largest


def _levels(classes: _Classes, unit: list[int], rest: _Spanned, own: int) -> list[Level]:
    """The unit's people by what the rest does not tell of them; `own` is the coordinate of the unit's own figure."""
    base = classes.atoms[unit[0]]
    levels: dict[tuple[int, ...], Level] = {}
    for it in unit:
        row = {} if rest.same(base, classes.atoms[it]) else rest.echelon.reduced(_difference(classes.atoms[it], base))
        key = tuple(part for entry in sorted(row.items()) for part in entry)
        levels[key] = ({**row, own: 1}, classes.n[it] + levels.get(key, (row, 0))[1])
    return list(levels.values())
