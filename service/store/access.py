"""Organisations, keys and page sessions, by digest only: no secret is ever stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, delete, insert, select, update

from service.store.database import Connection
from service.store.tables import api_key, organisation
from service.store.tables import session as session_table


@dataclass(frozen=True, slots=True)
class KeyRow:
    """`ends_at` is the first second, since 1970, in which it opens nothing; None for one that stays."""

    id: str
    organisation: str
    scopes: frozenset[str]
    unit: str | None
    label: str
    made_on: date | None = None
    ends_at: int | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A page session: of a `key`, or of somebody a provider knows, and then `principal` says by which role."""

    key: KeyRow | None
    principal: str | None
    ends_at: int


def add_organisation(tx: Connection, id: str, name: str) -> None:
    tx.execute(insert(organisation).values(id=id, name=name))


def hold_organisation(tx: Connection, id: str) -> None:
    """Let nobody else hold it until this transaction ends: before any table, and after the pulse if one is locked.

    Rows that merely refer to the organisation may be added meanwhile.
    """
    tx.execute(select(organisation.c.id).where(organisation.c.id == id).with_for_update(key_share=True))


def organisation_id(tx: Connection, name: str) -> str | None:
    return tx.scalar(select(organisation.c.id).where(organisation.c.name == name))


def organisations(tx: Connection) -> list[tuple[str, str]]:
    return [(row.id, row.name) for row in tx.execute(select(organisation).order_by(organisation.c.name))]


def organisation_name(tx: Connection, id: str) -> str:
    return tx.execute(select(organisation.c.name).where(organisation.c.id == id)).scalar_one()


def add_key(tx: Connection, key: KeyRow, digest: bytes) -> None:
    tx.execute(
        insert(api_key).values(
            id=key.id,
            organisation_id=key.organisation,
            digest=digest,
            scopes=" ".join(sorted(key.scopes)),
            unit_id=key.unit,
            label=key.label,
            made_on=key.made_on,
            ends_at=key.ends_at,
        )
    )


def key_by_digest(tx: Connection, digest: bytes) -> KeyRow | None:
    row = tx.execute(select(api_key).where(api_key.c.digest == digest)).first()
    return None if row is None else _key(row)


def keys(tx: Connection, organisation: str) -> list[KeyRow]:
    rows = tx.execute(select(api_key).where(api_key.c.organisation_id == organisation).order_by(api_key.c.id))
    return [_key(row) for row in rows]


def key_by_id(tx: Connection, organisation: str, id: str) -> KeyRow | None:
    """Nobody else changes or removes it until this transaction ends."""
    mine = select(api_key).where(api_key.c.organisation_id == organisation, api_key.c.id == id)
    row = tx.execute(mine.with_for_update()).first()
    return None if row is None else _key(row)


def keys_ending(tx: Connection, since: int, until: int) -> list[KeyRow]:
    """Every organisation's keys that end after `since` and not after `until`, the first to end before the others."""
    ending = select(api_key).where(api_key.c.ends_at > since, api_key.c.ends_at <= until)
    return [_key(row) for row in tx.execute(ending.order_by(api_key.c.ends_at, api_key.c.id))]


def set_key_end(tx: Connection, id: str, ends_at: int) -> None:
    tx.execute(update(api_key).where(api_key.c.id == id).values(ends_at=ends_at))


def remove_key(tx: Connection, organisation: str, id: str) -> bool:
    """Whether there was such a key; the page sessions it signed in go with it."""
    gone = delete(api_key).where(api_key.c.organisation_id == organisation, api_key.c.id == id)
    return tx.execute(gone).rowcount > 0


def add_session(
    tx: Connection, digest: bytes, key_id: str | None, ends_at: int, *, principal: str | None = None
) -> None:
    tx.execute(insert(session_table).values(digest=digest, api_key_id=key_id, ends_at=ends_at, principal=principal))


def session(tx: Connection, digest: bytes, now: int) -> SessionRow | None:
    """One that is not over; whether its key has ended is for whoever asks to see."""
    joined = session_table.outerjoin(api_key, session_table.c.api_key_id == api_key.c.id)
    chosen = select(api_key, session_table.c.principal, session_table.c.ends_at.label("over_at")).select_from(joined)
    row = tx.execute(chosen.where(session_table.c.digest == digest, session_table.c.ends_at > now)).first()
    if row is None:
        return None
    return SessionRow(None if row.id is None else _key(row), row.principal, row.over_at)


def remove_sessions(tx: Connection, digest: bytes, now: int) -> None:
    """The one that ends, and with it every one that has run out."""
    over = (session_table.c.digest == digest) | (session_table.c.ends_at <= now)
    tx.execute(delete(session_table).where(over))


def _key(row: Row[tuple[object, ...]]) -> KeyRow:
    scopes = frozenset(row.scopes.split())
    return KeyRow(row.id, row.organisation_id, scopes, row.unit_id, row.label, row.made_on, row.ends_at)
