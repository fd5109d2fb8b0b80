"""Opens what an open pulse holds sealed, as closing does, so that tests can look at what was stored."""

from __future__ import annotations

from service.bootstrap import custody_of
from service.operations.keys import opener
from service.seal.batch import Columns, columns
from service.settings import Settings
from service.store import pulses, responses
from service.store.database import Database


def opened(database: Database, pulse: str) -> Columns:
    """(unit numbers, packed answers, stated bands) of every response so far."""
    with database.read() as tx:
        key = opener(tx, custody_of(Settings()), pulse)
        asked = pulses.pulse_by_id(tx, pulse)
        batches = [key.open(pulse, id, sealed) for id, sealed in responses.read_sealed(tx, pulse)]
    return columns(batches, len(asked.asked), len(asked.bands))


def how_many(database: Database, pulse: str) -> int:
    return len(opened(database, pulse)[0])
