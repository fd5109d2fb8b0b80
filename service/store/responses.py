"""Responses while a pulse is open: partitioned for, read once as columns to be tallied, then gone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from service.store.database import Connection
from service.store.partitions import drop_partitions, make_partition
from service.store.tables import invitation, response

Columns = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def prepare_collecting(tx: Connection, pulse: str) -> None:
    """Make room for one pulse's invitations, with slack so that spending rewrites in place, and responses."""
    make_partition(tx, invitation, pulse, " WITH (fillfactor = 50)")
    make_partition(tx, response, pulse)


def plan_for_collecting(tx: Connection, pulse: str) -> None:
    """Let PostgreSQL count the invitations: without a count it walks all of them for every batch."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(f"ANALYZE invitation_{pulse}")


def read_columns(tx: Connection, pulse: str, items: int, bands: int) -> Columns:
    """(unit number of each response int64[R], packed answers uint8[R, items], stated bands uint8[R, bands]), in no
    meaningful order."""
    if tx.dialect.name == "postgresql":
        return _gathered(tx, pulse, items, bands)
    query = select(response.c.unit, response.c.answers, response.c.bands).where(response.c.pulse_id == pulse)
    rows = tx.execute(query).all()
    units = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    answers = np.frombuffer(b"".join(row[1] for row in rows), np.uint8)
    stated = np.frombuffer(b"".join(row[2] for row in rows), np.uint8)
    return units, answers.reshape(len(rows), items), stated.reshape(len(rows), bands)


def forget(tx: Connection, pulse: str) -> None:
    """Destroy the pulse's invitations and responses, in the order in which batches lock them."""
    drop_partitions(tx, pulse, invitation, response)


def _gathered(tx: Connection, pulse: str, items: int, bands: int) -> Columns:
    """One value holds every row, a tenth of the time a row each takes; its 1 GB are 20 million rows of 45 items."""
    driver: Any = tx.connection.driver_connection
    with driver.cursor(binary=True) as cursor:
        cursor.execute(f"SELECT string_agg(int4send(unit) || answers || bands, ''::bytea) FROM response_{pulse}")
        body = cursor.fetchone()[0] or b""
    table = np.frombuffer(body, np.dtype([("unit", ">i4"), ("answers", "u1", (items,)), ("bands", "u1", (bands,))]))
    stated = np.ascontiguousarray(table["bands"])
    return table["unit"].astype(np.int64), np.ascontiguousarray(table["answers"]), stated
