"""What was collected is opened, in memory only, and held against the tokens it was sent with."""

from __future__ import annotations

from contextlib import closing

import numpy as np

from service.errors import Altered
from service.seal.batch import Columns, columns
from service.seal.close_key import Opening
from service.store import invitations, responses
from service.store.database import Connection
from service.survey.pulse import Pulse


def unsealed(tx: Connection, pulse: Pulse, key: Opening) -> Columns:
    """Every response, in memory only. Raises Altered where they are not what the tokens were spent on."""
    try:
        with closing(responses.read_sealed(tx, pulse.id)) as stored:
            batches = [key.open(pulse.id, id, sealed) for id, sealed in stored]
        opened = columns(batches, len(pulse.asked), len(pulse.bands))
    except ValueError:
        raise Altered from None
    if _off_the_scale(opened, pulse) or _counted(opened) != _spent(tx, pulse) or not _earned(tx, pulse):
        raise Altered
    return opened


def _off_the_scale(opened: Columns, pulse: Pulse) -> bool:
    points = [item.scale.points for item in pulse.asked]
    values = [len(band.values) for band in pulse.bands]
    return bool((opened[1] > points).any() or (opened[2] > values).any())


def _counted(opened: Columns) -> dict[int, int]:
    units, counts = np.unique(opened[0], return_counts=True)
    return dict(zip(units.tolist(), counts.tolist(), strict=True))


def _spent(tx: Connection, pulse: Pulse) -> dict[int, int]:
    return {unit: count for unit, count in invitations.spent(tx, pulse.id).items() if count}


def _earned(tx: Connection, pulse: Pulse) -> bool:
    """Whether no unit answered more often than it was invited. Fewer exchanges than unlinkable tokens are no reason to
    throw a pulse away: after a restore, several processes may have let a second one of somebody's through."""
    issued = invitations.invited(tx, pulse.id)
    return all(count <= issued.get(unit, 0) for unit, count in invitations.spent(tx, pulse.id).items())
