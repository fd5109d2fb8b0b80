"""What was collected is opened, in memory only, and held against the tokens it was sent with."""

from __future__ import annotations

import numpy as np

from service.errors import Altered
from service.seal.batch import Columns, columns
from service.seal.close_key import Opener
from service.store import invitations, responses
from service.store.database import Connection
from service.survey.pulse import Pulse


def unsealed(tx: Connection, pulse: Pulse, key: Opener) -> Columns:
    """Every response, in memory only. Raises Altered where they are not what the tokens were spent on."""
    try:
        batches = [key.open(pulse.id, sealed) for sealed in responses.read_sealed(tx, pulse.id)]
        opened = columns(batches, len(pulse.asked), len(pulse.bands))
    except ValueError:
        raise Altered from None
    counts = np.bincount(opened[0]) if len(opened[0]) else np.zeros(0, np.int64)
    if {int(unit): int(counts[unit]) for unit in np.flatnonzero(counts)} != _spent(tx, pulse):
        raise Altered
    return opened


def _spent(tx: Connection, pulse: Pulse) -> dict[int, int]:
    return {unit: count for unit, count in invitations.spent(tx, pulse.id).items() if count}
