"""`doctor`, `settings` and `attack`: looking at an installation and at what it published."""

from __future__ import annotations

import os
import sys
import time
from typing import Annotated

import typer

from service.api.signing import judged, looked_at
from service.bootstrap import custody_of, replica_of
from service.commands.console import Json, Organisation, database, manager, say
from service.operations.audit import Deed, record_all
from service.operations.doctor import examine
from service.operations.publish import attack_again
from service.operations.standbys import standby_findings
from service.settings import Settings, from_environment, has_well_known_password


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)
    app.command("sign-in")(sign_in)
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
        if not any(f.verdict == "broken" and f.what in {"database", "migrations"} for f in findings):
            findings.extend(looked_at(chosen, target))
            replica = replica_of(chosen, target)
            findings.extend(standby_findings(target, replica))
            replica.dispose()
    document = {"findings": [{"what": f.what, "verdict": f.verdict, "words": f.words} for f in findings]}
    say(json, document, *(f"{f.verdict:<7} {f.what}: {f.words}" for f in findings))
    if any(f.verdict == "broken" for f in findings):
        raise typer.Exit(1)


def sign_in(json: Json = False) -> None:
    """Say what a provider's access token on stdin gives, or by which rule it is refused."""
    with database() as target:
        who = judged(from_environment(), target, sys.stdin.read().strip())
    document = {"who": who.key, "as": who.label, "scopes": sorted(who.scopes), "unit": who.unit, "ends_at": who.ends_at}
    words = f"{who.key}, {who.label}: {' '.join(sorted(who.scopes))}{f' in {who.unit}' if who.unit else ''}"
    say(json, document, words)


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
