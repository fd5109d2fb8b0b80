"""The rules a list of units keeps to be a roster, whatever it was written in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple, cast

from service.errors import Fault, InvalidRoster
from service.survey.roster import Roster, Unit, arranged
from service.survey.wording import ID_RULE, is_id, is_text, text_rule

#: A file with one column wrong is wrong in every line; nobody reads more than these.
MOST_FAULTS = 100
MOST_UNITS = 200_000
MOST_PEOPLE = 1_000_000
LONGEST_NAME = 200
#: Units one unit may have taken over at once.
MOST_BEFORE = 1_000

Where = Callable[[int, str], str]


class Row(NamedTuple):
    """A unit as it was submitted, unchecked. `name` None is the id, `parent` None a root, `before` None unsaid."""

    id: object
    name: object
    parent: object
    headcount: object
    before: object = None


def roster_of(rows: Sequence[Row], where: Where, faults: Iterable[Fault] = ()) -> Roster:
    """The roster of `rows`; `where(index, field)` is the place of a cell, `faults` those met while reading.

    Takes time in proportion to the rows. Raises InvalidRoster with the first hundred faults.
    """
    every = chain(faults, _size_faults(rows), _cell_faults(rows, where), _tree_faults(rows, where))
    found = list(islice(every, MOST_FAULTS))
    if found:
        raise InvalidRoster(found)
    # Every cell has been checked by now, which the type checker cannot see.
    said = {cast(str, row.id): where(index, "before") for index, row in enumerate(rows) if row.before}
    return replace(arranged(map(_unit, rows)), said=said)


def _unit(row: Row) -> Unit:
    id = cast(str, row.id)
    name, parent = cast("str | None", row.name), cast("str | None", row.parent)
    before = None if row.before is None else tuple(cast("list[str]", row.before))
    return Unit(id, id if name is None else name, parent, cast(int, row.headcount), before)


def _size_faults(rows: Sequence[Row]) -> Iterator[Fault]:
    if not rows:
        yield Fault("units", "holds no unit")
    if len(rows) > MOST_UNITS:
        yield Fault("units", f"must be at most {MOST_UNITS}")


def _cell_faults(rows: Sequence[Row], where: Where) -> Iterator[Fault]:
    for index, (id, name, parent, headcount, before) in enumerate(rows):
        if not is_id(id):
            yield Fault(where(index, "id"), ID_RULE)
        if name is not None and not is_text(name, LONGEST_NAME):
            yield Fault(where(index, "name"), text_rule(LONGEST_NAME))
        if parent is not None and not is_id(parent):
            yield Fault(where(index, "parent"), "must be the id of a unit, or empty at a root")
        if type(headcount) is not int or not 0 <= headcount <= MOST_PEOPLE:
            yield Fault(where(index, "headcount"), f"must be a whole number from 0 to {MOST_PEOPLE}")
        if before is not None and not _is_before(before, id):
            rule = f"must be at most {MOST_BEFORE} ids of units, each once, and never the unit's own"
            yield Fault(where(index, "before"), rule)


def _is_before(value: object, own: object) -> bool:
    if not isinstance(value, list) or len(value) > MOST_BEFORE or not all(map(is_id, value)):
        return False
    return own not in value and len(set(value)) == len(value)


def _tree_faults(rows: Sequence[Row], where: Where) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        if isinstance(row.id, str) and is_id(row.id) and first.setdefault(row.id, index) != index:
            yield Fault(where(index, "id"), "is the id of an earlier unit already")
    parents = [first.get(row.parent, -1) if isinstance(row.parent, str) else -1 for row in rows]
    for index, row in enumerate(rows):
        if parents[index] < 0 and is_id(row.parent):
            yield Fault(where(index, "parent"), "is the id of no unit")
    for index in sorted(_in_cycles(parents)):
        yield Fault(where(index, "parent"), "leads back to the unit itself")


def _in_cycles(parents: Sequence[int]) -> Iterator[int]:
    """Every position that following `parents` (-1 ends) comes back to; each is walked over once."""
    walk_of = [-1] * len(parents)
    for start in range(len(parents)):
        here = start
        while here >= 0 and walk_of[here] < 0:
            walk_of[here] = start
            here = parents[here]
        if here >= 0 and walk_of[here] == start:  # this very walk met itself
            yield here
            ahead = parents[here]
            while ahead != here:
                yield ahead
                ahead = parents[ahead]
