"""`export`: the tables the API answers, into a file or onto stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, cast

import typer

from service.commands.console import Json, Organisation, database, manager
from service.exports import arrow, text
from service.exports.table import Table
from service.operations.analyse import analyse
from service.operations.asked import Query
from service.operations.audit import Deed, record_all
from service.operations.report import Finding, Library


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


_PIECES = {**text.PIECES, **arrow.PIECES}
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
        pieces = _PIECES[chosen](rows)
        if out is None:
            sys.stdout.buffer.writelines(pieces)
        else:
            _write(out, pieces)


def _write(file: Path, pieces: Iterator[bytes]) -> None:
    """The file is there when it is whole, and not before; a device or a pipe is written to as it is."""
    if file.exists() and not file.is_file():
        with file.open("wb") as handle:
            handle.writelines(pieces)
        return
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with unfinished.open("wb") as handle:
            handle.writelines(pieces)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
