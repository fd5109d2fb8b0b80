"""`backup`, `restore`, and discarding what a restore may leave behind: a pulse nobody can close."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from service.commands.console import Json, Organisation, custody, database, manager, say
from service.operations.backup import Restored, back_up, restore
from service.operations.discard import discard_pulse


def register(app: typer.Typer) -> None:
    app.command("backup")(back_up_database)
    app.command("restore")(restore_database)


def back_up_database(
    file: Path,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file of that name.")] = False,
    json: Json = False,
) -> None:
    """Write the whole database as it stands now into one file, while the service runs."""
    with database() as target:
        manifest = back_up(target, file, replace=replace)
        words = f"Backed up to {file} (revision {manifest.revision}, sha256:{manifest.checksum})."
        kept = "Answers of open pulses lie in it sealed. Their keys do not: they stay where REDWOOD_CUSTODY says."
        say(json, {"file": str(file), "revision": manifest.revision, "checksum": manifest.checksum}, words, kept)


def restore_database(file: Path, json: Json = False) -> None:
    """Bring a backup into an empty database, SQLite or PostgreSQL, whichever it was made from."""
    with database() as target:
        made = restore(target, custody(), file)
        document = {"rows": made.rows, "revision": made.manifest.revision}
        pulses = {"collecting": made.collecting, "keyless": made.keyless}
        say(json, document | pulses, f"Restored {made.rows} rows.", *_to_know(made))


def _to_know(made: Restored) -> Iterator[str]:
    """What an older state brings back, in words."""
    yield "Pages ask to sign in again. Keys withdrawn after the backup work again: withdraw them again."
    yield (
        "Letters and deliveries to webhooks are in no backup: a draft that people were invited to by letter or webhook "
        "must be discarded and set up anew before it opens. Schedules do so with theirs by themselves."
    )
    for pulse in made.collecting:
        yield (
            f"{pulse} is open. What was acknowledged after the backup is not in it, and which invitations were used "
            "since is not known: they can be used again, so that who got a token since may answer twice. If it was "
            "closed after the backup, do not close it a second time: two releases of one pulse tell of single people."
        )
    for pulse in made.keyless:
        yield (
            f"{pulse} is open and cannot be closed: its key is not in custody. If it was closed after the backup, the "
            f"key is gone and nobody can read its answers: redwood pulse discard {pulse} --answered. If not, put the "
            "key back."
        )


def discard(
    pulse: Annotated[str, typer.Argument(help="The pulse's id.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it; without this the command only says what it would.")
    ] = False,
    answered: Annotated[
        bool, typer.Option("--answered", help="Also an open pulse: what people answered is destroyed, uncounted.")
    ] = False,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Take away a draft, or an open pulse that can never be closed, with its invitations; cannot be undone."""
    with database() as target:
        state = discard_pulse(target, custody(), manager(target, organisation), pulse, apply=apply, answered=answered)
        what = "a draft" if state == "draft" else "an open pulse whose answers nobody can read"
        words = f"{'Discarded' if apply else 'Would discard (add --apply)'}: {pulse}, {what}."
        say(json, {"id": pulse, "state": state.value, "applied": apply}, words)
