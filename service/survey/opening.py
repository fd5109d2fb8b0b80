"""What a pulse says of units is held against the roster it opens on, and its pools take their places in that tree."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from service.errors import Fault, InvalidPulse
from service.survey.pulse import Classes, Pool, Pulse
from service.survey.roster import Roster, Unit, arranged
from service.survey.roster_rules import MOST_FAULTS, MOST_UNITS


def frozen(pulse: Pulse, roster: Roster, known: Container[str]) -> Roster:
    """The tree the pulse is held to from its opening on: the roster with the pulse's pools in it.

    `known` has every unit the organisation ever had: a key may be bound to one that left, and a pool of its name
    would be shown to that key. Raises InvalidPulse with the first hundred faults.
    """
    every = chain(_class_faults(pulse.classes, roster), _pool_faults(pulse.pools, roster, known))
    faults = list(islice(every, MOST_FAULTS))
    if faults:
        raise InvalidPulse(faults)
    return with_pools(roster, pulse.pools)


def with_pools(roster: Roster, pools: Sequence[Pool]) -> Roster:
    """The roster with each pool as a unit without people of its own, between its units and their parent.

    Each pool's units must be siblings in the roster, and in no other pool; its id that of no unit.
    """
    pool_of = {unit: pool.id for pool in pools for unit in pool.units}
    parent_of = {unit.id: unit.parent for unit in roster.units if unit.id in pool_of}
    moved = (replace(unit, parent=pool_of.get(unit.id, unit.parent)) for unit in roster.units)
    made = (Unit(pool.id, pool.name, parent_of[pool.units[0]], 0) for pool in pools)
    return arranged(chain(moved, made))


def _class_faults(classes: Classes, roster: Roster) -> Iterator[Fault]:
    for index, (unit, stated) in enumerate(classes.items()):
        if unit not in roster:
            yield Fault(f"classes[{index}]", "is of no unit of the roster")
            continue
        headcount = roster.units[roster.position[unit]].headcount
        for place, counts in enumerate(stated.values()):
            if sum(counts.values()) > headcount:
                yield Fault(f"classes[{index}][{place}]", "must add up to at most the headcount of its unit")


def _pool_faults(pools: Sequence[Pool], roster: Roster, known: Container[str]) -> Iterator[Fault]:
    # The frozen tree is read back by the rules of any roster.
    if len(roster.units) + len(pools) > MOST_UNITS:
        yield Fault("pools", f"must be, with all units, at most {MOST_UNITS}")
    for index, pool in enumerate(pools):
        if pool.id in known:
            yield Fault(f"pools[{index}].id", "is the id of a unit, now or earlier")
        strangers = [place for place, unit in enumerate(pool.units) if unit not in roster]
        for place in strangers:
            yield Fault(f"pools[{index}].units[{place}]", "is no unit of the roster")
        if not strangers and len({roster.parents[roster.position[unit]] for unit in pool.units}) > 1:
            yield Fault(f"pools[{index}].units", "must have the same parent")
