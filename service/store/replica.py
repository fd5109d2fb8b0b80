"""A standby that is asked for what never changes: whatever it lacks, or has otherwise, the primary is asked for.

What stands is the primary's to say: it gives the digests, and what the replica gives is measured by them. So a standby
that lags, is down or is of another database costs a moment, and never makes a figure differ.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from service.errors import RedwoodError, Unavailable
from service.store import findings, results
from service.store.database import Database

#: Seconds for which one that could not be asked is left alone.
_ALONE = 10.0
#: It is given up sooner than the primary, who can be asked instead: seconds to connect, milliseconds for the network
#: to take what was sent, seconds of silence after which it is asked for a sign of life, and again, and how often.
_PATIENCE = {
    "connect_timeout": 2,
    "tcp_user_timeout": 3_000,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}


class Replica(Database):
    """Each reading sees one moment of it, and none writes."""

    def __init__(self, address: str) -> None:
        self.url = make_url(address)
        self.engine = create_engine(
            self.url.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args=_PATIENCE,
        )
        event.listen(self.engine, "connect", _only_read)
        self._until = 0.0

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Raises Unavailable for whatever it cannot answer, and then at once for a while."""
        if time.monotonic() < self._until:
            raise Unavailable("The replica is left alone for a moment.")
        try:
            with self.engine.execution_options(reading=True).begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            self._until = time.monotonic() + _ALONE
            raise Unavailable("The replica cannot be asked.") from error


def _only_read(connection: Any, _record: object) -> None:
    connection.read_only = True


def release_contents(
    replica: Database, primary: Database, organisation: str, pulses: Collection[str]
) -> dict[str, bytes]:
    """The canonical bytes of each of these releases that the organisation has."""
    if replica is primary:
        with primary.read() as tx:
            return results.release_contents(tx, organisation, pulses)
    with primary.read() as tx:
        digests = results.digests(tx, organisation, pulses)
    found = _as_they_are(_asked(replica, organisation, digests), digests)
    missing = [pulse for pulse in digests if pulse not in found]
    if missing:
        with primary.read() as tx:
            found |= results.release_contents(tx, organisation, missing)
    return found


def _asked(replica: Database, organisation: str, pulses: Collection[str]) -> dict[str, bytes]:
    try:
        with replica.read() as tx:
            return results.release_contents(tx, organisation, pulses)
    except Unavailable:
        return {}


def _as_they_are(contents: Mapping[str, bytes], digests: Mapping[str, str]) -> dict[str, bytes]:
    return {
        pulse: content
        for pulse, content in contents.items()
        if f"sha256:{hashlib.sha256(content).hexdigest()}" == digests[pulse]
    }


def finding_part(replica: Database, primary: Database, pulse: str, name: str, digest: str, number: int) -> bytes | None:
    """One part of a table that has this digest; None where that was replaced by another."""
    if replica is not primary:
        try:
            held = _held(replica, pulse, name, digest, number)
        except RedwoodError:
            held = None
        if held is not None:
            return held
    return _held(primary, pulse, name, digest, number)


def _held(database: Database, pulse: str, name: str, digest: str, number: int) -> bytes | None:
    """The digest and the part are of one moment."""
    with database.read() as tx:
        found = findings.part(tx, pulse, name, number)
    return None if found is None or found[1].digests.get(name) != digest else found[0]
