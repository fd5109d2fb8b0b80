"""The audit log: who read or did what and when, each entry chained to the one before by its hash; no respondent."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from service.store import audit
from service.store.audit import EntryRow
from service.store.database import Connection, Database

if TYPE_CHECKING:
    from service.operations.access import Principal

#: An entry as it stands in the log.
Entry = EntryRow

#: What the first entry's hash is over, besides the entry.
START = bytes(32)
#: Characters of a subject; what is longer is cut, and ends in three dots.
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done and not yet recorded: `did` in a word or two, and to what."""

    principal: Principal
    did: str
    subject: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's number and hash in lower-case hex; 0 and zeros before the first.

    Written down elsewhere it shows later whether the end was cut off: the log itself cannot.
    """

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """`broken` is the first number at which the chain does not hold, None when all of it does."""

    head: Head
    broken: int | None


def record(tx: Connection, principal: Principal, did: str, subject: str) -> None:
    """Add an entry with whatever else the transaction does, or not at all: the last thing before its end."""
    number, before = audit.held_head(tx, principal.organisation) or (0, START)
    cut = subject if len(subject) <= LONGEST else f"{subject[: LONGEST - 3]}..."
    who = (principal.key, principal.label)
    entry = EntryRow(principal.organisation, number + 1, int(time.time()), *who, did, cut, b"")
    audit.add_entry(tx, replace(entry, hash=chained(before, entry)))


def record_all(database: Database, deeds: Iterable[Deed]) -> None:
    """Add entries of their own, an organisation at a time: nobody is made to wait for two logs at once."""
    by_organisation = sorted(deeds, key=lambda it: it.principal.organisation)
    for _, its in groupby(by_organisation, key=lambda it: it.principal.organisation):
        with database.begin() as tx:
            for deed in its:
                record(tx, deed.principal, deed.did, deed.subject)


def chained(before: bytes, entry: EntryRow) -> bytes:
    """SHA-256 over the hash before and the entry as canonical JSON."""
    return hashlib.sha256(before + canonical(entry)).digest()


def canonical(entry: EntryRow) -> bytes:
    """UTF-8 JSON without blanks, names sorted: at, deed, label, number, organisation, subject, who."""
    said = document(entry)
    del said["hash"]
    said["organisation"] = entry.organisation
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def document(entry: EntryRow) -> dict[str, str | int]:
    """The entry as it is told: the time in UTC to the second, the hash in hex."""
    said = asdict(entry)
    del said["organisation"]
    return said | {"at": _said(entry.at), "hash": entry.hash.hex()}


def _said(at: int) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):  # no time of this service: somebody put it there
        return str(at)


def entries(
    database: Database, principal: Principal, after: int = 0, limit: int = 1_000, since: int = 0
) -> tuple[list[EntryRow], Head]:
    """Entries by number after `after`, none from before `since` (seconds since 1970), and the head as it stands."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        found = audit.entries(tx, principal.organisation, after, limit, since)
        return found, _head(tx, principal.organisation)


def every_entry(database: Database, principal: Principal, since: int = 0) -> Iterator[EntryRow]:
    """All of them by number, none from before `since`, read some at a time."""
    after = 0
    while found := entries(database, principal, after, since=since)[0]:
        yield from found
        after = found[-1].number


def verify(database: Database, principal: Principal) -> Verified:
    """Walk the whole chain from its start: a change, a gap, an exchange or an insertion shows at its number."""
    principal.require("manage", whole=True)
    broken, number, before = None, 0, START
    with database.read() as tx:
        for entry in audit.every_entry(tx, principal.organisation):
            number += 1
            if entry.number != number or entry.hash != chained(before, entry):
                broken = number
                break
            before = entry.hash
        # What was added while it was read is not verified: the head is the last entry that was.
        return Verified(_head(tx, principal.organisation) if broken else Head(number, before.hex()), broken)


def _head(tx: Connection, organisation: str) -> Head:
    number, hash = audit.head(tx, organisation) or (0, START)
    return Head(number, hash.hex())
