"""The schema `released` on PostgreSQL: what readers of a whole organisation may read, as tables for a BI tool."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from service.store.database import Connection


@dataclass(frozen=True, slots=True)
class Missing:
    """A pulse whose findings stand and whose tables are not filled."""

    organisation: str
    pulse: str


def missing(tx: Connection, method: str) -> list[Missing]:
    """Of all organisations, those that closed last first."""
    query = (
        "SELECT pulse.organisation_id, pulse.id FROM analysis JOIN pulse ON pulse.id = analysis.pulse_id "
        "WHERE analysis.method = :method AND NOT EXISTS (SELECT 1 FROM released.filled WHERE as_of = pulse.id) "
        "ORDER BY pulse.closed_on DESC, pulse.number DESC"
    )
    return [Missing(*row) for row in tx.execute(text(query), {"method": method})]


def claim(tx: Connection, it: Missing, method: str) -> bool:
    """Whether it is this transaction that fills it: two wait for each other. The findings stand until it ends."""
    held = "SELECT 1 FROM analysis WHERE pulse_id = :pulse AND method = :method FOR SHARE"
    if tx.scalar(text(held), {"pulse": it.pulse, "method": method}) is None:
        return False
    taken = (
        "INSERT INTO released.filled (as_of, organisation) VALUES (:pulse, :organisation) "
        "ON CONFLICT DO NOTHING RETURNING as_of"
    )
    return tx.scalar(text(taken), {"pulse": it.pulse, "organisation": it.organisation}) is not None


def fill(tx: Connection, table: str, columns: Sequence[str], lines: Iterable[bytes]) -> None:
    """`lines` as COPY reads them, with the organisation and the pulse before the columns."""
    names = ", ".join(f'"{name}"' for name in ("organisation", "as_of", *columns))
    cursor = tx.connection.driver_connection.cursor()  # type: ignore[union-attr]
    with cursor.copy(f"COPY released.{table} ({names}) FROM STDIN") as copy:
        for line in lines:
            copy.write(line)


def clear(tx: Connection, table: str, pulses: Collection[str]) -> None:
    """Forget what the table holds of these pulses."""
    tx.execute(text(f"DELETE FROM released.{table} WHERE as_of = ANY(:pulses)"), {"pulses": list(pulses)})


def describe(tx: Connection, table: str, said: Mapping[str, str]) -> None:
    """Each column's comment, where it says something else so far."""
    query = (
        "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute "
        "WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
    )
    known = {row[0]: row[1] for row in tx.execute(text(query), {"table": f"released.{table}"})}
    wanted = [
        f'COMMENT ON COLUMN released.{table}."{column}" IS {_quoted(comment)}'
        for column, comment in said.items()
        if known[column] != comment
    ]
    if wanted:
        tx.connection.driver_connection.execute("; ".join(wanted))  # type: ignore[union-attr]


def _quoted(text: str) -> str:
    """As the standard has it: a backslash is one."""
    return "'" + text.replace("'", "''") + "'"
