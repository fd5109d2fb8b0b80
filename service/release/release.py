"""What everyone may see of one pulse, fixed for good: whole numbers a reader can add up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from service.survey.instrument import Instrument, Item
from service.survey.pulse import Band


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One item in one group: how many answered and, in scale units, the sum of their keyed answers.

    The sum lies between `least` and `most`; they differ where the gate shows a bound instead of a sum that would
    tell on somebody. `favourable` and `counts` (at each point from the lowest up) are None where it withholds them.
    """

    n: int
    least: int
    most: int
    favourable: int | None = None
    counts: tuple[int, ...] | None = None

    @property
    def total(self) -> int | None:
        """The sum where it is shown exactly."""
        return self.least if self.least == self.most else None


@dataclass(frozen=True, slots=True)
class Slice:
    """Those of a unit with these values (`bands`) of these attributes (`by`), and the figures of each item shown."""

    by: tuple[str, ...]
    bands: tuple[str, ...]
    n: int
    items: dict[str, ItemFigures]


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """A published unit with everything below it: respondents, headcount, and the figures of each item shown.

    `moved` names earlier pulses of the series since which a few people, at least one and fewer than the threshold,
    joined or left: what changed between them and this one may be those few.
    """

    n: int
    headcount: int
    items: dict[str, ItemFigures]
    slices: tuple[Slice, ...] = ()
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicUnit:
    """A node of the frozen roster. `figures` is None where the gate withholds the whole unit.

    `before` are the units of earlier pulses whose people it took over when units were renamed, merged or split.
    """

    id: str
    name: str
    parent: str | None
    figures: UnitFigures | None
    before: tuple[str, ...] = ()


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

    `families` are the bands figures are given by: each alone, and crosses of two. A slice that is not listed is
    suppressed. `number` counts the pulses of its organisation in the order of closing: a day alone does not order
    two of them.
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
    bands: tuple[Band, ...] = ()
    families: tuple[tuple[str, ...], ...] = ()

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
