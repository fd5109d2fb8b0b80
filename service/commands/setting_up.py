"""Organisations, keys, rosters, instruments and pulses."""

from __future__ import annotations

import csv
import sys
import tomllib
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from service.commands import backing_up, closing
from service.commands.banding import bands_of, classes_of, crosses_of, pools_of
from service.commands.console import Json, Organisation, custody, database, group, manager, say, text_of
from service.errors import Fault, InvalidInstrument, InvalidRoster
from service.operations import access, instruments, prepare, publish, reorganise
from service.operations.analyse import analyse
from service.survey.draft import Draft
from service.survey.pulse import TOKEN_KINDS
from service.survey.roster_document import parse_roster_csv

Apply = Annotated[bool, typer.Option("--apply", help="Do it; without this the command only says what would change.")]
PulseId = Annotated[str, typer.Argument(help="The pulse's id.")]


def register(app: typer.Typer) -> None:
    organisation = group(app, "organisation", "Who runs pulses.")
    organisation.command("create")(create_organisation)
    roster = group(app, "roster", "The tree of units.")
    roster.command("import")(import_roster)
    instrument = group(app, "instrument", "What can be asked.")
    instrument.command("import")(import_instrument)
    pulse = group(app, "pulse", "One round of asking and its one-way life.")
    pulse.command("create")(create_pulse)
    pulse.command("open")(open_pulse)
    pulse.command("close")(closing.close_one)
    pulse.command("release")(release_pulse)
    pulse.command("discard")(backing_up.discard)
    app.command("invitations")(issue_invitations)


def today() -> date:
    return datetime.now(UTC).date()


def create_organisation(name: str, json: Json = False) -> None:
    """Make an organisation."""
    with database() as target:
        id = access.create_organisation(target, name)
    say(json, {"id": id, "name": name}, f"Made {name} ({id}). Its first key: redwood key create --scope manage")


def import_roster(
    file: Path,
    apply: Apply = False,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From which day; today.")] = None,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Replace the roster by a CSV: id, name, parent, headcount, and before after a reorganisation."""
    with database() as target:
        tree = parse_roster_csv(text_of(file, InvalidRoster))
        day = as_of.date() if as_of else today()
        change = reorganise.put_roster(target, manager(target, organisation), tree, day, today=today(), apply=apply)
        counts = {kind: len(units) for kind, units in asdict(change).items()}
        words = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        say(json, {"applied": apply, **asdict(change)}, f"{'Applied' if apply else 'Would change'}: {words}.")


def import_instrument(file: Path, apply: Apply = False, organisation: Organisation = None, json: Json = False) -> None:
    """Import a version of an instrument from TOML."""
    with database() as target:
        try:
            document = tomllib.loads(text_of(file, InvalidInstrument))
        except tomllib.TOMLDecodeError as error:
            raise InvalidInstrument([Fault("file", "is not TOML")]) from error
        instrument = instruments.import_instrument(target, manager(target, organisation), document, apply=apply)
        name = f"{instrument.id} version {instrument.version}, {len(instrument.items)} items"
        say(
            json,
            {"applied": apply, "id": instrument.id, "version": instrument.version, "items": len(instrument.items)},
            f"{'Imported' if apply else 'Valid, not imported (add --apply)'}: {name}.",
        )


def create_pulse(
    instrument: Annotated[str, typer.Option(help="Id of the instrument.")] = "five-blocks",
    item: Annotated[list[str] | None, typer.Option(help="An item to ask; repeat; all when left out.")] = None,
    label: Annotated[str, typer.Option(help="A name for people.")] = "Pulse",
    series: Annotated[str | None, typer.Option(help="Pulses of one series make a trend.")] = None,
    threshold: Annotated[int | None, typer.Option(help="Least respondents behind any figure; 5.")] = None,
    band: Annotated[list[str] | None, typer.Option(help="A band and its values: tenure=0-1y,1-3y,3y+; repeat.")] = None,
    cross: Annotated[list[str] | None, typer.Option(help="Bands read together: tenure,location; repeat.")] = None,
    pool: Annotated[list[str] | None, typer.Option(help="Sibling units read together: nights=t1,t2; repeat.")] = None,
    token: Annotated[
        list[str] | None, typer.Option(help="What may be sent with answers: unlinkable, plain; repeat; both.")
    ] = None,
    classes: Annotated[Path | None, typer.Option(help="CSV of who is invited: unit, band, value, invited.")] = None,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Set up a pulse."""
    with database() as target:
        draft = Draft(
            label=label,
            instrument=instrument,
            items=item or None,
            series=series,
            threshold=threshold,
            bands=bands_of(band or ()),
            crosses=crosses_of(cross or ()),
            classes=classes_of(classes),
            pools=pools_of(pool or ()),
            tokens=tuple(token or TOKEN_KINDS),
        )
        pulse = prepare.create_pulse(target, manager(target, organisation), draft)
        say(json, {"id": pulse.id, "state": pulse.state.value}, pulse.id)


def issue_invitations(
    pulse: PulseId,
    csv_wanted: Annotated[bool, typer.Option("--csv", help="As CSV: unit, token.")] = False,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Issue a token for everybody in the roster and print them, this once."""
    with database() as target:
        issued = prepare.issue_invitations(target, manager(target, organisation), pulse, None, today())
        if csv_wanted and not json:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(("unit", "token"))
            writer.writerows(issued)
            return
        document = {"pulse": pulse, "invitations": [{"unit": unit, "token": token} for unit, token in issued]}
        say(json, document, *(f"{unit}  {token}" for unit, token in issued))


def open_pulse(pulse: PulseId, organisation: Organisation = None, json: Json = False) -> None:
    """Let answers in; roster and policy are fixed from here on."""
    with database() as target:
        opened, policy_hash = prepare.open_pulse(target, custody(), manager(target, organisation), pulse, today())
        say(json, _document(opened.id, "open", policy_hash=policy_hash), f"Open. Policy {policy_hash}.")


def release_pulse(pulse: PulseId, organisation: Organisation = None, json: Json = False) -> None:
    """Publish what the gate lets through, once and for good."""
    with database() as target:
        made = publish.release_pulse(target, manager(target, organisation), pulse)
        say(json, _document(pulse, "released", release_digest=made.digest), f"Released. {made.digest}.")
        analyse(target, pulse)


def _document(pulse: str, state: str, **more: Any) -> dict[str, Any]:
    return {"id": pulse, "state": state, **more}
