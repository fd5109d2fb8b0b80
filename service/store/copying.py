"""A backup: one SQLite file with the tables of its revision and a checksum over all of it, and the way back."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import NullPool, Table, create_engine, insert, inspect, select

from service.errors import Conflict, Fault, Invalid
from service.store import migrate
from service.store.database import Connection, Database
from service.store.responses import prepare_collecting, prepare_inviting
from service.store.snapshot import Rows, Vanished, kept_tables, read_chunks, snapshot
from service.store.tables import invitation, pulse, redemption
from service.survey.pulse import State

#: A close may come in between and take its rows along: the copy is then begun anew.
_TRIES = 5

#: Stands in the file beside the tables; its one row says what the rest should be.
_MANIFEST = "CREATE TABLE backup (format INTEGER NOT NULL, revision TEXT NOT NULL, checksum TEXT NOT NULL)"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """`revision` of the tables; `checksum` over every row: against damage, not against a forger."""

    revision: str
    checksum: str


def write(database: Database, file: Path, *, replace: bool) -> Manifest:
    """The whole database as it stands at one moment, in one file that only its owner may read.

    Raises Conflict where the file exists and is not to be replaced, or the database is not of this version's revision,
    and OSError where there can be no such file.
    """
    revision = migrate.current(database)
    if revision is None or revision != migrate.newest():
        raise Conflict("The database is not at this version's revision: run 'redwood migrate' first.")
    file.parent.stat()  # says which folder is missing, where one is
    if file.exists() and not replace:
        raise Conflict("There is a file of that name already: choose another, or --replace it.")
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        _fill(database, new)
        manifest = Manifest(revision, _checksum_of(new))
        _conclude(new, manifest)
        _name(new, file, replace)
    finally:
        _remove(new)
    return manifest


def examine(file: Path) -> Manifest:
    """What a backup says of itself, once every row has been read and found to be as it says.

    Raises Invalid for a file that is none, is not whole or was changed, and OSError where there is none.
    """
    file.stat()
    try:
        manifest = _manifest_of(file)
        if _checksum_of(file) != manifest.checksum:
            raise _refused("is not what was backed up: it was changed or damaged")
    except sqlite3.Error:
        raise _refused("is no backup, or not a whole one") from None
    return manifest


@contextmanager
def opened(file: Path) -> Iterator[Rows]:
    """The tables of a backup that was examined, to be read as a snapshot is; the file is not written to."""
    engine = create_engine("sqlite://", creator=lambda: _read_only(file), poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        yield lambda table: read_chunks(connection, table)
    engine.dispose()


def make_tables(database: Database) -> None:
    """Migrate an empty database. Raises Conflict where there is something else, or an earlier version's tables."""
    if not _has_tables(database):
        migrate.upgrade(database)
    elif migrate.current(database) != migrate.newest():
        raise Conflict("The database has tables, not of this version: a backup is restored into an empty one only.")


def require_empty(tx: Connection) -> None:
    """Raises Conflict where there is anything: a restore mixes with nothing. Nobody else can begin to write in `tx`."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("LOCK TABLE organisation IN ACCESS EXCLUSIVE MODE")
    for table in kept_tables():
        if tx.execute(select(table).limit(1)).first() is not None:
            raise Conflict("The database holds something already: a backup is restored into an empty one only.")


def pour(rows: Rows, tx: Connection) -> int:
    """Store every row of `rows`, parents first; how many they were."""
    count = 0
    for table in kept_tables():
        _make_room(tx, table)
        for chunk in rows(table):
            tx.execute(insert(table), [dict(row._mapping) for row in chunk])
            count += len(chunk)
    return count


def _make_room(tx: Connection, table: Table) -> None:
    """On PostgreSQL the partitions that pulses have, each when its turn comes: collecting is planned for by counting
    the invitations that are there."""
    if table is invitation:
        for id in _pulses_in(tx, State.DRAFT, State.OPEN):
            prepare_inviting(tx, id)
    if table is redemption:
        for id in _pulses_in(tx, State.OPEN):
            prepare_collecting(tx, id)


def _pulses_in(tx: Connection, *states: State) -> list[str]:
    return list(tx.scalars(select(pulse.c.id).where(pulse.c.state.in_(states)).order_by(pulse.c.id)))


def _has_tables(database: Database) -> bool:
    with database.read() as tx:
        return bool(inspect(tx).get_table_names())


def _fill(database: Database, file: Path) -> None:
    for _ in range(_TRIES):
        target = Database(f"sqlite:///{file}")
        try:
            migrate.upgrade(target)
            with snapshot(database) as rows, target.begin() as tx:
                pour(rows, tx)
            return
        except Vanished:
            _remove(file)
        finally:
            target.dispose()
    raise Conflict("Pulses kept closing while the backup was made; nothing was written. Try again.")


def _conclude(file: Path, manifest: Manifest) -> None:
    """No log beside it any more, the manifest inside, and all of it on the disk."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_MANIFEST)
        connection.execute("INSERT INTO backup VALUES (?, ?, ?)", (_FORMAT, manifest.revision, manifest.checksum))


def _name(new: Path, file: Path, replace: bool) -> None:
    if replace:
        new.replace(file)
    else:
        file.hardlink_to(new)  # which, unlike a renaming, refuses a name that somebody took meanwhile
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove(file: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + end).unlink()


def _manifest_of(file: Path) -> Manifest:
    with closing(_read_only(file)) as connection:
        found = connection.execute("SELECT format, revision, checksum FROM backup").fetchall()
    if [row[0] for row in found] != [_FORMAT]:
        raise _refused("is a backup in a form this version does not know")
    return Manifest(found[0][1], found[0][2])


def _checksum_of(file: Path) -> str:
    """SHA-256 over every table but the manifest: what it is, and its rows by its key."""
    digest = hashlib.sha256()
    with closing(_read_only(file)) as connection:
        for row in connection.execute("SELECT type, name, sql FROM sqlite_master WHERE name <> 'backup' ORDER BY name"):
            digest.update(repr(row).encode())
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'backup'")
        for (name,) in sorted(tables):
            digest.update(repr(name).encode())
            for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY {_key_of(connection, name)}'):
                digest.update(repr(row).encode())
    return digest.hexdigest()


def _key_of(connection: sqlite3.Connection, table: str) -> str:
    columns = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,))
    return ", ".join(f'"{name}"' for (name,) in columns) or "1"


def _read_only(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _refused(why: str) -> Invalid:
    return Invalid([Fault("file", why)])
