"""`doctor`, `settings` and `attack`: looking at an installation and at what it published."""

from __future__ import annotations

import os
import time
from typing import Annotated

import typer

from service.bootstrap import custody_of
from service.commands.console import Json, Organisation, database, manager, say
from service.operations.audit import Deed, record_all
from service.operations.doctor import examine
from service.operations.publish import attack_again
from service.settings import Settings, from_environment, has_well_known_password


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)
    app.command("settings")(settings)
    app.command("attack")(attack)


def doctor(json: Json = False) -> None:
    """Say what is configured, reachable, and unsafe. Exit code 1 when something is broken."""
    chosen = from_environment()
    with database() as target:
        findings = examine(
            target,
            custody_of(chosen),
            chosen.host,
            int(time.time()),
            secure_cookies=chosen.secure_cookies,
            known_password=has_well_known_password(chosen.database_url),
        )
    document = {"findings": [{"what": f.what, "verdict": f.verdict, "words": f.words} for f in findings]}
    say(json, document, *(f"{f.verdict:<7} {f.what}: {f.words}" for f in findings))
    if any(f.verdict == "broken" for f in findings):
        raise typer.Exit(1)


def settings(json: Json = False) -> None:
    """Every setting: its name, value's source, default and help. Values that hold secrets are not shown."""
    chosen = from_environment()
    rows = []
    for name, field in Settings.model_fields.items():
        variable = f"REDWOOD_{name.upper()}"
        secret = isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra.get("secret"))
        given = variable in os.environ
        rows.append(
            {
                "name": variable,
                "value": "(set)" if secret and given else getattr(chosen, name),
                "source": "environment" if given else "default",
                "default": field.default,
                "help": field.description,
            }
        )
    say(json, {"settings": rows}, *(f"{r['name']}={r['value']}  ({r['source']})\n    {r['help']}" for r in rows))


def attack(
    pulse: Annotated[str, typer.Argument(help="A released pulse.")],
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Attack a release with everything published, and print what could be learnt. Exit code 1 on a breach."""
    with database() as target:
        who = manager(target, organisation)
        record_all(target, [Deed(who, "read", f"redwood attack {pulse}")])
        report = attack_again(target, who, pulse)
        lines = [
            f"{'held' if it['passed'] else 'BROKEN':<7} {it['name']}: {it['what_was_tried']} "
            f"({it['figures_used']} figures): {it['got']}"
            for it in report["attempts"]
        ]
        say(json, report, *lines, "Nothing was learnt." if report["passed"] else "The release does not hold.")
        if not report["passed"]:
            raise typer.Exit(1)
