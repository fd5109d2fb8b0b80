"""One round of asking and its one-way life: draft, open, closed, released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import product
from typing import Literal

from service.errors import Conflict
from service.survey.instrument import Instrument, Item

TokenKind = Literal["unlinkable", "plain"]
#: What may be sent with answers: a token nobody can tie to an invitation, or the invitation itself.
TOKEN_KINDS: tuple[TokenKind, ...] = ("unlinkable", "plain")


class State(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    RELEASED = "released"


#: The one step each state allows. There is no way back and no way round.
NEXT: dict[State, State] = {
    State.DRAFT: State.OPEN,
    State.OPEN: State.CLOSED,
    State.CLOSED: State.RELEASED,
}


def require_step(state: State, to: State) -> None:
    """Raise Conflict unless `to` is the next step of a pulse that stands in `state`."""
    if NEXT.get(state) is not to:
        raise Conflict(f"A pulse that is {state} cannot become {to}: its life runs draft, open, closed, released.")


@dataclass(frozen=True, slots=True)
class Band:
    """A coarse attribute a respondent states (tenure), and the values it may take, decided before opening."""

    id: str
    values: tuple[str, ...]


def combinations(bands: Sequence[Band], family: Sequence[str]) -> list[tuple[str, ...]]:
    """Every combination of the values of the bands in `family`, as declared, the last varying fastest.

    A combination's place in this list stands for it wherever slices are counted.
    """
    values = {band.id: band.values for band in bands}
    return list(product(*(values[band] for band in family)))


@dataclass(frozen=True, slots=True)
class Pool:
    """Units side by side that are read together where they are too small alone; decided before opening.

    In the tree that is frozen at opening a pool is a unit of its own between them and their parent.
    """

    id: str
    name: str
    units: tuple[str, ...]


#: How many are invited directly in a unit, by band id and value: unit -> band -> value -> people.
Classes = Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class Pulse:
    """One round of asking. `items` are the ids asked, in order; days are the only time kept.

    `number`, from closing on, counts its organisation's pulses in the order they closed. `crosses` are pairs of
    band ids that are also read together. `classes` may leave out units and bands: then it is not known how many
    of a unit's people are of which value, only that no class has more than the unit. `fingerprint` and
    `sealed_to`, from opening on, are those of the units' token keys and of the key answers are sealed to.
    """

    id: str
    organisation: str
    label: str
    series: str
    instrument: Instrument
    items: tuple[str, ...]
    bands: tuple[Band, ...]
    threshold: int
    state: State
    opened_on: date | None = None
    closed_on: date | None = None
    number: int | None = None
    crosses: tuple[tuple[str, str], ...] = ()
    classes: Classes = field(default_factory=dict)
    pools: tuple[Pool, ...] = ()
    tokens: tuple[TokenKind, ...] = TOKEN_KINDS
    fingerprint: str | None = None
    sealed_to: str | None = None

    @property
    def families(self) -> tuple[tuple[str, ...], ...]:
        """The bands results are read by: each alone, then the crosses."""
        return (*((band.id,) for band in self.bands), *self.crosses)

    @property
    def asked(self) -> tuple[Item, ...]:
        wanted = set(self.items)
        return tuple(item for item in self.instrument.items if item.id in wanted)
