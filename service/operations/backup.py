"""The whole service's state into one file, and from there into an empty database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from service.custody.custody import Custody
from service.errors import Conflict
from service.operations.access import operator
from service.operations.audit import record
from service.store import access, copying, migrate, pulses
from service.store.copying import Manifest
from service.store.database import Database


@dataclass(frozen=True, slots=True)
class Restored:
    """`rows` stand again. Of the pulses that are open, `collecting` have a key in custody to be closed with,
    `keyless` have none."""

    manifest: Manifest
    rows: int
    collecting: tuple[str, ...]
    keyless: tuple[str, ...]


def back_up(database: Database, file: Path, *, replace: bool = False) -> Manifest:
    """Everything but the pages' sessions, as it stands at one moment; what open pulses collected as it lies, sealed.

    The keys of pulses are in custody, not in the database, and so not in the file. Raises Conflict.
    """
    return copying.write(database, file, replace=replace)


def restore(database: Database, custody: Custody, file: Path) -> Restored:
    """Bring a backup into an empty database, migrated or not; all of it or nothing. The audit log goes on with it.

    Raises Invalid for a file that is not a whole and unchanged backup, and Conflict where the database is not empty or
    the backup is of another version's revision.
    """
    manifest = copying.examine(file)
    _require_revision(manifest.revision)
    copying.make_tables(database)
    with copying.opened(file) as rows, database.begin() as tx:
        copying.require_empty(tx)
        count = copying.pour(rows, tx)
        pulses.set_restored(tx)
        found = pulses.collecting(tx)
        for organisation, _ in access.organisations(tx):
            record(tx, operator(organisation), "backup restored", f"sha256:{manifest.checksum}")
        keyless = tuple(id for id in found if custody.get(id, "close") is None)
    return Restored(manifest, count, tuple(id for id in found if id not in keyless), keyless)


def _require_revision(revision: str) -> None:
    newest = migrate.newest()
    if revision != newest:
        raise Conflict(
            f"The backup is of revision {revision} and this version needs {newest}: restore it with the version that "
            "made it, then migrate."
        )
