"""Rows that are read a part at a time, and are never all there at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple, overload

from service.exports import packed
from service.exports.packed import Part
from service.exports.table import Row, Table


class Parted(Sequence[Row]):
    """A table's rows by columns, read again each time they are gone through.

    Where two have one `identity`, their rows are the same. `parts` begins with the part of a number; whatever it may
    raise, it raises while rows are read.
    """

    def __init__(self, identity: str, parts: Callable[[int], Iterator[Part]]) -> None:
        self.identity, self.parts = identity, parts

    @cached_property
    def _all(self) -> list[Row]:
        return [row for part in self.parts(0) for row in part.rows()]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        return self._all[place]


class Place(NamedTuple):
    """A row: the number of its part, and its own in that."""

    part: int
    row: int


def parted(identity: str, sources: Sequence[Callable[[], Part]]) -> Parted:
    """Rows of parts that can each be read without those before it."""
    return Parted(identity, lambda first: (source() for source in sources[first:]))


def parts_of(table: Table, first: int = 0) -> Iterator[Part]:
    """A table by columns, whichever way it is there. Raises ValueError for what does not fit its columns."""
    if isinstance(table.rows, Parted):
        yield from table.rows.parts(first)
        return
    for start in range(first * packed.PART, len(table.rows), packed.PART):
        yield packed.coded(table.columns, table.rows[start : start + packed.PART])


def page(table: Table, start: Place, most: int) -> tuple[Table, Place | None]:
    """Up to `most` rows from `start` on, and where those after them begin: no part before is read."""
    found: list[Part] = []
    left, following = most, None
    for number, part in enumerate(parts_of(table, start.part), start.part):
        begin = start.row if number == start.part else 0
        here = part.kept(slice(begin, begin + left))
        found.append(here)
        left -= len(here)
        if begin + len(here) < len(part):
            following = Place(number, begin + len(here))
            break
    return replace(table, rows=Parted("", lambda first: iter(found[first:]))), following
