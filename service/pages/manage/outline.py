"""A roster to look at: few enough rows for one page, opened branch by branch from the top."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from service.survey.roster import Roster

#: Rows of one page: as many as somebody looks through, some 20 kB.
MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A unit in its place: `people` directly in it, `total` with everything below, `closed` how many units stand below
    it that are not on this page, `before` the ids of units it took over."""

    id: str
    name: str
    depth: int
    people: int
    total: int
    closed: int
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The units below `path[-1]`, or all of them: `lines` in roster order. Where its topmost ones are too many for a
    page, `previous` and `next` are the places among them that the pages around it begin with."""

    path: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    previous: int | None
    next: int | None


def outline(roster: Roster, top: str | None = None, first: int = 0) -> Outline:
    """What stands below `top` (the whole forest when None), from its `first` child on.

    Branches are opened level by level while there is room. Raises KeyError when `top` is no unit of the roster.
    """
    at = -1 if top is None else roster.position[top]
    children = _children(roster)
    level = children.get(at, [])
    begin = [*([at] if at >= 0 else []), *level[first : first + MOST_ROWS]]
    opened = _opened(children, begin, at)
    shown = sorted(opened)
    depth = {at: -1} if at < 0 else {}
    for place in shown:
        depth[place] = depth.get(roster.parents[place], -1) + 1
    below = _below(roster)
    lines = tuple(
        Line(
            unit.id,
            unit.name,
            min(depth[place], 6),
            unit.headcount,
            roster.totals[place],
            0 if opened[place] else below[place],
            unit.before or (),
        )
        for place in shown
        for unit in [roster.units[place]]
    )
    previous = max(0, first - MOST_ROWS) if first else None
    return Outline(
        tuple(_path(roster, at)), lines, previous, first + MOST_ROWS if first + MOST_ROWS < len(level) else None
    )


def _children(roster: Roster) -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for place, above in enumerate(roster.parents):
        children.setdefault(above, []).append(place)
    return children


def _opened(children: dict[int, list[int]], begin: list[int], at: int) -> dict[int, bool]:
    """The places on the page, and whether all that stands directly below each does too."""
    opened = {place: place == at or place not in children for place in begin}
    waiting = deque(place for place in begin if not opened[place])
    while waiting:
        place = waiting.popleft()
        if len(opened) + len(children[place]) > MOST_ROWS:
            continue
        opened[place] = True
        for child in children[place]:
            opened[child] = child not in children
            if not opened[child]:
                waiting.append(child)
    return opened


def _below(roster: Roster) -> list[int]:
    """How many units stand below each."""
    below = [0] * len(roster.units)
    for place in range(len(below) - 1, -1, -1):
        if roster.parents[place] >= 0:
            below[roster.parents[place]] += below[place] + 1
    return below


def _path(roster: Roster, at: int) -> Iterator[tuple[str, str]]:
    """Id and name of each unit from the root down to the one at that place."""
    if at >= 0:
        yield from _path(roster, roster.parents[at])
        yield roster.units[at].id, roster.units[at].name


def levels(roster: Roster) -> int:
    """How many units stand above one another at most, the lowest counted."""
    depth: list[int] = []
    for above in roster.parents:
        depth.append(1 if above < 0 else depth[above] + 1)
    return max(depth, default=0)
