"""Webhooks: whom to tell of a pulse's steps."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from service.commands.console import Json, Organisation, custody, database, group, manager, say
from service.inviting.address import wrong_with
from service.operations import hooks
from service.operations.hooks import EVENTS, USUAL, Hook
from service.settings import from_environment


def register(app: typer.Typer) -> None:
    hook = group(app, "hook", "Webhooks: whom to tell of a pulse's steps.")
    hook.command("add")(add_hook)
    hook.command("list")(list_hooks)
    hook.command("delete")(remove_hook)


def add_hook(
    url: Annotated[str, typer.Argument(help="Where to: https:// and a public host.")],
    event: Annotated[list[str], typer.Option(help=f"{', '.join(EVENTS)}; repeat for several.")] = list(USUAL),  # noqa: B006
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Have a system told of every pulse's steps, and print the secret it verifies with, this once."""
    private = from_environment().private_hooks
    with database() as target:
        it, secret = hooks.add_hook(
            target,
            custody(),
            manager(target, organisation),
            url,
            event,
            lambda address: wrong_with(address, private=private),
        )
        say(json, {**_document(it), "secret": secret}, it.id, secret)


def list_hooks(organisation: Organisation = None, json: Json = False) -> None:
    """Every webhook: id, state, events, address."""
    with database() as target:
        found = hooks.list_hooks(target, manager(target, organisation))
        say(json, {"hooks": [_document(it) for it in found]}, *map(_line, found))


def remove_hook(
    hook: Annotated[str, typer.Argument(help="The webhook's id, from `redwood hook list`.")],
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Tell it nothing any more."""
    with database() as target:
        hooks.remove_hook(target, custody(), manager(target, organisation), hook)
        say(json, {"id": hook, "deleted": True}, "Deleted.")


def _document(it: Hook) -> dict[str, Any]:
    return {"id": it.id, "url": it.url, "events": list(it.events), "state": _state(it)}


def _state(it: Hook) -> str:
    return "disabled" if it.disabled else "active"


def _line(it: Hook) -> str:
    return "  ".join([it.id, _state(it), " ".join(it.events), it.url])
