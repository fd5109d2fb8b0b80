"""Where the rest of a peeling does not tell people of a unit apart: a few units at a time, searched and ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.release.echelon import Echelon, Row
from service.release.lightest import GaveUp, Level, light_combination
from service.release.names import Names
from service.release.peeling import Classes, Spanned


@dataclass
class Block:
    """A few units in which combinations of too few people are looked for, and what has been ended there.

    `levels` are the people of a unit that the rest does not tell apart; `slices` those they are in, and all above.
    """

    axes: set[int]
    levels: list[Level] = field(default_factory=list)
    slices: set[int] = field(default_factory=set)
    ended: list[Row] = field(default_factory=list)

    def going(self, rest: Echelon, names: Names, threshold: int) -> int | None:
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

    def join(self, other: Block) -> None:
        self.axes |= other.axes
        self.levels += other.levels
        self.slices |= other.slices
        self.ended += other.ended


class Blocks:
    """The units whose people the rest does not tell apart in every way, in groups that hang together."""

    def __init__(self, classes: Classes, rest: Spanned, names: Names) -> None:
        self._of: dict[int, Block] = {}
        self._open: dict[int, Block] = {}
        for number, unit in enumerate(classes.units):
            levels = _levels(classes, unit, rest, -2 - number)
            if len(levels) > 1:
                slices = set(names.lines(atom for it in unit for atom in classes.slices[classes.kind[it]]))
                self._enter(Block({axis for row, _ in levels for axis in row if axis >= 0}, levels, slices))

    def next(self) -> Block | None:
        return next(iter(self._open.values()), None)

    def settle(self, block: Block) -> None:
        del self._open[id(block)]

    def tie(self, ended: Row) -> None:
        """No combination differs along this row any more."""
        self._enter(Block(set(ended), ended=[ended]))

    def _enter(self, block: Block) -> None:
        others = {id(it): it for axis in block.axes if (it := self._of.get(axis)) is not None}
        largest = max(others.values(), key=lambda it: len(it.axes), default=block)
        for other in (*others.values(), block):
            if other is not largest:
                largest.join(other)
                self._open.pop(id(other), None)
                self._of.update(dict.fromkeys(other.axes, largest))
        self._of.update(dict.fromkeys(block.axes, largest))
        self._open[id(largest)] = largest


def _levels(classes: Classes, unit: list[int], rest: Spanned, own: int) -> list[Level]:
    """The unit's people by what the rest does not tell of them; `own` is the coordinate of the unit's own figure."""
    base = classes.kind[unit[0]]
    levels: dict[tuple[int, ...], Level] = {}
    for it in unit:
        kind = classes.kind[it]
        row = {} if rest.same(base, kind) else rest.echelon.reduced(rest.difference(kind, base))
        key = tuple(part for entry in sorted(row.items()) for part in entry)
        levels[key] = ({**row, own: 1}, classes.n[it] + levels.get(key, (row, 0))[1])
    return list(levels.values())
