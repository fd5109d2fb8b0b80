"""The lightest combination of a few columns: branching over who is involved, exactly or with the word that it gave up.

An element is a set of respondents on whom every combination v takes one value, a linear function of the combination:
its row. v may be chosen freely in the space the rows span. Looked for is a v that is not zero everywhere and involves
the fewest respondents (in the language of matroids: a minimum cocircuit).

The search decides element by element whether v is zero there. Where it is, that element's row is divided out of the
others, and elements whose rows have become proportional are one element from then on; where an element holds more
than may still be involved, v must be zero on it. Where v is not zero on an element that depends on others, v is not
zero on one of those either, so branching follows short dependencies and ends after at most as many elements as the
limit allows respondents. No two branches hold the same v.

Rows are kept in standard form: each column belongs to an element whose row is that column alone (its owner), so
dividing an owner out is to strike its column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from service.release.basis import PRIME, Basis, Row, scaled, subtract

#: Nodes a search may visit before it gives up.
PATIENCE = 200_000


class Element(NamedTuple):
    """Respondents (`weight` of them, in the classes `members`) on whom v takes the value of `row`."""

    row: Row
    weight: int
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The fewest respondents below the limit, if any, and their classes; not `complete` if the search gave up."""

    least: int | None
    members: tuple[int, ...]
    complete: bool


def lightest(elements: Iterable[Element], limit: int, patience: int = PATIENCE) -> Found:
    """The combination that involves the fewest respondents, of those that involve fewer than `limit`."""
    search = _Search(limit, patience)
    settled = _settled(_merged(elements), [], limit - 1)
    for block in sorted(_blocks(settled[0]), key=len) if settled else ():
        search.explore(_standard(block), [], 0)
    return Found(search.best if search.members else None, tuple(sorted(search.members)), search.patience >= 0)


class _Search:
    def __init__(self, limit: int, patience: int) -> None:
        self.best, self.patience = limit, patience
        self.members: tuple[int, ...] = ()

    def explore(self, free: list[Element], held: list[Element], spent: int) -> None:
        """Try every v that is not zero on the `held` elements, which weigh `spent`; `free` span all rows."""
        while self.patience >= 0:
            self.patience -= 1
            settled = _settled(free, held, self.best - 1 - spent)
            if settled is None or not settled[0]:
                return
            free, held = settled
            owner = _next(free, held)
            [column] = owner.row
            self._hold(free, held, owner, column, spent + owner.weight)
            free = _merged(_struck(free, column))
            held = list(_struck(held, column))
            if not all(element.row for element in held):
                return

    def _hold(self, free: list[Element], held: list[Element], owner: Element, column: int, spent: int) -> None:
        """Go on with v not zero on `owner`, unless no other free element is left that would then be involved."""
        others = [element for element in free if element is not owner]
        heirs = [element for element in others if column in element.row]
        if not heirs:
            self._record([owner, *(element for element in held if column in element.row)])
            return
        heir = min(heirs, key=lambda element: (len(element.row), -element.weight)).row
        self.explore(_pivoted(others, heir, column), _pivoted([*held, owner], heir, column), spent)

    def _record(self, involved: list[Element]) -> None:
        # It is less than the best so far: no element is decided on that weighs more than there is room for.
        self.best = sum(element.weight for element in involved)
        self.members = tuple(member for element in involved for member in element.members)


def _next(free: list[Element], held: list[Element]) -> Element:
    """The owner to decide on: the heaviest, of those the held element with the shortest row depends on if any is."""
    owners = (element for element in free if len(element.row) == 1)
    if held:
        shortest = min((element.row for element in held), key=len)
        owners = (element for element in owners if not shortest.keys().isdisjoint(element.row))
    return max(owners, key=lambda element: element.weight)


def _settled(free: list[Element], held: list[Element], room: int) -> tuple[list[Element], list[Element]] | None:
    """Divide out what weighs more than `room` until nothing does; None if v would be zero on a held element."""
    while heavy := [element.row for element in free if element.weight > room]:
        basis = Basis(heavy)
        free = _merged(_divided((element for element in free if element.weight <= room), basis))
        held = list(_divided(held, basis))
        if not all(element.row for element in held):
            return None
    return free, held


def _divided(elements: Iterable[Element], basis: Basis) -> Iterator[Element]:
    for row, weight, members in elements:
        yield Element(basis.remainder(row), weight, members)


def _struck(elements: Iterable[Element], column: int) -> Iterator[Element]:
    for element in elements:
        if column in element.row:
            row = {other: value for other, value in element.row.items() if other != column}
            yield Element(row, element.weight, element.members)
        else:
            yield element


def _merged(elements: Iterable[Element]) -> list[Element]:
    """Elements with proportional rows as one, its row with 1 in the greatest column; without those that are zero."""
    merged: dict[frozenset[tuple[int, int]], Element] = {}
    for element in elements:
        if not element.row:
            continue
        lead = element.row[max(element.row)]
        row = element.row if lead == 1 else scaled(element.row, pow(lead, -1, PRIME))
        key = frozenset(row.items())
        same = merged.get(key)
        if same is None:
            merged[key] = Element(row, element.weight, element.members)
        else:
            merged[key] = Element(row, same.weight + element.weight, same.members + element.members)
    return list(merged.values())


def _pivoted(elements: list[Element], heir: Row, column: int) -> list[Element]:
    """The elements in the coordinates in which the row `heir` is `column` alone."""
    inverse = 1 if heir[column] == 1 else pow(heir[column], -1, PRIME)
    pivoted = []
    for element in elements:
        value = element.row.get(column)
        if value is not None:
            times = value * inverse % PRIME
            row = dict(element.row)
            subtract(row, times, heir.items())
            row[column] = times
            element = Element(row, element.weight, element.members)
        pivoted.append(element)
    return pivoted


def _standard(block: list[Element]) -> list[Element]:
    """The block in standard form, its heaviest elements the owners: the first to be decided, and soonest settled."""
    elements = sorted(block, key=lambda element: -element.weight)
    owned: set[int] = set()
    for place in range(len(elements)):
        row = elements[place].row
        column = max(row.keys() - owned, default=None)
        if column is not None:
            elements = _pivoted(elements, row, column)
            owned.add(column)
    return _merged(elements)


def _blocks(elements: list[Element]) -> Iterator[list[Element]]:
    """The elements in parts that have no column in common, so that v may be chosen in each alone.

    A row follows from its entries in the pivots of all rows, and those join fewer elements than all columns do.
    """
    pivots = Basis(element.row for element in elements).rows.keys()
    top = {column: column for column in pivots}

    def root(column: int) -> int:
        while top[column] != column:
            top[column] = column = top[top[column]]
        return column

    narrow = [
        Element({column: value for column, value in row.items() if column in pivots}, weight, members)
        for row, weight, members in elements
    ]
    for element in narrow:
        first, *others = element.row
        for column in others:
            top[root(column)] = root(first)
    blocks: dict[int, list[Element]] = {}
    for element in narrow:
        blocks.setdefault(root(next(iter(element.row))), []).append(element)
    yield from blocks.values()
