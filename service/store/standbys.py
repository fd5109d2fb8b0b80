"""Copies of a PostgreSQL that follow it: facts for `redwood doctor`, read and not judged."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from service.store.database import Database


@dataclass(frozen=True, slots=True)
class Following:
    """A standby as the primary sees it: `behind`, in bytes of its log, is None where this account is not told."""

    name: str
    behind: int | None


@dataclass(frozen=True, slots=True)
class ReplicaCondition:
    """`behind` in bytes of the primary's log; None where it is no standby of that primary."""

    behind: int | None
    recycles: bool
    paused: bool


_FOLLOWING = """
SELECT coalesce(nullif(application_name, ''), 'unnamed') AS name,
    pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint AS behind
FROM pg_stat_replication ORDER BY name
"""
_RECOVERING = """
SELECT (SELECT system_identifier FROM pg_control_system()) AS identifier,
    pg_is_in_recovery() AND pg_is_wal_replay_paused() AS paused,
    pg_last_wal_replay_lsn()::text AS place, current_setting('wal_recycle') = 'on' AS recycles
WHERE pg_is_in_recovery()
"""
_AHEAD = """
SELECT (SELECT system_identifier FROM pg_control_system()) AS identifier,
    greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), CAST(:place AS pg_lsn)))::bigint AS behind
"""


def following(database: Database) -> list[Following]:
    """Those connected to a primary now."""
    with database.read() as tx:
        return [Following(row.name, row.behind) for row in tx.execute(text(_FOLLOWING))]


def replica_condition(database: Database, replica: Database) -> ReplicaCondition:
    """Raises Unavailable where it cannot be asked."""
    with replica.read() as tx:
        row = tx.execute(text(_RECOVERING)).one_or_none()
    if row is None:
        return ReplicaCondition(None, False, False)
    with database.read() as tx:
        here = tx.execute(text(_AHEAD), {"place": row.place}).one()
    behind = here.behind if here.identifier == row.identifier else None
    return ReplicaCondition(behind, row.recycles, row.paused)
