"""The audit log: an organisation's numbered entries, added one after the other and never touched again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import insert, select

from service.store import holds
from service.store.database import Connection
from service.store.tables import audit

#: Entries read at a time: a log may be longer than memory.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class EntryRow:
    """`at` in seconds since 1970; `who` a key's id or 'operator'; `hash` over all of it and the entry before."""

    organisation: str
    number: int
    at: int
    who: str
    label: str
    deed: str
    subject: str
    hash: bytes


def held_head(tx: Connection, organisation: str) -> tuple[int, bytes] | None:
    """Number and hash of the last entry, None before the first; until the transaction ends nobody else adds one.

    After every other lock of the transaction and right before its end: then it can stand in nobody's way for long, and
    whoever waits for it holds nothing that its holder still wants. On SQLite the transaction itself is that lock.
    """
    if tx.dialect.name == "postgresql":
        holds.take(tx, f"audit {organisation}")
    return head(tx, organisation)


def head(tx: Connection, organisation: str) -> tuple[int, bytes] | None:
    """Number and hash of the last entry, None before the first."""
    mine = select(audit.c.number, audit.c.hash).where(audit.c.organisation_id == organisation)
    row = tx.execute(mine.order_by(audit.c.number.desc()).limit(1)).first()
    return None if row is None else (row.number, row.hash)


def add_entry(tx: Connection, entry: EntryRow) -> None:
    tx.execute(
        insert(audit).values(
            organisation_id=entry.organisation,
            number=entry.number,
            at=entry.at,
            who=entry.who,
            label=entry.label,
            deed=entry.deed,
            subject=entry.subject,
            hash=entry.hash,
        )
    )


def entries(tx: Connection, organisation: str, after: int, limit: int, since: int = 0) -> list[EntryRow]:
    """Up to `limit` entries with a greater number than `after`, none from before `since`, by number."""
    mine = select(audit).where(audit.c.organisation_id == organisation, audit.c.number > after, audit.c.at >= since)
    rows = tx.execute(mine.order_by(audit.c.number).limit(limit))
    return [
        EntryRow(row.organisation_id, row.number, row.at, row.who, row.label, row.deed, row.subject, row.hash)
        for row in rows
    ]


def every_entry(tx: Connection, organisation: str) -> Iterator[EntryRow]:
    """All of them by number, some at a time."""
    after = -(2**62)
    while found := entries(tx, organisation, after, _AT_ONCE, -(2**62)):
        yield from found
        after = found[-1].number
