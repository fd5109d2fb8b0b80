"""A batch on PostgreSQL: three statements however many submissions it carries."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.errors import Unavailable
from service.store.collector import Submission, row_keys
from service.survey.pulse import State

# Share-locking the pulse makes closing wait for the batch, and the batch see a close that came first.
_STATE = text("SELECT state FROM pulse WHERE id = :pulse FOR SHARE")

# Rows go in by their random key, so that neither heap nor transaction shows who came first within a batch.
_SPEND = text(
    """
    WITH sent AS (
        SELECT * FROM unnest(CAST(:digests AS bytea[]), CAST(:receipts AS bytea[]), CAST(:answers AS bytea[]),
                             CAST(:bands AS bytea[]), CAST(:rows AS bytea[]))
                 AS s (digest, receipt, answers, bands, id)
    ), spent AS (
        UPDATE invitation SET receipt = sent.receipt FROM sent
        WHERE invitation.pulse_id = :pulse AND invitation.digest = sent.digest AND invitation.receipt IS NULL
        RETURNING invitation.digest, invitation.unit
    ), stored AS (
        INSERT INTO response (pulse_id, id, unit, bands, answers)
        SELECT CAST(:pulse AS varchar), sent.id, spent.unit, sent.bands, sent.answers
        FROM spent JOIN sent USING (digest) ORDER BY sent.id
    )
    SELECT digest FROM spent
    """
)

_RECEIPTS = text(
    "SELECT digest, receipt FROM invitation WHERE pulse_id = :pulse AND digest = ANY(CAST(:digests AS bytea[]))"
)

#: Two workers spending the same tokens in opposite order: the database undoes one, which simply goes again.
_DEADLOCK, _TRIES = "40P01", 3


class PostgresCommitter:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def commit(self, batch: list[Submission]) -> list[bool]:
        for _ in range(_TRIES):
            try:
                return await self._commit(batch)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
                    raise Unavailable("The database cannot be reached.") from error
            except OSError as error:
                raise Unavailable("The database cannot be reached.") from error
        raise Unavailable("The database is too busy.")

    async def close(self) -> None:
        await self._engine.dispose()

    async def _commit(self, batch: list[Submission]) -> list[bool]:
        by_pulse: dict[str, list[Submission]] = defaultdict(list)
        for submission in batch:
            by_pulse[submission.pulse].append(submission)
        stand: set[bytes] = set()
        async with self._engine.begin() as tx:
            for pulse in sorted(by_pulse):
                stand |= await _spend(tx, pulse, by_pulse[pulse])
        return [submission.digest in stand for submission in batch]


async def _spend(tx: AsyncConnection, pulse: str, sent: list[Submission]) -> set[bytes]:
    """The digests among `sent` whose submission stands."""
    if (await tx.execute(_STATE, {"pulse": pulse})).scalar() != State.OPEN:
        return set()
    columns = {
        "pulse": pulse,
        "digests": [s.digest for s in sent],
        "receipts": [s.receipt for s in sent],
        "answers": [s.answers for s in sent],
        "bands": [s.bands for s in sent],
        "rows": row_keys(len(sent)),
    }
    stand = set((await tx.execute(_SPEND, columns)).scalars())
    others = {s.digest: s.receipt for s in sent if s.digest not in stand}
    if others:
        known = await tx.execute(_RECEIPTS, {"pulse": pulse, "digests": list(others)})
        stand |= {digest for digest, receipt in known if receipt == others[digest]}
    return stand
