"""What is configured, reachable, and unsafe, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from service.custody.custody import Custody
from service.errors import Unavailable
from service.operations import schedules
from service.operations.access import SOON, Key, keys_ending_soon
from service.operations.hooks import troubled
from service.operations.keys import key_state
from service.store import bi_roles
from service.store.condition import file_condition, server_condition
from service.store.database import Database
from service.store.migrate import current, newest


@dataclass(frozen=True, slots=True)
class Finding:
    """`unsafe` is a promise at risk, `broken` something that does not work at all."""

    what: str
    verdict: Literal["ok", "unsafe", "broken"]
    words: str


def examine(
    database: Database, custody: Custody, host: str, now: int, *, secure_cookies: bool, known_password: bool
) -> list[Finding]:
    """Every check, in the order an operator would make them; stops at the first that makes the rest pointless.

    `now` is in seconds since 1970; `known_password` says that the database's is one that everybody tries first.
    """
    findings = [_listening(host, secure_cookies)]
    if known_password:
        words = "is one that everybody tries first: choose a random one, also where only this machine can ask"
        findings.append(Finding("password", "unsafe", words))
    if not database.reachable():
        return [*findings, Finding("database", "broken", "cannot be reached; check REDWOOD_DATABASE_URL")]
    findings.append(Finding("database", "ok", f"{database.url.get_backend_name()} answers"))
    findings.append(_migrated(database))
    if findings[-1].verdict == "broken":
        return findings
    findings.extend(_file(database) if database.is_sqlite else _server(database))
    findings.extend(_bi_roles(database))
    findings.extend(_custody(database, custody))
    findings.append(_ending(keys_ending_soon(database, now)))
    findings.extend(Finding("schedules", "broken", f"{id}: {words}") for id, words in schedules.troubled(database))
    findings.extend(_webhooks(database))
    return findings


def _ending(keys: Sequence[Key]) -> Finding:
    if not keys:
        return Finding("access", "ok", f"no key ends within {SOON} days")
    named = ", ".join(f"{key.id} on {datetime.fromtimestamp(key.ends_at or 0, UTC).date()}" for key in keys)
    return Finding("access", "unsafe", f"these keys end soon, see 'redwood key rotate': {named}")


def _webhooks(database: Database) -> Iterator[Finding]:
    """Those that somebody relies on and that are told nothing; nothing where all are."""
    for id, disabled, given_up in troubled(database):
        words = "its receiver said that it is gone" if disabled else f"{given_up} deliveries were given up"
        yield Finding("webhooks", "broken", f"{id}: {words}; see GET /v1/hooks/{id}/deliveries")


def _custody(database: Database, custody: Custody) -> Iterator[Finding]:
    """Where keys lie, whether each open pulse has its own, and whether closed ones still have theirs."""
    data = Path(database.url.database) if database.is_sqlite and database.url.database else None
    try:
        worries = custody.worries(data)
        yield from (Finding("keys", "unsafe", words) for words in worries)
        lost, left = key_state(database, custody)
    except Unavailable as error:
        yield Finding("keys", "broken", str(error))
        return
    if lost:
        yield Finding("keys", "broken", f"gone, of open pulses that can therefore not be closed: {', '.join(lost)}")
    if left:
        words = f"of closed pulses are not destroyed, run 'redwood scrub' where they were kept: {', '.join(left)}"
        yield Finding("keys", "unsafe", words)
    if not (worries or lost or left):
        yield Finding("keys", "ok", "apart from the data; open pulses have theirs, closed ones none")


def _listening(host: str, secure_cookies: bool) -> Finding:
    local = host in {"127.0.0.1", "localhost", "::1"}
    if local or secure_cookies:
        return Finding("pages", "ok", "only this machine" if local else "session cookies travel over HTTPS only")
    return Finding(
        "pages", "unsafe", "listening beyond this machine without REDWOOD_SECURE_COOKIES: put HTTPS before it"
    )


def _migrated(database: Database) -> Finding:
    at, wanted = current(database), newest()
    if at == wanted:
        return Finding("migrations", "ok", f"at revision {at}")
    return Finding("migrations", "broken", f"at revision {at}, these sources need {wanted}: run 'redwood migrate'")


def _file(database: Database) -> Iterator[Finding]:
    condition = file_condition(database)
    if condition is None:
        return
    if condition.readable_by_others:
        yield Finding("file", "unsafe", "others on this machine may read the database: chmod 600")
    else:
        yield Finding("file", "ok", "readable by its owner only")


def _bi_roles(database: Database) -> Iterator[Finding]:
    """Nothing where nobody was let in. A standby has the primary's roles: this is asked of the primary."""
    if database.is_sqlite:
        return
    with database.read() as tx:
        readers = bi_roles.readers(tx)
    connected = [reader.role for reader in readers if reader.connected]
    why = "a primary shows every role when rows are written, let them connect to a replica (docs/tables.md)"
    if connected:
        yield Finding("bi roles", "unsafe", f"connected here now: {', '.join(connected)}; {why}")
    elif readers:
        yield Finding("bi roles", "ok", f"{', '.join(reader.role for reader in readers)}, not connected here; {why}")


def _server(database: Database) -> Iterator[Finding]:
    try:
        condition = server_condition(database)
    except Unavailable:
        yield Finding("server", "broken", "does not tell its settings")
        return
    for unsafe, what, words in (
        (condition.wal_recycle, "wal_recycle", "is on: recycled log files keep destroyed answers; turn it off"),
        (
            condition.archives,
            "archive_mode",
            "copies the log, and with it answers, where no close reaches; turn it off",
        ),
        (condition.keeps_log, "wal_keep_size", "keeps log that a close should cut off; set it to 0"),
        (
            condition.held_back,
            "replication slots",
            "one that nobody reads holds the log back, and with it what a close should cut off; drop it",
        ),
        (
            condition.log_errors,
            "log_min_error_statement",
            "writes statements that met an error to the log; set it to panic",
        ),
        (
            condition.log_durations,
            "log_min_duration_statement",
            "writes slow statements with their answers to the log; set it and log_min_duration_sample to -1",
        ),
        (condition.log_statement in {"mod", "all"}, "log_statement", "writes statements to the log; set it to none"),
        (
            condition.log_parameters,
            "log_parameter_max_length_on_error",
            "may write answers to the log on an error; set it to 0",
        ),
        (condition.track_commit_timestamp, "track_commit_timestamp", "keeps when each answer came; turn it off"),
        (
            not condition.may_checkpoint,
            "privileges",
            "this account may not checkpoint and switch the log after closing: grant pg_checkpoint and "
            "EXECUTE on pg_switch_wal(), or do both by hand after each close",
        ),
    ):
        yield Finding(what, "unsafe" if unsafe else "ok", words if unsafe else "as it should be")
