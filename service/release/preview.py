"""Before a pulse is set up: how much of it could be read, by the gate's own choice among counts that are drawn.

Assumed is that everybody answers with the same chance and regardless of the others, that values of a band nobody stated
numbers for are equally frequent, and that who answers answers every item. The draws are the same every time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from service.release.bands import Invited, invited
from service.release.headcounts import stated
from service.release.layout import Layout
from service.release.policy import Policy
from service.release.slices import chosen
from service.release.tree import Flags, Ints, publishable, totals
from service.survey.pulse import Pulse
from service.survey.roster import Roster

_SEED = 20_240_229
#: Units drawn for in all draws together, which bounds the time they take; and the draws of a small organisation.
_UNITS, _DRAWS = 5_000, 20


@dataclass(frozen=True, slots=True)
class Readable:
    """What could be read when the share `participation` answers, each on average of the draws: `teams` (units with none
    below them) and `units`, those of them with a `distribution`, the `people` directly in readable units, and the units
    `spared`: large enough, but withheld because they would give another one away."""

    participation: float
    teams: float
    units: float
    distribution: float
    people: float
    spared: float


@dataclass(frozen=True, slots=True)
class Cut:
    """One family of slices, units by values: all `cells`, those that enough are invited into to be `open` at all, and
    those `shown` in one draw, weighed without the other families."""

    by: tuple[str, ...]
    cells: int
    open: int
    shown: int


def readable(roster: Roster, threshold: int, shares: Sequence[float]) -> tuple[Readable, ...]:
    """One for each share of people who answer, 0 to 1."""
    open_units = stated(roster, threshold)
    return tuple(_readable(roster, open_units, threshold, share) for share in shares)


def cuts(pulse: Pulse, roster: Roster, share: float) -> tuple[Cut, ...]:
    """One for each of the pulse's families when that share of people answers."""
    people = np.array([unit.headcount for unit in roster.units], np.int64)
    n = np.random.default_rng(_SEED).binomial(people, share)
    shown = publishable(roster.parents, n, people, pulse.threshold, stated(roster, pulse.threshold))
    every = invited(pulse, roster)
    alone = {it.by[0]: _chances(it, roster, pulse) for it in every if len(it.by) == 1}
    return tuple(_cut(it, roster, n, shown, [alone[band] for band in it.by], pulse.threshold) for it in every)


def _readable(roster: Roster, open_units: Flags, threshold: int, share: float) -> Readable:
    parents = roster.parents
    people = np.array([unit.headcount for unit in roster.units], np.int64)
    is_team = np.ones(len(people), np.bool_)
    is_team[[above for above in parents if above >= 0]] = False
    distribution = Policy(threshold).distribution
    found = []
    for n in _draws(people, share):
        shown = publishable(parents, n, people, threshold, open_units)
        large = (totals(parents, n) >= threshold) & (totals(parents, people) >= threshold)
        spread = shown & (totals(parents, n) >= distribution)
        flags = (shown & is_team, shown, spread, shown * people, large & ~shown)
        found.append([int(each.sum()) for each in flags])
    teams, units, spread_units, readers, spared = np.mean(found, axis=0).tolist()
    return Readable(share, teams, units, spread_units, readers, spared)


def _draws(people: Ints, share: float) -> Iterator[Ints]:
    chance = np.random.default_rng(_SEED)
    for _ in range(max(1, min(_DRAWS, _UNITS // max(1, len(people))))):
        yield chance.binomial(people, share)


def _chances(it: Invited, roster: Roster, pulse: Pulse) -> list[list[float]]:
    """How likely each value is for somebody of each unit; what is left to one is that none was stated."""
    alike = [1 / len(it.values)] * len(it.values)
    rows = []
    for unit in roster.units:
        counts = pulse.classes.get(unit.id, {}).get(it.by[0])
        known = None if counts is None else [counts.get(value, 0) / max(1, unit.headcount) for (value,) in it.values]
        rows.append(alike if known is None else known)
    return rows


def _cut(
    it: Invited, roster: Roster, n: Ints, shown: Flags, chances: Sequence[list[list[float]]], threshold: int
) -> Cut:
    offered = it.open(threshold)
    unit = np.repeat(np.arange(len(n)), n)
    value, said = np.zeros(len(unit), np.int64), np.ones(len(unit), np.bool_)
    chance = np.random.default_rng(_SEED)
    for rows in chances:
        drawn = _drawn(np.array(rows, np.float64)[unit], chance)
        value = value * len(rows[0]) + drawn
        said &= drawn < len(rows[0])
    layout = Layout.of(roster.parents, shown, unit, np.ones(len(unit), np.int64), [np.where(said, value, -1)])
    (found,) = chosen(layout, [offered], threshold)
    return Cut(it.by, offered.size, int(offered.sum()), int(found.sum()))


def _drawn(chances: np.ndarray[tuple[int, int], np.dtype[np.float64]], chance: np.random.Generator) -> Ints:
    """For each row the place of the value drawn; their number where none was."""
    ends = np.cumsum(chances, axis=1)
    return np.asarray((chance.random(len(ends))[:, np.newaxis] >= ends).sum(axis=1), np.int64)
