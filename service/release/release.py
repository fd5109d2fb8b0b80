"""What everyone may see of one pulse, fixed for good: whole numbers a reader can add up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from service.survey.instrument import Instrument, Item


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One item in one unit: how many answered, the sum of keyed answers in scale units, how many were
    favourable, and the count at each point from the lowest up; None where the gate withholds it."""

    n: int
    total: int
    favourable: int | None
    counts: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """A published unit with everything below it: respondents, headcount, and the figures of each item shown."""

    n: int
    headcount: int
    items: dict[str, ItemFigures]


@dataclass(frozen=True, slots=True)
class PublicUnit:
    """A node of the frozen roster. `figures` is None where the gate withholds the whole unit."""

    id: str
    name: str
    parent: str | None
    figures: UnitFigures | None


@dataclass(frozen=True)
class PooledMoments:
    """Scatter of the scored items within published atoms, pooled over the organisation.

    `items` are J ids; `within` is J x J, the sum over people of products of deviations from their atom's item
    mean (squared scale units; a missing answer counts as no deviation); `n` people in `atoms` disjoint atoms.
    """

    items: tuple[str, ...]
    n: int
    atoms: int
    within: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Release:
    """One pulse's published figures. `instrument` and `items` say what was asked, `units` parents first.

    `number` counts the pulses of its organisation in the order of closing: a day alone does not order two of them.
    """

    pulse: str
    label: str
    series: str
    instrument: Instrument
    items: tuple[str, ...]
    threshold: int
    policy_hash: str
    opened_on: date
    closed_on: date
    number: int
    units: tuple[PublicUnit, ...]
    pooled: PooledMoments | None

    @property
    def age(self) -> tuple[date, int]:
        """What releases are sorted by, oldest first."""
        return self.closed_on, self.number

    @cached_property
    def asked(self) -> tuple[Item, ...]:
        wanted = set(self.items)
        return tuple(item for item in self.instrument.items if item.id in wanted)

    @cached_property
    def unit(self) -> dict[str, PublicUnit]:
        return {unit.id: unit for unit in self.units}
