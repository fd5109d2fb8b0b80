"""A batch on PostgreSQL: three statements however many submissions it carries, on asyncpg itself.

A layer above the driver costs a batch of a few submissions as much as the database does.
"""

from __future__ import annotations

from collections import defaultdict

import asyncpg

from service.errors import Unavailable
from service.store.collector import Submission, row_keys
from service.survey.pulse import State

# Share-locking the pulse makes closing wait for the batch, and the batch see a close that came first.
_STATE = "SELECT state FROM pulse WHERE id = $1 FOR SHARE"

# Rows go in by their random key, so that neither heap nor transaction shows who came first within a batch.
_SPEND = """
WITH sent AS (
    SELECT * FROM unnest($2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[])
             AS s (digest, receipt, answers, bands, id)
), spent AS (
    UPDATE invitation SET receipt = sent.receipt FROM sent
    WHERE invitation.pulse_id = $1::varchar AND invitation.digest = sent.digest AND invitation.receipt IS NULL
    RETURNING invitation.digest, invitation.unit
), stored AS (
    INSERT INTO response (pulse_id, id, unit, bands, answers)
    SELECT $1::varchar, sent.id, spent.unit, sent.bands, sent.answers
    FROM spent JOIN sent USING (digest) ORDER BY sent.id
)
SELECT digest FROM spent
"""

_RECEIPTS = "SELECT digest, receipt FROM invitation WHERE pulse_id = $1 AND digest = ANY($2::bytea[])"

#: Two workers spending the same tokens in opposite order: the database undoes one, which simply goes again.
_TRIES = 3

#: Seconds a statement may take: a close of a large pulse is waited for, a server that hangs is not.
_PATIENCE = 30

_LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)


class PostgresCommitter:
    """One connection, opened by the first batch, and anew after anything went wrong on it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: asyncpg.Connection | None = None

    async def commit(self, batch: list[Submission]) -> list[bool]:
        for _ in range(_TRIES):
            try:
                return await self._commit(batch)
            except asyncpg.DeadlockDetectedError:
                continue
            except _LOST as error:
                self._forget()
                raise Unavailable("The database cannot be reached.") from error
        raise Unavailable("The database is too busy.")

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _commit(self, batch: list[Submission]) -> list[bool]:
        by_pulse: dict[str, list[Submission]] = defaultdict(list)
        for submission in batch:
            by_pulse[submission.pulse].append(submission)
        stand: set[bytes] = set()
        if self._connection is None:
            self._connection = await asyncpg.connect(self._address, command_timeout=_PATIENCE)
        async with self._connection.transaction():
            # All pulses before any table: whoever closes one locks in this order too, and neither waits for the other.
            states = {pulse: await self._connection.fetchval(_STATE, pulse) for pulse in sorted(by_pulse)}
            for pulse, state in states.items():
                if state == State.OPEN:
                    stand |= await _spend(self._connection, pulse, by_pulse[pulse])
        return [submission.digest in stand for submission in batch]

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def _spend(connection: asyncpg.Connection, pulse: str, sent: list[Submission]) -> set[bytes]:
    """The digests among `sent` whose submission stands."""
    spent = await connection.fetch(
        _SPEND,
        pulse,
        [s.digest for s in sent],
        [s.receipt for s in sent],
        [s.answers for s in sent],
        [s.bands for s in sent],
        row_keys(len(sent)),
    )
    stand = {row["digest"] for row in spent}
    others = {s.digest: s.receipt for s in sent if s.digest not in stand}
    if others:
        known = await connection.fetch(_RECEIPTS, pulse, list(others))
        stand |= {row["digest"] for row in known if row["receipt"] == others[row["digest"]]}
    return stand
