"""Where the rows live: one address, opened for transactions, on SQLite or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from service.errors import Conflict, Fault, InvalidQuery, RedwoodError, Unavailable

__all__ = ["Connection", "Database"]

#: PostgreSQL's codes for no such table and for a replica; SQLite says the same with an OperationalError.
_OUT_OF_ORDER = {"42P01", "25006"}
#: A server that cannot be heard is given up: seconds to connect, milliseconds for the network to take what was sent,
#: seconds of silence after which it is asked for a sign of life.
_PATIENCE = {"connect_timeout": 10, "tcp_user_timeout": 30_000, "keepalives_idle": 30}
#: PostgreSQL's code where somebody else holds what this does not wait for.
_HELD = "55P03"
_BUSY = "Too much at once for the database; nothing was changed. Send it again."
#: What only our own statements can be blamed for.
_MISTAKES = (ProgrammingError, InternalError, NotSupportedError)


class Database:
    """One database address. Operations use `begin`; the collector brings its own connection."""

    def __init__(self, address: str) -> None:
        self.url = make_url(address)
        self.engine = _engine(self.url)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: committed on leaving, undone on any exception.

        Raises Unavailable when the database cannot be reached or is too busy to answer.
        """
        with _translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction for reading that waits for no writer on SQLite. Raises Unavailable as `begin` does."""
        with _translated(), self.engine.execution_options(reading=True).begin() as connection:
            yield connection

    def maintain(self, *statements: str) -> None:
        """Run statements that may not stand in a transaction, one after the other."""
        with self.engine.execution_options(isolation_level="AUTOCOMMIT", reading=True).connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def reachable(self) -> bool:
        """Whether it answers a query; a file that does not exist yet is not made for the question."""
        path = self.url.database or ":memory:"
        if self.is_sqlite and path != ":memory:" and not os.path.exists(path):
            return False
        try:
            with self.read() as connection:
                connection.execute(text("SELECT 1"))
        except RedwoodError:
            return False
        return True

    @property
    def fullness(self) -> float:
        """How many of the connections it may have are in use, from 0 to 1."""
        pool = self.engine.pool
        return pool.checkedout() / (pool.size() + pool._max_overflow) if isinstance(pool, QueuePool) else 0.0

    def dispose(self) -> None:
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise Conflict("Somebody changed the same at the same moment; nothing was changed. Send it again.") from error
    except DataError as error:
        raise InvalidQuery([Fault("input", "holds a character that cannot be stored")]) from error
    except PoolTimeoutError as error:
        raise Unavailable(_BUSY) from error
    except DatabaseError as error:
        if getattr(error.orig, "sqlstate", None) == _HELD:
            raise Unavailable(_BUSY) from error
        if isinstance(error, _MISTAKES) and getattr(error.orig, "sqlstate", None) not in _OUT_OF_ORDER:
            raise
        raise Unavailable("The database cannot be reached, is none, or is not migrated.") from error


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        # hide_parameters: an exception text must never carry an answer or a digest into a log.
        server = url.set(drivername="postgresql+psycopg")
        engine = create_engine(server, pool_pre_ping=True, hide_parameters=True, connect_args=_PATIENCE)
        event.listen(engine, "connect", _make_durable)
        return engine
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "do_connect", _create_private)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _create_private(_dialect: object, _record: object, arguments: list[str], _named: object) -> None:
    """A new file is its owner's alone to read, whatever the umask; its log files take after it."""
    path = arguments[0]
    if path != ":memory:" and os.path.isdir(os.path.dirname(path)) and not os.path.exists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _make_durable(connection: Any, _record: object) -> None:
    """What was committed is on the disk, whatever the server does by default: keys are destroyed on its word."""
    connection.execute("SET synchronous_commit = on")
    connection.commit()


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_immediate(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    # A deferred transaction that later writes fails at once when another wrote meanwhile; this one waits its turn.
    connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")
