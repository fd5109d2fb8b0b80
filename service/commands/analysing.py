"""`analyse`: findings computed from releases, stored for what is due, or shown from release files alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.commands.console import Json, database, say
from service.errors import Conflict
from service.exports import packed
from service.exports.table import Table
from service.exports.text import as_csv
from service.operations.analyse import analyse_due, analyse_releases


def register(app: typer.Typer) -> None:
    app.command("analyse")(analyse)


def analyse(
    source: Annotated[
        list[Path] | None, typer.Option("--from", help="A release as the API gives it; repeat for a series.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --from: a folder to write every table into, as CSV.")] = None,
    json: Json = False,
) -> None:
    """Compute the findings of releases that have none yet; or, with --from, of release files and nothing else.

    The digests are those of `GET /v1/pulses/{id}/findings` when the same machine computes from the same releases.
    """
    if not source:
        if out is not None:
            raise typer.BadParameter("needs --from", param_hint="--out")
        with database() as target:
            found = analyse_due(target)
        say(json, asdict(found), *(f"{pulse}  analysed" for pulse in found.done))
        if found.failed:
            raise Conflict(f"No findings could be computed of {', '.join(found.failed)}; the log says why.")
        return
    series = analyse_releases([file.read_bytes() for file in source])
    if out is not None:
        for newest, tables in series:
            _write(out / newest.pulse, tables)
    made = [(newest, {table.name: packed.pack(table).digest for table in tables}) for newest, tables in series]
    document = [{"series": newest.series, "pulse": newest.pulse, "tables": each} for newest, each in made]
    lines = [f"{newest.pulse}  {name:<14} {digest}" for newest, each in made for name, digest in each.items()]
    say(json, {"analysed": document}, *lines)


def _write(folder: Path, tables: Iterable[Table]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        (folder / f"{table.name}.csv").write_bytes(as_csv(table))
