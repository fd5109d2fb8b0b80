"""Which units hold whose people after a reorganisation: what rosters say by `before`, followed from one to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

#: By unit id the ids of the units whose people it took over, as a roster or a release names them.
Named = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Takeovers:
    """Ids of units that took over others: one that is gone, several at once, or a part of one."""

    replacing: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    split: tuple[str, ...] = ()


def predecessors(now: Named, then: Named) -> dict[str, tuple[str, ...]]:
    """By unit of `now` the units of `then` whose people it holds: itself, if it was there, and those taken over since.

    What a unit had taken over by `then` already is part of itself there. Empty for a unit that is new. One unit of
    `then` may stand under several of `now`: it was split.
    """
    found = {}
    for unit, named in now.items():
        own = (unit,) if unit in then else ()
        settled = then.get(unit, ())
        fresh = tuple(id for id in named if id in then and id not in settled) if named else ()
        found[unit] = own + fresh
    return found


def takeovers(now: Named, then: Named) -> Takeovers:
    """Of the units of `now`, in their order, those that name units they did not name `then`.

    A unit is split when several name it, or when it lives on beside the one that names it.
    """
    fresh = {unit: [id for id in named if id not in then.get(unit, ())] for unit, named in now.items()}
    fresh = {unit: named for unit, named in fresh.items() if named}
    takers = Counter(id for named in fresh.values() for id in named)
    parts = {unit for unit, named in fresh.items() if any(takers[id] > 1 or id in now for id in named)}
    merged = {unit for unit, named in fresh.items() if len(named) + (unit in then) > 1}
    return Takeovers(
        tuple(unit for unit in fresh if unit not in parts and unit not in merged),
        tuple(unit for unit in fresh if unit in merged),
        tuple(unit for unit in fresh if unit in parts),
    )


def traced(now: Named, then: Named, past: Named) -> dict[str, tuple[str, ...]]:
    """What `now` names, but in the place of units that came and went since `then` those they had taken over themselves.

    `past` is what every unit named last, gone or not. One that took over nobody stays named.
    """
    return {unit: tuple(dict.fromkeys(_traced(unit, named, then, past))) for unit, named in now.items()}


def _traced(unit: str, named: Iterable[str], then: Named, past: Named) -> Iterator[str]:
    met = {unit}
    ahead = list(named)[::-1]
    while ahead:
        id = ahead.pop()
        if id in met:
            continue
        met.add(id)
        if id in then or id in then.get(unit, ()) or not past.get(id):
            yield id
        else:
            ahead.extend(reversed(past[id]))
