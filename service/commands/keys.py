"""Keys of front ends, HR systems and data teams: made, listed, revoked."""

from __future__ import annotations

from typing import Annotated

import typer

from service.commands.console import Json, Organisation, database, group, say
from service.operations import access, prepare


def register(app: typer.Typer) -> None:
    key = group(app, "key", "Keys of front ends, HR systems and data teams.")
    key.command("create")(create_key)
    key.command("list")(list_keys)
    key.command("revoke")(revoke_key)


def create_key(
    scope: Annotated[list[str], typer.Option(help="collect, manage, results, analytics or scim; repeat for several.")],
    unit: Annotated[str | None, typer.Option(help="Bind the key to this unit's subtree.")] = None,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Make a key and print its secret, this once."""
    with database() as target:
        owner = access.find_organisation(target, organisation)
        if unit is not None:
            prepare.require_unit(target, owner, unit)
        secret = access.create_key(target, owner, scope, unit, label)
        say(json, {"key": secret, "scopes": scope, "unit": unit}, secret)


def list_keys(organisation: Organisation = None, json: Json = False) -> None:
    """Every key: id, scopes, subtree, label."""
    with database() as target:
        found = access.list_keys(target, access.find_organisation(target, organisation))
        document = {
            "keys": [{"id": it.id, "scopes": sorted(it.scopes), "unit": it.unit, "label": it.label} for it in found]
        }
        say(json, document, *(f"{it.id}  {' '.join(sorted(it.scopes))}  {it.unit or '-'}  {it.label}" for it in found))


def revoke_key(
    key: Annotated[str, typer.Argument(help="The key's id, from `redwood key list`.")],
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """End a key, and the page sessions it signed in; a running service may believe it five seconds more."""
    with database() as target:
        access.revoke_key(target, access.find_organisation(target, organisation), key)
        say(json, {"id": key, "revoked": True}, "Revoked.")
