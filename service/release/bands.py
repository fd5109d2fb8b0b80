"""Who could be in each class, a unit's people of one band, before anybody answers: small ones are folded upward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from service.release.tree import Flags, Ints, totals
from service.survey.pulse import Band, Classes, Pulse, combinations
from service.survey.roster import Roster


@dataclass(frozen=True)
class Invited:
    """The classes of one family: `values` are its V combinations of values, `most` (units x V) the most that can
    have been invited into each with everything below the unit, `exact` where that is how many were."""

    by: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    most: Ints
    exact: Flags

    def open(self, threshold: int) -> Flags:
        """The classes (units x V) that may be shown. Whoever is in another is counted in the next unit above whose
        class of that value is open, and nowhere by this value where there is none."""
        return np.asarray(self.most >= threshold, np.bool_)


def invited(pulse: Pulse, roster: Roster) -> tuple[Invited, ...]:
    """One for each of the pulse's families, in their order."""
    alone = {band.id: _invited(band, roster, pulse.classes) for band in pulse.bands}
    return tuple(
        _crossed([alone[band] for band in family], combinations(pulse.bands, family)) for family in pulse.families
    )


def collected(pulse: Pulse, roster: Roster) -> dict[str, frozenset[str]]:
    """The values of each band that are asked for: those of which some class is open."""
    alone = (it for it in invited(pulse, roster) if len(it.by) == 1)
    return {it.by[0]: frozenset(_open_somewhere(it, pulse.threshold)) for it in alone}


def _open_somewhere(it: Invited, threshold: int) -> Iterator[str]:
    for place, (value,) in enumerate(it.values):
        if it.open(threshold)[:, place].any():
            yield value


def _invited(band: Band, roster: Roster, classes: Classes) -> Invited:
    """A unit whose classes nobody stated may have all its people in any of them."""
    own = np.array([[unit.headcount] * len(band.values) for unit in roster.units], np.int64)
    vague = own > 0
    for place, unit in enumerate(roster.units):
        stated = classes.get(unit.id, {}).get(band.id)
        if stated is not None:
            own[place] = [stated.get(value, 0) for value in band.values]
            vague[place] = False
    below = [totals(roster.parents, own[:, value]) for value in range(len(band.values))]
    unsure = [totals(roster.parents, vague[:, value]) for value in range(len(band.values))]
    return Invited(
        (band.id,), tuple((value,) for value in band.values), np.stack(below, axis=1), np.stack(unsure, axis=1) == 0
    )


def _crossed(alone: Sequence[Invited], values: Sequence[tuple[str, ...]]) -> Invited:
    """Of two bands together no more can be invited than of either; how many is known only where that is nobody."""
    if len(alone) == 1:
        return alone[0]
    first, second = alone
    most = np.minimum(first.most[:, :, np.newaxis], second.most[:, np.newaxis, :]).reshape(len(first.most), -1)
    return Invited(first.by + second.by, tuple(values), most, np.asarray(most == 0))
