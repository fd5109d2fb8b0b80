"""`export`: the tables the API answers, into a file or onto stdout."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from service.commands.console import Json, Organisation, database, manager
from service.exports.text import as_csv, as_json, as_ndjson
from service.operations.report import Library, Query


class Name(StrEnum):
    RESULTS = "results"
    HEATMAP = "heatmap"
    TRENDS = "trends"
    QUALITY = "quality"


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


_WRITERS = {Format.CSV: as_csv, Format.JSON: as_json, Format.NDJSON: as_ndjson}


def register(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    table: Annotated[Name, typer.Argument(help="Which table.")],
    format: Annotated[Format, typer.Option(help="How it is written.")] = Format.CSV,
    out: Annotated[Path | None, typer.Option(help="A file; stdout when left out.")] = None,
    pulse: Annotated[str | None, typer.Option(help="One released pulse; all when left out.")] = None,
    by: Annotated[str | None, typer.Option(help="Results only: a band, or two with a comma between.")] = None,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Write a table of released figures, as the API answers it."""
    if by is not None and table is not Name.RESULTS:
        raise typer.BadParameter("only results are read by a band", param_hint="--by")
    with database() as target:
        library = Library(target)
        read = {
            Name.RESULTS: library.results,
            Name.HEATMAP: library.heatmap,
            Name.TRENDS: library.trends,
            Name.QUALITY: library.quality,
        }[table]
        rows = read(manager(target, organisation), Query(pulse=pulse, by=by))
        content = _WRITERS[Format.JSON if json else format](rows)
        if out is None:
            sys.stdout.buffer.write(content)
        else:
            out.write_bytes(content)
