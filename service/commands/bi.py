"""`bi`: database roles that read the released tables for BI tools, and the tables brought up to date."""

from __future__ import annotations

from typing import Annotated

import typer

from service.commands.console import Json, Organisation, database, group, manager, say
from service.operations import bi
from service.operations.released import refresh

Role = Annotated[str, typer.Argument(help="A role of the PostgreSQL server.")]


def register(app: typer.Typer) -> None:
    roles = group(app, "bi", "Database roles for BI tools: they read the schema `released`, of one organisation.")
    roles.command("grant")(grant)
    roles.command("revoke")(revoke)
    roles.command("refresh")(fill)


def grant(role: Role, organisation: Organisation = None, json: Json = False) -> None:
    """Let a role read the released tables of an organisation; a new one's password is printed, this once."""
    with database() as target:
        made = bi.grant(target, manager(target, organisation), role)
    lines = [f"Password: {made.password}"] if made.password else []
    lines.append("Let it connect to a replica: on the primary PostgreSQL shows every role when rows are written.")
    if made.may:
        lines.append(f"It may still {' and '.join(made.may)}: see 'SQL, on PostgreSQL' in docs/tables.md.")
    document = {"role": made.role, "password": made.password, "may": list(made.may)}
    say(json, document, f"{made.role} reads the schema released.", *lines)


def revoke(role: Role, organisation: Organisation = None, json: Json = False) -> None:
    """Take that away again; the role stays, and reads nothing."""
    with database() as target:
        bi.revoke(target, manager(target, organisation), role)
    say(json, {"role": role}, f"{role} reads nothing any more. DROP ROLE {role} removes it.")


def fill(json: Json = False) -> None:
    """Fill the released tables with findings that are not in them yet; a serving process does so by itself."""
    with database() as target:
        done = refresh(target)
    say(json, {"filled": done}, *(f"{pulse}  filled" for pulse in done))
