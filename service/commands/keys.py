"""Keys of front ends, HR systems and data teams: made, listed, rotated, revoked."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from service.commands.console import Json, Organisation, database, group, say
from service.operations import access, prepare
from service.operations.access import Key

Expires = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it is good, in UTC.")
]
KeyId = Annotated[str, typer.Argument(help="The key's id, from `redwood key list`.")]


def register(app: typer.Typer) -> None:
    key = group(app, "key", "Keys of front ends, HR systems and data teams.")
    key.command("create")(create_key)
    key.command("list")(list_keys)
    key.command("rotate")(rotate_key)
    key.command("revoke")(revoke_key)


def create_key(
    scope: Annotated[list[str], typer.Option(help="collect, manage, results, analytics or scim; repeat for several.")],
    unit: Annotated[str | None, typer.Option(help="Bind the key to this unit's subtree.")] = None,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    expires: Expires = None,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Make a key and print its secret, this once."""
    with database() as target:
        owner = access.find_organisation(target, organisation)
        if unit is not None:
            prepare.require_unit(target, owner, unit)
        secret = access.create_key(target, owner, scope, unit, label, expires=_day(expires))
        say(json, {"key": secret, "scopes": scope, "unit": unit}, secret)


def list_keys(organisation: Organisation = None, json: Json = False) -> None:
    """Every key: id, scopes, subtree, when it was made, when it ends, label."""
    now = int(time.time())
    with database() as target:
        found = access.list_keys(target, access.find_organisation(target, organisation))
        document = {"keys": [_document(it, now) for it in found]}
        say(json, document, *(_line(it, now) for it in found))


def rotate_key(
    key: KeyId,
    overlap: Annotated[int, typer.Option(min=0, help="Hours for which the old secret stays good.")] = 0,
    expires: Expires = None,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Make another key in a key's place, with its scopes, subtree, end and label, and print its secret, this once."""
    with database() as target:
        owner = access.find_organisation(target, organisation)
        secret, row = access.rotate_key(target, owner, key, overlap=overlap, expires=_day(expires))
        document = {"key": secret, "id": row.id, "scopes": sorted(row.scopes), "unit": row.unit, "instead_of": key}
        say(json, document, secret)


def revoke_key(key: KeyId, organisation: Organisation = None, json: Json = False) -> None:
    """End a key, and the page sessions it signed in; a running service may believe it five seconds more."""
    with database() as target:
        access.revoke_key(target, access.find_organisation(target, organisation), key)
        say(json, {"id": key, "revoked": True}, "Revoked.")


def _day(expires: datetime | None) -> date | None:
    return None if expires is None else expires.date()


def _document(key: Key, now: int) -> dict[str, Any]:
    """`ends_at` is the first moment at which it opens nothing."""
    return {
        "id": key.id,
        "scopes": sorted(key.scopes),
        "unit": key.unit,
        "label": key.label,
        "made_on": key.made_on,
        "ends_at": None if key.ends_at is None else f"{datetime.fromtimestamp(key.ends_at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "state": _state(key, now),
    }


def _state(key: Key, now: int) -> str:
    if key.ends_at is not None and key.ends_at <= now:
        return "ended"
    return "ends soon" if access.ends_soon(key, now) else "good"


def _line(key: Key, now: int) -> str:
    made = f"made {key.made_on or 'earlier'}"
    parts = [key.id, " ".join(sorted(key.scopes)), key.unit or "-", made, _end(key, now), key.label]
    return "  ".join(parts)


def _end(key: Key, now: int) -> str:
    if key.ends_at is None:
        return "stays"
    last = f"{datetime.fromtimestamp(key.ends_at - 1, UTC):%Y-%m-%d %H:%M} UTC".replace(" 23:59 UTC", "")
    return {"ended": f"ENDED {last}", "ends soon": f"ENDS SOON {last}"}.get(_state(key, now), f"ends {last}")
