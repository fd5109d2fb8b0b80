"""A batch on SQLite: one writer, in a thread of its own, one transaction that is on the disk when it returns."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from service.errors import Unavailable
from service.store.collector import Submission, row_keys
from service.store.database import Database
from service.survey.pulse import State

_STATE = "SELECT state FROM pulse WHERE id = ?"
_SPEND = "UPDATE invitation SET receipt = ? WHERE pulse_id = ? AND digest = ? AND receipt IS NULL RETURNING unit"
_STORE = "INSERT INTO response (pulse_id, id, unit, bands, answers) VALUES (?, ?, ?, ?, ?)"
_RECEIPT = "SELECT 1 FROM invitation WHERE pulse_id = ? AND digest = ? AND receipt = ?"


class SqliteCommitter:
    def __init__(self, database: Database) -> None:
        self._database = database
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
                return _spend(cursor, batch)
            except sqlite3.Error as error:
                raise Unavailable("The database cannot be written.") from error
            finally:
                cursor.close()


def _spend(cursor: Any, batch: list[Submission]) -> list[bool]:
    states = {pulse: cursor.execute(_STATE, (pulse,)).fetchone() for pulse in {s.pulse for s in batch}}
    rows: list[tuple[str, bytes, int, bytes, bytes]] = []
    outcomes = []
    for sent, row in zip(batch, row_keys(len(batch)), strict=True):
        if states[sent.pulse] != (State.OPEN,):
            outcomes.append(False)
            continue
        spent = cursor.execute(_SPEND, (sent.receipt, sent.pulse, sent.digest)).fetchone()
        if spent is not None:
            rows.append((sent.pulse, row, spent[0], sent.bands, sent.answers))
            outcomes.append(True)
        else:
            known = cursor.execute(_RECEIPT, (sent.pulse, sent.digest, sent.receipt)).fetchone()
            outcomes.append(known is not None)
    cursor.executemany(_STORE, sorted(rows))
    return outcomes
