"""A batch on SQLite: one writer, in a thread of its own, one transaction that is on the disk when it returns."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from service.errors import Unavailable
from service.store.batch import sealed_batch
from service.store.collector import Submission
from service.store.database import Database
from service.store.room import Room
from service.survey.pulse import State

_PULSE = "SELECT state FROM pulse WHERE id = ?"
_SPEND = """
UPDATE invitation SET receipt = ? WHERE pulse_id = ? AND digest = ? AND receipt IS NULL AND evaluated IS NULL
RETURNING unit
"""
_REDEEM = """
INSERT INTO redemption (pulse_id, nullifier, receipt, unit) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING unit
"""
_ROOM = """
SELECT (SELECT count(evaluated) FROM invitation WHERE pulse_id = ?1 AND unit = ?2)
    - (SELECT count(*) FROM redemption WHERE pulse_id = ?1 AND unit = ?2)
"""
_STORE = "INSERT INTO response (pulse_id, id, sealed) VALUES (?, ?, ?)"
_RECEIPT = """
SELECT receipt FROM invitation WHERE pulse_id = ?1 AND digest = ?2 AND receipt IS NOT NULL
UNION ALL SELECT receipt FROM redemption WHERE pulse_id = ?1 AND nullifier = ?2
"""


class SqliteCommitter:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._room = Room()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="collector")

    async def commit(self, batch: list[Submission]) -> list[bool]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, batch)

    async def close(self) -> None:
        self._thread.shutdown()

    def _commit(self, batch: list[Submission]) -> list[bool]:
        with self._database.begin() as tx:
            # Thousands of one-row statements: the driver's own cursor, in the transaction SQLAlchemy began.
            cursor: Any = tx.connection.cursor()
            try:
                return _spend(cursor, self._room, batch)
            except sqlite3.Error as error:
                raise Unavailable("The database cannot be written.") from error
            finally:
                cursor.close()


def _spend(cursor: Any, room: Room, batch: list[Submission]) -> list[bool]:
    asked = {pulse: cursor.execute(_PULSE, (pulse,)).fetchone() for pulse in {it.pulse for it in batch}}
    new: dict[str, dict[bytes, int]] = defaultdict(dict)
    outcomes = []
    for sent in batch:
        row = asked[sent.pulse]
        open_ = row is not None and row[0] == State.OPEN
        unit = _unit(cursor, room, sent) if open_ else None
        if unit is not None:
            new[sent.pulse][sent.digest] = unit
        outcomes.append(unit is not None or (open_ and _is_known(cursor, sent)))
    for pulse, units in new.items():
        mine = [it for it in batch if it.pulse == pulse]
        cursor.execute(_STORE, (pulse, *sealed_batch(pulse, mine, units)))
    return outcomes


def _unit(cursor: Any, room: Room, sent: Submission) -> int | None:
    """The number of the unit whose token this spends; None where there is none to spend."""
    if sent.unit is not None:
        return _redeemed(cursor, room, sent, sent.unit)
    spent = cursor.execute(_SPEND, (sent.receipt, sent.pulse, sent.digest)).fetchone()
    return None if spent is None else spent[0]


def _redeemed(cursor: Any, room: Room, sent: Submission, unit: int) -> int | None:
    for unit in room.lacking(sent.pulse, [sent]):
        room.counted(sent.pulse, unit, cursor.execute(_ROOM, (sent.pulse, unit)).fetchone()[0])
    if not room.fitting(sent.pulse, [sent]):
        return None
    if cursor.execute(_REDEEM, (sent.pulse, sent.digest, sent.receipt, unit)).fetchone() is None:
        return None
    room.spent(sent.pulse, [unit])
    return unit


def _is_known(cursor: Any, sent: Submission) -> bool:
    """Whether this token was spent on the very same submission."""
    known = cursor.execute(_RECEIPT, (sent.pulse, sent.digest)).fetchone()
    return known is not None and known[0] == sent.receipt
