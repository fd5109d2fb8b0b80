"""Responses while a pulse is open: partitioned for, read once as columns to be tallied, then gone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, select

from service.store.database import Connection
from service.store.tables import invitation, response

Columns = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]

_COPY_HEADER = 19


def prepare_collecting(tx: Connection, pulse: str) -> None:
    """Make room for one pulse: on PostgreSQL a partition each, with slack so that spending rewrites in place."""
    if tx.dialect.name == "postgresql":
        for table, slack in (("invitation", " WITH (fillfactor = 50)"), ("response", "")):
            tx.exec_driver_sql(f"CREATE TABLE {table}_{pulse} PARTITION OF {table} FOR VALUES IN ('{pulse}'){slack}")


def plan_for_collecting(tx: Connection, pulse: str) -> None:
    """Let PostgreSQL count the invitations: without statistics it walks all of them for every batch."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(f"ANALYZE invitation_{pulse}")


def read_columns(tx: Connection, pulse: str, items: int) -> Columns:
    """(unit number of each response int64[R], packed answers uint8[R, items]), in no meaningful order."""
    if tx.dialect.name == "postgresql":
        return _copied(tx, pulse, items)
    rows = tx.execute(select(response.c.unit, response.c.answers).where(response.c.pulse_id == pulse)).all()
    units = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    answers = np.frombuffer(b"".join(row[1] for row in rows), np.uint8)
    return units, answers.reshape(len(rows), items)


def forget(tx: Connection, pulse: str) -> None:
    """Destroy the pulse's responses and invitations: on PostgreSQL their files, on SQLite their bytes."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(f"DROP TABLE IF EXISTS response_{pulse}, invitation_{pulse}")
        return
    tx.execute(delete(response).where(response.c.pulse_id == pulse))
    tx.execute(delete(invitation).where(invitation.c.pulse_id == pulse))


def _copied(tx: Connection, pulse: str, items: int) -> Columns:
    driver: Any = tx.connection.driver_connection
    with driver.cursor().copy(f"COPY (SELECT unit, answers FROM response_{pulse}) TO STDOUT (FORMAT BINARY)") as copy:
        body = b"".join(copy)[_COPY_HEADER:-2]
    # Every row is alike: a field count, then each field behind its length, all in network byte order.
    row = np.dtype(
        [("fields", ">i2"), ("unit_length", ">i4"), ("unit", ">i4"), ("length", ">i4"), ("answers", "u1", (items,))]
    )
    table = np.frombuffer(body, row)
    return table["unit"].astype(np.int64), np.ascontiguousarray(table["answers"])
