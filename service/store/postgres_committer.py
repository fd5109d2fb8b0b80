"""A batch on PostgreSQL: a handful of statements however many submissions it carries, on asyncpg itself.

A layer above the driver costs a batch of a few submissions as much as the database does.
"""

from __future__ import annotations

from collections import defaultdict

import asyncpg

from service.errors import Unavailable
from service.store.batch import sealed_batch
from service.store.collector import Submission
from service.store.room import Room
from service.survey.pulse import State

# Share-locking the pulse makes closing wait for the batch, and the batch see a close that came first.
_PULSE = "SELECT state FROM pulse WHERE id = $1 FOR SHARE"

_SPEND = """
UPDATE invitation SET receipt = sent.receipt FROM unnest($2::bytea[], $3::bytea[]) AS sent (digest, receipt)
WHERE invitation.pulse_id = $1::varchar AND invitation.digest = sent.digest
    AND invitation.receipt IS NULL AND invitation.evaluated IS NULL
RETURNING invitation.digest, invitation.unit
"""

# Rows go in by their nullifier, so that neither heap nor transaction shows who came first within a batch.
_REDEEM = """
INSERT INTO redemption (pulse_id, nullifier, receipt, unit)
SELECT $1::varchar, sent.* FROM unnest($2::bytea[], $3::bytea[], $4::int[]) AS sent (nullifier, receipt, unit)
ORDER BY sent.nullifier ON CONFLICT DO NOTHING
RETURNING nullifier AS digest, unit
"""

_ROOM = """
SELECT unit, (SELECT count(evaluated) FROM invitation WHERE pulse_id = $1::varchar AND invitation.unit = asked.unit)
    - (SELECT count(*) FROM redemption WHERE pulse_id = $1::varchar AND redemption.unit = asked.unit) AS places
FROM unnest($2::int[]) AS asked (unit)
"""

_REDEEMED = "SELECT nullifier FROM redemption WHERE pulse_id = $1 AND nullifier = ANY($2::bytea[])"

# In the order in which a close takes them, before any is touched: a batch touches them in another.
_TABLES = "LOCK TABLE invitation, redemption, response IN ROW EXCLUSIVE MODE"

_STORE = "INSERT INTO response (pulse_id, id, sealed) VALUES ($1, $2, $3)"

_RECEIPTS = """
SELECT digest, receipt FROM invitation WHERE pulse_id = $1 AND digest = ANY($2::bytea[]) AND receipt IS NOT NULL
UNION ALL SELECT nullifier, receipt FROM redemption WHERE pulse_id = $1 AND nullifier = ANY($2::bytea[])
"""

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
        self._room = Room()

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
            self._connection = await asyncpg.connect(
                self._address, command_timeout=_PATIENCE, server_settings={"synchronous_commit": "on"}
            )
        async with self._connection.transaction():
            # All pulses before any table: whoever closes one locks in this order too, and neither waits for the other.
            states = {pulse: await self._connection.fetchval(_PULSE, pulse) for pulse in sorted(by_pulse)}
            await self._connection.execute(_TABLES)
            for pulse, state in states.items():
                if state == State.OPEN:
                    stand |= await _spend(self._connection, self._room, pulse, by_pulse[pulse])
        return [submission.digest in stand for submission in batch]

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def _spend(connection: asyncpg.Connection, room: Room, pulse: str, sent: list[Submission]) -> set[bytes]:
    """The digests among `sent` whose submission stands."""
    plain = [s for s in sent if s.unit is None]
    units: dict[bytes, int] = {}
    if plain:
        spent = await connection.fetch(_SPEND, pulse, [s.digest for s in plain], [s.receipt for s in plain])
        units = {row["digest"]: row["unit"] for row in spent}
    if len(plain) < len(sent):
        units |= await _redeem(connection, room, pulse, [s for s in sent if s.unit is not None])
    if units:
        await connection.execute(_STORE, pulse, *sealed_batch(pulse, sent, units))
    others = {s.digest: s.receipt for s in sent if s.digest not in units}
    if not others:
        return set(units)
    known = await connection.fetch(_RECEIPTS, pulse, list(others))
    return {*units, *(row["digest"] for row in known if row["receipt"] == others[row["digest"]])}


async def _redeem(connection: asyncpg.Connection, room: Room, pulse: str, sent: list[Submission]) -> dict[bytes, int]:
    """Of those unlinkable tokens that were spent by this, the nullifier and the number of the unit."""
    lacking = room.lacking(pulse, sent)
    if lacking:
        for row in await connection.fetch(_ROOM, pulse, lacking):
            room.counted(pulse, row["unit"], row["places"])
        # What was spent before takes no room from what comes with it.
        before = {row["nullifier"] for row in await connection.fetch(_REDEEMED, pulse, [s.digest for s in sent])}
        sent = room.fitting(pulse, [s for s in sent if s.digest not in before])
    rows = await connection.fetch(
        _REDEEM, pulse, [s.digest for s in sent], [s.receipt for s in sent], [s.unit for s in sent]
    )
    room.spent(pulse, [row["unit"] for row in rows])
    return {row["digest"]: row["unit"] for row in rows}
