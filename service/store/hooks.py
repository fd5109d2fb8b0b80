"""Webhooks and what they are still to be told: an outbox that several processes empty, one at a time each delivery."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update

from service.errors import NotFound
from service.store.database import Connection
from service.store.inviting_tables import delivery, hook

WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given up"


@dataclass(frozen=True, slots=True)
class HookRow:
    """`disabled` once its receiver said that it is gone."""

    id: str
    organisation: str
    url: str
    events: tuple[str, ...]
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """`body` is sealed where `sealed` says so, and empty once it was delivered or given up; `trouble` is why it last
    could not be, in a word or two of ours."""

    id: str
    hook: str
    event: str
    pulse: str | None
    body: bytes
    sealed: bool
    state: str = WAITING
    tries: int = 0
    trouble: str | None = None


def add_hook(tx: Connection, it: HookRow) -> None:
    events = json.dumps(it.events)
    tx.execute(insert(hook).values(id=it.id, organisation_id=it.organisation, url=it.url, events=events))


def hooks(tx: Connection, organisation: str) -> list[HookRow]:
    """All of an organisation, by id."""
    query = select(hook).where(hook.c.organisation_id == organisation).order_by(hook.c.id)
    return [_hook(row) for row in tx.execute(query)]


def wanting(tx: Connection, organisation: str, event: str) -> list[HookRow]:
    """Those that are to be told of an event, by id."""
    return [it for it in hooks(tx, organisation) if event in it.events and not it.disabled]


def hook_by_id(tx: Connection, organisation: str, id: str) -> HookRow:
    """Raises NotFound for an unknown id and for another organisation's, alike."""
    query = select(hook).where(hook.c.id == id, hook.c.organisation_id == organisation)
    row = tx.execute(query).first() if id.isalnum() else None
    if row is None:
        raise NotFound("hook")
    return _hook(row)


def remove_hook(tx: Connection, id: str) -> None:
    """With everything it is still to be told."""
    tx.execute(delete(delivery).where(delivery.c.hook_id == id))
    tx.execute(delete(hook).where(hook.c.id == id))


def disable(tx: Connection, id: str, trouble: str) -> None:
    """Tell it nothing any more, and give up what it was still to be told."""
    tx.execute(update(hook).where(hook.c.id == id).values(disabled=True))
    left = update(delivery).where(delivery.c.hook_id == id, delivery.c.state == WAITING)
    tx.execute(left.values(state=GIVEN_UP, body=b"", next_at=None, trouble=trouble))


def add_deliveries(tx: Connection, rows: Sequence[DeliveryRow], now: int) -> None:
    if rows:
        tx.execute(insert(delivery), [_values(it, now) for it in rows])


def deliveries(tx: Connection, id: str) -> list[DeliveryRow]:
    """A hook's, by id, which is no order of time."""
    query = select(delivery).where(delivery.c.hook_id == id).order_by(delivery.c.id)
    return [_delivery(row) for row in tx.execute(query)]


def due_hooks(tx: Connection, now: int) -> list[tuple[str, str]]:
    """(organisation, id) of every hook that there is something to tell: first those that failed least often at it."""
    query = (
        select(hook.c.organisation_id, hook.c.id)
        .join(delivery, delivery.c.hook_id == hook.c.id)
        .where(*_due(now))
        .group_by(hook.c.organisation_id, hook.c.id)
        .order_by(func.max(delivery.c.tries), hook.c.id)
    )
    return [(row[0], row[1]) for row in tx.execute(query)]


def target(tx: Connection, id: str) -> HookRow | None:
    row = tx.execute(select(hook).where(hook.c.id == id)).first()
    return None if row is None else _hook(row)


def claim(tx: Connection, id: str, now: int, until: int) -> DeliveryRow | None:
    """One delivery of a hook that is due, with this try counted; nobody else gets it before `until`."""
    query = select(delivery).where(delivery.c.hook_id == id, *_due(now)).order_by(delivery.c.next_at, delivery.c.id)
    for row in tx.execute(query.limit(20)):
        mine = update(delivery).where(
            delivery.c.id == row.id, delivery.c.state == WAITING, delivery.c.next_at == row.next_at
        )
        if tx.execute(mine.values(next_at=until, tries=row.tries + 1)).rowcount:
            return _delivery(row, row.tries + 1)
    return None


def set_delivered(tx: Connection, id: str) -> None:
    _end(tx, id, state=DELIVERED, body=b"", next_at=None, trouble=None)


def set_given_up(tx: Connection, id: str, trouble: str) -> None:
    _end(tx, id, state=GIVEN_UP, body=b"", next_at=None, trouble=trouble)


def put_off(tx: Connection, id: str, until: int, trouble: str) -> None:
    _end(tx, id, next_at=until, trouble=trouble)


def troubled(tx: Connection) -> list[tuple[str, bool, int]]:
    """Hooks of every organisation that are disabled or have deliveries given up, and how many, by id."""
    given_up = func.count(delivery.c.id)
    query = (
        select(hook.c.id, hook.c.disabled, given_up)
        .outerjoin(delivery, (delivery.c.hook_id == hook.c.id) & (delivery.c.state == GIVEN_UP))
        .group_by(hook.c.id, hook.c.disabled)
        .having(or_(hook.c.disabled, given_up > 0))
    )
    return [(row[0], row[1], row[2]) for row in tx.execute(query.order_by(hook.c.id))]


def _due(now: int) -> tuple[Any, ...]:
    return delivery.c.state == WAITING, delivery.c.next_at <= now


def _end(tx: Connection, id: str, **values: object) -> None:
    """Of a delivery that still waits: what a receiver gone or a pulse closed has settled meanwhile stays."""
    tx.execute(update(delivery).where(delivery.c.id == id, delivery.c.state == WAITING).values(**values))


def _values(it: DeliveryRow, now: int) -> dict[str, object]:
    return {
        "id": it.id,
        "hook_id": it.hook,
        "event": it.event,
        "pulse_id": it.pulse,
        "body": it.body,
        "sealed": it.sealed,
        "state": it.state,
        "tries": it.tries,
        "next_at": now,
        "trouble": it.trouble,
    }


def _hook(row: Row[Any]) -> HookRow:
    return HookRow(row.id, row.organisation_id, row.url, tuple(json.loads(row.events)), row.disabled)


def _delivery(row: Row[Any], tries: int | None = None) -> DeliveryRow:
    facts = (row.id, row.hook_id, row.event, row.pulse_id, bytes(row.body), row.sealed, row.state)
    return DeliveryRow(*facts, row.tries if tries is None else tries, row.trouble)
