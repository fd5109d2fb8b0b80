"""`export`: the tables the API answers, into a file or onto stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, cast

import typer

from service.commands.console import Json, Organisation, database, manager
from service.exports.arrow import as_arrow, as_parquet
from service.exports.table import Table
from service.exports.text import as_csv, as_json, as_ndjson
from service.operations.analyse import analyse
from service.operations.audit import Deed, record_all
from service.operations.report import Finding, Library, Query


class Name(StrEnum):
    RESULTS = "results"
    HEATMAP = "heatmap"
    TRENDS = "trends"
    CHANGES = "changes"
    ALERTS = "alerts"
    CLUSTERS = "clusters"
    ARCHETYPES = "archetypes"
    QUALITY = "quality"
    ITEMS = "items"
    AGREEMENT = "agreement"
    DRIVERS = "drivers"
    INTERDEPENDENCE = "interdependence"
    COORDINATION = "coordination"


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    PARQUET = "parquet"
    ARROW = "arrow"


_WRITERS = {
    Format.CSV: as_csv,
    Format.JSON: as_json,
    Format.NDJSON: as_ndjson,
    Format.PARQUET: as_parquet,
    Format.ARROW: as_arrow,
}
_BINARY = {Format.PARQUET, Format.ARROW}


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
    chosen = Format.JSON if json else format
    if chosen in _BINARY and out is None and sys.stdout.isatty():
        raise typer.BadParameter("this format is not for a terminal: name a file", param_hint="--out")
    with database() as target:
        library = Library(target, lambda pulse, _stored: analyse(target, pulse))
        readers: dict[Name, Callable[..., Table]] = {
            Name.RESULTS: library.results,
            Name.HEATMAP: library.heatmap,
            Name.TRENDS: library.trends,
        }
        read = readers.get(table) or partial(library.findings, table=cast("Finding", table.value))
        who = manager(target, organisation)
        chosen_by = " ".join(f"{name} {value}" for name, value in (("pulse", pulse), ("by", by)) if value)
        record_all(target, [Deed(who, "read", f"redwood export {table.value} {chosen_by}".rstrip())])
        rows = read(who, query=Query(pulse=pulse, by=by))
        content = _WRITERS[chosen](rows)
        if out is None:
            sys.stdout.buffer.write(content)
        else:
            out.write_bytes(content)
