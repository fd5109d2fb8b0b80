"""What was collected is opened, in memory only, and held against the tokens it was sent with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Protocol

import numpy as np
import numpy.typing as npt

from service.errors import Altered
from service.seal.batch import columns
from service.seal.close_key import Opening
from service.store import invitations, responses, rosters
from service.store.database import Connection
from service.survey.pulse import Pulse
from service.tally.count import respondents
from service.tally.partial import Asked, Partial, partial, placed

Ints = npt.NDArray[np.int64]


class Counting(Protocol):
    """Opens a pulse's sealed batches, each with its id, and counts what is in them, here or elsewhere."""

    def __call__(self, key: Opening, pulse: str, batches: Iterator[tuple[bytes, bytes]], asked: Asked, /) -> Partial:
        """Raises ValueError where one cannot be opened, is there twice, or holds what nobody can answer."""


def in_memory(key: Opening, pulse: str, batches: Iterator[tuple[bytes, bytes]], asked: Asked) -> Partial:
    """All at once in this process. Raises ValueError."""
    opened = [key.open(pulse, id, sealed) for id, sealed in batches]
    return partial(*columns(opened, len(asked.points), len(asked.values)), asked)


def unsealed(tx: Connection, pulse: Pulse, key: Opening, asked: Asked, spent: Ints, counting: Counting) -> Partial:
    """Every response, counted. Raises Altered where they are not what the tokens were `spent` on, unit by unit."""
    try:
        with closing(responses.read_sealed(tx, pulse.id)) as batches:
            found = counting(key, pulse.id, batches, asked)
    except ValueError:
        raise Altered from None
    if not np.array_equal(respondents(found.cells.unit, len(spent), found.cells.n), spent):
        raise Altered
    return found


def spent_by_place(tx: Connection, pulse: Pulse, places: Ints, size: int) -> Ints:
    """How many tokens were spent of each of `size` units of the roster: as many as there are responses.

    Raises Altered where some were of a unit that nobody can be invited to, and where a unit answered more often than it
    was invited. Fewer exchanges than unlinkable tokens are no reason to throw a pulse away: after a restore, several
    processes may have let a second one of somebody's through.
    """
    spent, issued = invitations.spent(tx, pulse.id), invitations.invited(tx, pulse.id)
    some = {unit: count for unit, count in spent.items() if count}
    if any(count > issued.get(unit, 0) for unit, count in some.items()):
        raise Altered
    try:
        units = placed(np.array([*some], np.int64), places)
    except ValueError:
        raise Altered from None
    return respondents(units, size, np.array([*some.values()], np.int64))


def require_whole(tx: Connection, pulse: Pulse, key: Opening) -> None:
    """Raises Altered where what was collected can never be closed."""
    size = max(rosters.numbers(tx, pulse.organisation).values(), default=-1) + 1
    places = np.arange(size)
    asked = asked_of(pulse, places, np.full(size, -1, np.int64))
    unsealed(tx, pulse, key, asked, spent_by_place(tx, pulse, places, size), in_memory)


def asked_of(pulse: Pulse, places: Ints, atom_of: Ints) -> Asked:
    """For a roster whose unit numbers stand at `places`, counted within these atoms."""
    return Asked(
        points=tuple(item.scale.points for item in pulse.asked),
        scored=tuple(item.scored for item in pulse.asked),
        values=tuple(len(band.values) for band in pulse.bands),
        places=places,
        atom_of=atom_of,
    )
