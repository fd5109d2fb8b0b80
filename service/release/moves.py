"""Who came and went between two pulses, as far as headcounts and moves in the tree tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.survey.roster import Roster


def moved(now: Roster, earlier: Sequence[tuple[str, Roster]], threshold: int) -> list[tuple[str, ...]]:
    """For each unit of `now` the ids of the earlier pulses, each with its frozen roster, since which at least one
    and fewer than `threshold` people joined it with everything below it, or left.

    A unit below it joined by as many as its headcount grew, or by all of it if it stood elsewhere then; and left
    the other way round. People who changed places one for one are not seen.
    """
    found: list[list[str]] = [[] for _ in now.units]
    for pulse, then in earlier:
        for index, (joined, left) in enumerate(_changes(now, then)):
            if 0 < joined < threshold or 0 < left < threshold:
                found[index].append(pulse)
    return [tuple(pulses) for pulses in found]


def _changes(now: Roster, then: Roster) -> Iterator[tuple[int, int]]:
    """How many joined and left each unit of `now`: all of either day but those who stayed."""
    there = [then.position.get(unit.id, -1) for unit in now.units]
    for total, at, stayed in zip(now.totals, there, _stayed(now, then, there), strict=True):
        yield total - stayed, (0 if at < 0 else then.totals[at]) - stayed


def _stayed(now: Roster, then: Roster, there: Sequence[int]) -> list[int]:
    """People in each unit's subtree on both days: the lesser headcount of each unit that is below it on both.

    `there` holds each unit's position in `then`, or -1. A unit that kept its parent is below whatever its parent
    is below on both days, so its people are handed up. Those under another parent are added to each unit that is
    above on both days; siblings that moved together are handled as one.
    """
    stayed = [
        0 if at < 0 else min(unit.headcount, then.units[at].headcount)
        for unit, at in zip(now.units, there, strict=True)
    ]
    apart: dict[tuple[int, int], int] = {}
    for index in range(len(stayed) - 1, -1, -1):
        if not stayed[index]:
            continue
        above, before = now.parents[index], then.parents[there[index]]
        if above < 0 or before < 0:
            continue
        if there[above] == before:
            stayed[above] += stayed[index]
        else:
            apart[above, before] = apart.get((above, before), 0) + stayed[index]
    for (above, before), people in apart.items():
        upward = set(_upward(then, before))
        for index in _upward(now, above):
            if there[index] in upward:
                stayed[index] += people
    return stayed


def _upward(roster: Roster, index: int) -> Iterator[int]:
    """The unit and everything above it."""
    while index >= 0:
        yield index
        index = roster.parents[index]
