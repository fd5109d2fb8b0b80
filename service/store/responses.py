"""Responses while a pulse is open: partitioned for, read once as they were sealed, then gone."""

from __future__ import annotations

from collections.abc import Generator

from sqlalchemy import delete, select

from service.store.database import Connection
from service.store.inviting_tables import delivery, mailing, mailing_round
from service.store.partitions import drop_partitions, make_partition, name_of, of_pulse
from service.store.tables import invitation, redemption, response

#: Rows fetched at a time: they need not all be in memory sealed as well as open.
_ROWS = 2_000


def prepare_inviting(tx: Connection, pulse: str) -> None:
    """Make room for one pulse's invitations, with slack so that using one rewrites in place."""
    make_partition(tx, invitation, pulse, " WITH (fillfactor = 50)")


def prepare_collecting(tx: Connection, pulse: str) -> None:
    """Make room for what comes in, and let PostgreSQL count the invitations: without a count it walks all of them
    for every batch."""
    make_partition(tx, redemption, pulse)
    make_partition(tx, response, pulse)
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(f"ANALYZE {name_of(invitation, pulse)}")


def read_sealed(tx: Connection, pulse: str) -> Generator[tuple[bytes, bytes], None, None]:
    """Each batch's id and what was sealed, in the order of ids, which chance made; to be read to the end, or closed,
    before anything else is asked."""
    own = of_pulse(tx, response, pulse)
    query = select(own.c.id, own.c.sealed).where(own.c.pulse_id == pulse).order_by(own.c.id)
    with tx.execute(query, execution_options={"yield_per": _ROWS}) as rows:
        yield from ((row.id, row.sealed) for row in rows)


def forget(tx: Connection, pulse: str) -> None:
    """Destroy the pulse's invitations, redemptions and responses, in the order in which batches lock them, and what
    was to carry invitations to people."""
    drop_partitions(tx, pulse, invitation, redemption, response)
    for table in (mailing, mailing_round):
        tx.execute(delete(table).where(table.c.pulse_id == pulse))
    tx.execute(delete(delivery).where(delivery.c.pulse_id == pulse, delivery.c.sealed))
