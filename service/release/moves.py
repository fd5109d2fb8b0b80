"""Who came and went between two pulses, as far as headcounts, moves in the tree and the lineage of units tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from service.survey.lineage import predecessors
from service.survey.roster import Roster

#: By the place of each unit of the later roster the places of units of the former.
Places = Sequence[Sequence[int]]


def moved(now: Roster, earlier: Sequence[tuple[str, Roster]], threshold: int) -> list[tuple[str, ...]]:
    """For each unit of `now` the ids of the earlier pulses, oldest first, each with its frozen roster, since which at
    least one and fewer than `threshold` people joined it with everything below it, or left.

    A unit below it joined by as many as its headcount grew, or by all of it if it stood elsewhere then; and left
    the other way round. A unit that was renamed, and units that were merged or split, are taken together with those
    whose people they took over: they grew or shrank as a whole. A unit that took over others is compared with what
    it was itself, and with itself and those others; one that is new, with those others. People who changed places
    one for one are not seen.
    """
    found: list[list[str]] = [[] for _ in now.units]
    for (pulse, then), origins in zip(earlier, _origins(now, [roster for _, roster in earlier]), strict=True):
        for index, changes in enumerate(zip(*_changes(now, then, origins), strict=True)):
            if any(0 < few < threshold for few in chain.from_iterable(changes)):
                found[index].append(pulse)
    return [tuple(pulses) for pulses in found]


def _origins(now: Roster, earlier: Sequence[Roster]) -> list[Places]:
    """For each earlier roster where in it the units stand whose people each unit of `now` holds, itself first.

    They are followed through the rosters in between, where a unit may have stood for a while only.
    """
    found: list[Places] = []
    later = now
    holds: dict[str, tuple[str, ...]] = {unit.id: (unit.id,) for unit in now.units}
    for then in reversed(earlier):
        step = predecessors(later.before, then.before)
        holds = {unit: tuple(dict.fromkeys(chain.from_iterable(step[id] for id in ids))) for unit, ids in holds.items()}
        for unit in holds:
            if unit in then and unit not in holds[unit]:
                holds[unit] = (unit, *holds[unit])
        found.append([[then.position[id] for id in holds[unit.id]] for unit in now.units])
        later = then
    return found[::-1]


def _changes(now: Roster, then: Roster, origins: Places) -> Iterator[Iterator[tuple[int, int]]]:
    """How many joined and left each unit of `now`, all of either day but those who stayed: since those it holds the
    people of, and since what it was itself, if it was there and took over others."""
    own = [[at] if (at := then.position.get(unit.id, -1)) >= 0 else [] for unit in now.units]
    groups = _Groups.of(origins)
    yield _since(now, then, origins, groups)
    if any(len(apart) > 1 for apart in origins):
        since = _since(now, then, own, groups)
        yield (it if at else (0, 0) for it, at in zip(since, own, strict=True))


def _since(now: Roster, then: Roster, roots: Places, groups: _Groups) -> Iterator[tuple[int, int]]:
    tops = [_topmost(then, places) for places in roots]
    for total, places, stayed in zip(now.totals, tops, _stayed(now, then, tops, groups), strict=True):
        yield total - stayed, sum(then.totals[at] for at in places) - stayed


@dataclass(frozen=True)
class _Groups:
    """Units of two rosters that must be counted together: `partner` is the place then of a unit that has just one and
    shares it with none, else -1; `others` are the groups that remain, as places now and places then."""

    partner: Sequence[int]
    others: Sequence[tuple[Sequence[int], Sequence[int]]]

    @classmethod
    def of(cls, origins: Places) -> _Groups:
        holders: dict[int, list[int]] = {}
        for index, places in enumerate(origins):
            for at in places:
                holders.setdefault(at, []).append(index)
        partner = [
            places[0] if len(places) == 1 and len(holders[places[0]]) == 1 else -1 for places in map(tuple, origins)
        ]
        return cls(partner, list(_connected(origins, holders, partner)))


def _connected(
    origins: Places, holders: Mapping[int, Sequence[int]], partner: Sequence[int]
) -> Iterator[tuple[list[int], list[int]]]:
    met: set[int] = set()
    for start, places in enumerate(origins):
        if partner[start] >= 0 or not places or start in met:
            continue
        met.add(start)
        group, then = [start], dict.fromkeys(places)
        for index in group:  # grows as it is walked
            for at in origins[index]:
                then[at] = None
                fresh = [holder for holder in holders[at] if holder not in met]
                met.update(fresh)
                group += fresh
        yield group, list(then)


def _topmost(then: Roster, places: Sequence[int]) -> Sequence[int]:
    """Without those that stand below another of them."""
    if len(places) < 2:
        return places
    chosen = set(places)
    return [at for at in places if chosen.isdisjoint(_upward(then, then.parents[at]))]


def _stayed(now: Roster, then: Roster, roots: Places, groups: _Groups) -> list[int]:
    """People in each unit's subtree on both days; on the former day that is the subtrees of its `roots`.

    Of a unit with a partner the lesser headcount stayed. Where a unit's parent is the sole counterpart of the unit's
    parent then, it is below whatever its parent is below on both days, so its people are handed up. Those under
    another parent are added to each unit that is above on both days; siblings that moved together are handled as one.
    """
    stayed = [
        0 if at < 0 else min(unit.headcount, then.units[at].headcount)
        for unit, at in zip(now.units, groups.partner, strict=True)
    ]
    held = Counter(chain.from_iterable(roots))
    apart: Counter[tuple[int, int]] = Counter()
    for index in range(len(stayed) - 1, -1, -1):
        above = now.parents[index]
        if not stayed[index] or above < 0:
            continue
        at = groups.partner[index] if groups.partner[index] >= 0 else roots[index][0]
        before = then.parents[at]
        if held[at] > (at in roots[index]):  # others count from this very unit on
            apart[above, at] += stayed[index]
        elif before >= 0 and list(roots[above]) == [before]:
            stayed[above] += stayed[index]
        elif before >= 0:
            apart[above, before] += stayed[index]
    for (above, below), people in apart.items():
        upward = set(_upward(then, below))
        for index in _upward(now, above):
            if not upward.isdisjoint(roots[index]):
                stayed[index] += people
    for index, people in _stayed_in_groups(now, then, roots, groups):
        stayed[index] += people
    return stayed


def _stayed_in_groups(now: Roster, then: Roster, roots: Places, groups: _Groups) -> Iterator[tuple[int, int]]:
    """Of each group, for each unit above any of it: the lesser of its people there now and of its people there then."""
    for later, former in groups.others:
        here: Counter[int] = Counter()
        for unit in later:
            for index in _upward(now, unit):
                here[index] += now.units[unit].headcount
        there: Counter[int] = Counter()
        for unit in former:
            upward = set(_upward(then, unit))
            for index in here:
                if not upward.isdisjoint(roots[index]):
                    there[index] += then.units[unit].headcount
        for index, people in here.items():
            yield index, min(people, there[index])


def _upward(roster: Roster, index: int) -> Iterator[int]:
    """The unit and everything above it."""
    while index >= 0:
        yield index
        index = roster.parents[index]
