"""Everything a database holds at one moment, read in chunks while others go on writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import MetaData, Row, Select, Table, select, text
from sqlalchemy.exc import ProgrammingError

from service.store import holds
from service.store.database import Connection, Database
from service.store.inviting_tables import metadata
from service.store.stirring import HOLD

#: Rows held in memory at once: few, since one may hold a whole release, or a batch of five hundred responses.
CHUNK = 200

Chunk = list[Row[tuple[object, ...]]]
#: Tables that no backup holds, and why. Every other is whole in it; that of people too, without which nobody could be
#: invited after a restore and teams would come back under other ids.
LEFT_OUT = {
    "session": "nobody wants to find a session of the pages alive again",
    "delivery": "what is on its way would be sent twice",
    "mailing": "letters would be sent twice, and to people",
    "mailing_round": "goes with the letters",
    "hold": "whoever holds something does so in a process, which no backup brings back",
}
#: By table: its rows, in the order of its key, so that no order of arrival comes along.
Rows = Callable[[Table], Iterator[Chunk]]


class Vanished(Exception):
    """A pulse was closed meanwhile, and what it had collected is gone: the moment cannot be read any more."""


@contextmanager
def snapshot(database: Database) -> Iterator[Rows]:
    """Every table as it stood when this was entered. Reading raises Vanished on PostgreSQL where a pulse closes."""
    if database.is_sqlite:
        with database.read() as tx:
            # The moment begins with the first read.
            tx.execute(text("SELECT count(*) FROM sqlite_master"))
            yield lambda table: read_chunks(tx, table)
        return
    # The moment is taken when nobody stirs, and nobody stirs before all of it was read.
    with database.begin() as guard:
        holds.share(guard, HOLD)
        with _repeatable(database) as holder:
            name = holder.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            yield lambda table: _shared(database, holder, name, table)


def read_chunks(tx: Connection, table: Table) -> Iterator[Chunk]:
    """A table's rows by its key; none is read before it is asked for."""
    for chunk in tx.execution_options(stream_results=True, yield_per=CHUNK).execute(_by_key(table)).partitions():
        yield list(chunk)


def _shared(database: Database, holder: Connection, name: str, table: Table) -> Iterator[Chunk]:
    """Each partition in a transaction of its own that sees the holder's moment.

    A transaction over all of them would hold their locks to its end, and a close would hold up, behind it, everybody
    who answers. So a close waits for its own pulse's rows at most, or wins, and then the moment is lost.
    """
    for part in _parts(holder, table):
        try:
            with _repeatable(database) as tx:
                tx.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{name}'")
                yield from read_chunks(tx, part)
        except ProgrammingError as error:
            raise Vanished from error


def _parts(holder: Connection, table: Table) -> list[Table]:
    """The table, or where it is partitioned, its partitions at the holder's moment."""
    if table not in partitioned_tables():
        return [table]
    query = text(
        "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid "
        "WHERE inhparent = CAST(:table AS regclass) ORDER BY relname"
    )
    names = holder.execute(query, {"table": table.name}).scalars()
    return [table.to_metadata(MetaData(), name=name) for name in names]


def _by_key(table: Table) -> Select[tuple[object, ...]]:
    return select(table).order_by(*table.primary_key.columns)


def _repeatable(database: Database) -> AbstractContextManager[Connection]:
    return database.engine.execution_options(isolation_level="REPEATABLE READ", reading=True).begin()


def kept_tables() -> list[Table]:
    """What a backup holds, parents first and what respondents write last."""
    last = partitioned_tables()
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT and table not in last] + last


def partitioned_tables() -> list[Table]:
    """Those of what respondents write, which on PostgreSQL have a table of their own a pulse."""
    return [table for table in metadata.sorted_tables if table.dialect_options["postgresql"]["partition_by"]]
