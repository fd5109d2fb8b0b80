"""Webhooks: whom to tell of a pulse's steps, and the outbox that a step writes in its own transaction."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from time import time
from typing import Any

from service.custody.custody import Custody
from service.errors import Conflict, Fault, InvalidQuery
from service.operations import audit
from service.operations.access import Principal
from service.store import access, hooks, pulses
from service.store.database import Connection, Database
from service.store.hooks import DeliveryRow, HookRow
from service.tokens import keys

#: A webhook and a delivery as they are listed; neither the secret nor a body is.
Hook = HookRow
Delivery = DeliveryRow

#: The event by which invitations are handed over, which one webhook of an organisation may want.
HANDED_OVER = "invitations.issued"
EVENTS = ("pulse.opened", "pulse.closed", "pulse.released", HANDED_OVER)
#: What a webhook is told where nothing else is asked for; invitations are handed over on purpose only.
USUAL = EVENTS[:3]
TEST = "hook.test"
#: Webhooks of one organisation: each step of a pulse writes as many rows.
MOST = 20


def tell(tx: Connection, organisation: str, event: str, pulse: str, data: Mapping[str, Any]) -> None:
    """Put an event into the outbox for every webhook that wants it, with the step that it tells of or not at all.

    `data` is public and says nothing of answers: no figure, nor how many took part.
    """
    wanting = hooks.wanting(tx, organisation, event)
    if wanting:
        facts = pulses.pulse_by_id(tx, pulse, organisation)
        said = body_of(event, {"pulse": pulse, "label": facts.label, "series": facts.series, **data})
        rows = [DeliveryRow(keys.new_id(), it.id, event, pulse, said, sealed=False) for it in wanting]
        hooks.add_deliveries(tx, rows, int(time()))


def body_of(event: str, data: Mapping[str, Any]) -> bytes:
    """What is sent, as JSON. The time is told to the day: a step's day is public, and a finer one would tell those
    who watch answers arrive what everybody was told when."""
    day = f"{_today()}T00:00:00Z"
    return json.dumps({"type": event, "timestamp": day, "data": data}, ensure_ascii=False).encode()


def add_hook(
    database: Database,
    custody: Custody,
    principal: Principal,
    url: str,
    events: Sequence[str],
    check: Callable[[str], str | None],
) -> tuple[Hook, str]:
    """A webhook, and the secret that its receiver verifies with, which is said this once.

    `check` says what is wrong with an address, if anything is. Raises InvalidQuery, and Conflict where there are
    many already, or another that invitations are handed over to.
    """
    principal.require("manage", whole=True)
    wrong = [Fault("url", rule) for rule in [check(url)] if rule]
    if not events or set(events) - set(EVENTS) or len(set(events)) < len(events):
        wrong.append(Fault("events", f"must be one or more of {', '.join(EVENTS)}, each once"))
    if wrong:
        raise InvalidQuery(wrong)
    it = HookRow(keys.new_id(), principal.organisation, url, tuple(events))
    with database.begin() as tx:
        access.hold_organisation(tx, principal.organisation)  # of two at once the second sees the first
        if len(hooks.hooks(tx, principal.organisation)) >= MOST:
            raise Conflict(f"There are {MOST} webhooks already: delete one first.")
        if HANDED_OVER in events and hooks.wanting(tx, principal.organisation, HANDED_OVER):
            raise Conflict(f"Invitations are handed over to one webhook only, and one wants {HANDED_OVER}: delete it.")
        secret = custody.make(it.id, "hook")
        hooks.add_hook(tx, it)
        audit.record(tx, principal, "webhook made", f"webhook {it.id}: {' '.join(events)}")
    return it, spelled(secret)


def list_hooks(database: Database, principal: Principal) -> list[Hook]:
    principal.require("manage", whole=True)
    with database.read() as tx:
        return hooks.hooks(tx, principal.organisation)


def remove_hook(database: Database, custody: Custody, principal: Principal, id: str) -> None:
    """With what it was still to be told, and its secret. Raises NotFound."""
    principal.require("manage", whole=True)
    with database.begin() as tx:
        hooks.hook_by_id(tx, principal.organisation, id)
        hooks.remove_hook(tx, id)
        audit.record(tx, principal, "webhook deleted", f"webhook {id}")
    custody.destroy(id, "hook")


def rotate_hook(database: Database, custody: Custody, principal: Principal, id: str) -> str:
    """Another secret, by which it is known from the next delivery on, said this once.

    Raises NotFound, and Conflict where secrets are worked out and so always the same.
    """
    principal.require("manage", whole=True)
    if not custody.forgets:
        raise Conflict("Secrets made from the environment stay the same: delete the webhook and make another.")
    with database.begin() as tx:
        hooks.hook_by_id(tx, principal.organisation, id)
        audit.record(tx, principal, "webhook rotated", f"webhook {id}")
        return spelled(custody.make(id, "hook"))


def test_hook(database: Database, principal: Principal, id: str) -> str:
    """The id of a delivery that says nothing but that it is a test. Raises NotFound, and Conflict once disabled."""
    principal.require("manage", whole=True)
    with database.begin() as tx:
        if hooks.hook_by_id(tx, principal.organisation, id).disabled:
            raise Conflict("Its receiver said that it is gone: delete the webhook and make another.")
        row = DeliveryRow(keys.new_id(), id, TEST, None, body_of(TEST, {}), sealed=False)
        hooks.add_deliveries(tx, [row], int(time()))
        audit.record(tx, principal, "webhook tested", f"webhook {id}")
    return row.id


def deliveries(database: Database, principal: Principal, id: str) -> list[Delivery]:
    """What a webhook was and is still to be told, by id. Raises NotFound."""
    principal.require("manage", whole=True)
    with database.read() as tx:
        hooks.hook_by_id(tx, principal.organisation, id)
        return hooks.deliveries(tx, id)


def troubled(database: Database) -> list[tuple[str, bool, int]]:
    """Every organisation's webhooks that are disabled or could not be told, and of how many deliveries, by id."""
    with database.read() as tx:
        return hooks.troubled(tx)


def spelled(secret: bytes) -> str:
    """As the specification writes it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def _today() -> date:
    return datetime.now(UTC).date()
