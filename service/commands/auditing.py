"""`audit`: who read or did what, and whether the chain of entries still holds."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from service.commands.console import Json, Organisation, database, manager, say
from service.operations import audit


def register(app: typer.Typer) -> None:
    app.command("audit")(print_audit)


def print_audit(
    verify: Annotated[
        bool, typer.Option("--verify", help="Walk the whole chain; exit code 1 where it breaks.")
    ] = False,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From which day on, in UTC.")] = None,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Who read or did what. The head, written down elsewhere, shows whether the end was cut off later."""
    start = 0 if since is None else int(since.replace(tzinfo=UTC).timestamp())
    with database() as target:
        who = manager(target, organisation)
        audit.record_all(target, [audit.Deed(who, "read", "redwood audit")])
        found = [audit.document(entry) for entry in audit.every_entry(target, who, start)]
        verified = audit.verify(target, who) if verify else None
        head = verified.head if verified else audit.entries(target, who, limit=1)[1]
    broken = verified.broken if verified else None
    document: dict[str, Any] = {"organisation": who.organisation, "entries": found, "head": asdict(head)}
    if verified:
        document |= {"holds": broken is None, "broken": broken}
    lines = ["{number}  {at}  {who}  {label!r}  {deed}  {subject}".format_map(entry) for entry in found]
    say(json, document, *lines, f"Head: {head.number} {head.hash}", *_words(verified))
    if broken is not None:
        raise typer.Exit(1)


def _words(verified: audit.Verified | None) -> list[str]:
    if verified is None:
        return []
    if verified.broken is None:
        return ["The chain holds from its first entry to its head."]
    return [f"The chain breaks at entry {verified.broken}: it was changed, taken away, moved or put there."]
