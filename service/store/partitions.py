"""On PostgreSQL what must be forgotten stands in a table of its own a pulse, and dropping that table forgets it."""

from __future__ import annotations

from sqlalchemy import MetaData, Table

from service.store.database import Connection


def make_partition(tx: Connection, table: Table, pulse: str, options: str = "") -> None:
    """Does nothing on SQLite, which overwrites what it deletes.

    PostgreSQL samples what it analyses into a catalogue, where samples outlive the table: no column may be sampled.
    The migration says the same of the partitioned tables themselves.
    """
    if tx.dialect.name == "postgresql":
        name = name_of(table, pulse)
        # Attached when made: made as a partition, it would wait for whoever reads any of the others, and they for it.
        tx.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING ALL){options}")
        tx.exec_driver_sql(f"ALTER TABLE {table.name} ATTACH PARTITION {name} FOR VALUES IN ('{pulse}')")
        never = ", ".join(f"ALTER COLUMN {column.name} SET STATISTICS 0" for column in table.c)
        tx.exec_driver_sql(f"ALTER TABLE {name} {never}")


def name_of(table: Table, pulse: str) -> str:
    """What PostgreSQL calls the table of one pulse's own rows."""
    return f"{table.name}_{pulse}"


def of_pulse(tx: Connection, table: Table, pulse: str) -> Table:
    """Where a pulse's own rows stand. To be read by itself on PostgreSQL: a lock on the whole, held for as long as a
    close takes, would have it and an opening wait for each other."""
    if tx.dialect.name == "postgresql":
        return table.to_metadata(MetaData(), name=name_of(table, pulse))
    return table


def drop_partitions(tx: Connection, pulse: str, *tables: Table) -> None:
    """Forget all rows of a pulse: on PostgreSQL their files, on SQLite their bytes.

    Give tables in the order in which others lock them: the other way round each would hold what the other waits for.
    """
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(f"DROP TABLE IF EXISTS {', '.join(name_of(table, pulse) for table in tables)}")
        return
    for table in tables:
        tx.execute(table.delete().where(table.c.pulse_id == pulse))
