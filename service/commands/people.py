"""People of the directory from a shell: in from a file, out for good, and how units are made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Annotated, Any

import typer

from service.commands.console import Json, Organisation, database, group, manager, say, text_of
from service.errors import Fault, Invalid
from service.operations import directory
from service.operations import people_import as importing
from service.operations.directory import Outlook
from service.survey.people import odd_lines
from service.survey.people_csv import column_choices, parse_people_csv
from service.survey.people_mapping import mapping_document, parse_mapping

Apply = Annotated[bool, typer.Option("--apply", help="Do it; without this the command only says what would change.")]
#: Units that are told of one by one.
_SHOWN = 40


def register(app: typer.Typer) -> None:
    people = group(app, "people", "Whom to invite, and the units they make.")
    people.command("import")(import_people)
    people.command("units")(put_mapping)
    people.command("show")(show)
    people.command("forget")(forget)


def import_people(
    file: Path,
    column: Annotated[
        list[str] | None, typer.Option(help="department=Abteilung for a column of another name; repeat.")
    ] = None,
    apply: Apply = False,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Replace the directory by a CSV of everybody: whoever is not in it leaves, and is deleted."""
    stated = parse_people_csv(text_of(file, Invalid), column_choices(column or []))
    with database() as target:
        done = importing.import_people(target, manager(target, organisation), stated, _today(), apply=apply)
    counts = {"come": done.come, "change": done.change, "leave": done.leave, "stay": done.stay}
    document = {**counts, "taken": stated.taken, "dropped": stated.dropped, **_document(done.outlook)}
    say(
        json,
        {"applied": apply, **document},
        *(f"{field} is taken from {column!r}" for field, column in stated.taken.items()),
        f"Nothing is taken from {', '.join(map(repr, stated.dropped))}." if stated.dropped else "Every column is used.",
        f"{'Applied' if apply else 'Would change'}: {', '.join(f'{count} {word}' for word, count in counts.items())}.",
        *_lines(done.outlook),
    )


def put_mapping(
    file: Annotated[
        Path | None, typer.Argument(help="JSON as PUT /v1/directory takes it; none for no mapping.")
    ] = None,
    apply: Apply = False,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Say how units are made of people."""
    mapping = None if file is None else parse_mapping(_read(file))
    with database() as target:
        found = directory.put_mapping(target, manager(target, organisation), mapping, _today(), apply=apply)
    say(json, {"applied": apply, **_document(found)}, "Applied." if apply else "Would apply.", *_lines(found))


def show(organisation: Organisation = None, json: Json = False) -> None:
    """How many people there are, how units are made of them, and what was odd."""
    with database() as target:
        stands = directory.standing(target, manager(target, organisation))
    document = {**asdict(stands), "mapping": mapping_document(stands.mapping)}
    words = f"{stands.people} people, {stands.active} active, {stands.groups} groups, {stands.units} units"
    due = ["People changed since: the roster follows."] if stands.due else []
    say(json, document, f"{words}.", *due, *odd_lines(stands.odd), *_trouble_lines(stands.trouble))


def forget(
    people: Annotated[int, typer.Option(help="How many there are, as `redwood people show` says.")],
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Destroy everybody in the directory, every group and every letter; the mapping and the roster stay."""
    with database() as target:
        scrubbed = importing.forget_people(target, manager(target, organisation), people)
    left = [] if scrubbed else ["Traces may still stand in the database's own files: run 'redwood scrub'."]
    say(json, {"people": people, "scrubbed": scrubbed}, f"Destroyed {people} people.", *left)


def _today() -> date:
    return datetime.now(UTC).date()


def _read(file: Path) -> object:
    try:
        return loads(text_of(file, Invalid))
    except JSONDecodeError as error:
        raise Invalid([Fault("file", "is not JSON")]) from error


def _document(found: Outlook) -> dict[str, Any]:
    change = None if found.change is None else asdict(found.change)
    units = [] if found.roster is None else [asdict(unit) for unit in found.roster.units]
    trouble = [asdict(it) for it in found.trouble]
    return {"roster": change, "units": units, "odd": asdict(found.odd), "trouble": trouble}


def _lines(found: Outlook) -> Iterator[str]:
    if found.change is not None:
        counts = {kind: len(units) for kind, units in asdict(found.change).items()}
        yield f"Roster: {', '.join(f'{count} {kind}' for kind, count in counts.items())}."
    units = () if found.roster is None else found.roster.units
    yield from (f"{unit.headcount:>7}  {unit.id}  {unit.name}" for unit in units[:_SHOWN])
    if len(units) > _SHOWN:
        yield f"and {len(units) - _SHOWN} more units (--json tells of all)"
    yield from odd_lines(asdict(found.odd))
    yield from _trouble_lines(found.trouble)


def _trouble_lines(trouble: tuple[directory.Trouble, ...]) -> Iterator[str]:
    yield from (f"The roster stays: {it.sentence}" for it in trouble)
