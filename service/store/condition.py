"""What a database is like to keep secrets in: facts for `redwood doctor`, read and not judged."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from sqlalchemy import text

from service.store.database import Database


@dataclass(frozen=True, slots=True)
class FileCondition:
    """An SQLite file: may others on the machine read it?"""

    readable_by_others: bool


@dataclass(frozen=True, slots=True)
class ServerCondition:
    """PostgreSQL settings that decide what its logs keep, and whether this account may cut them off.

    `held_back`: a slot that nobody reads has the log kept, from where it was read last, for as long as it exists.
    """

    wal_recycle: bool
    archives: bool
    keeps_log: bool
    held_back: bool
    log_statement: str
    log_errors: bool
    log_durations: bool
    log_parameters: bool
    track_commit_timestamp: bool
    may_checkpoint: bool


_SETTINGS = (
    "wal_recycle",
    "archive_mode",
    "wal_keep_size",
    "log_statement",
    "log_min_error_statement",
    "log_min_duration_statement",
    "log_min_duration_sample",
    "log_parameter_max_length_on_error",
    "track_commit_timestamp",
)


def file_condition(database: Database) -> FileCondition | None:
    """None for a database in memory, or one that does not exist yet."""
    path = database.url.database
    if not path or not os.path.exists(path):
        return None
    return FileCondition(bool(stat.S_IMODE(os.stat(path).st_mode) & 0o044))


def server_condition(database: Database) -> ServerCondition:
    with database.read() as tx:
        shown = {
            name: tx.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one() for name in _SETTINGS
        }
        held_back = tx.execute(text("SELECT count(*) > 0 FROM pg_replication_slots WHERE NOT active")).scalar_one()
        may = tx.execute(
            text(
                "SELECT pg_has_role('pg_checkpoint', 'member') AND has_function_privilege('pg_switch_wal()', 'execute')"
            )
        ).scalar_one()
    return ServerCondition(
        wal_recycle=shown["wal_recycle"] == "on",
        archives=shown["archive_mode"] != "off",
        keeps_log=shown["wal_keep_size"] != "0",
        held_back=held_back,
        log_statement=shown["log_statement"],
        log_errors=shown["log_min_error_statement"] != "panic",
        log_durations=shown["log_min_duration_statement"] != "-1" or shown["log_min_duration_sample"] != "-1",
        log_parameters=shown["log_parameter_max_length_on_error"] != "0",
        track_commit_timestamp=shown["track_commit_timestamp"] == "on",
        may_checkpoint=may,
    )
