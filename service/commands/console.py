"""How commands speak: figures and tables on stdout, one line of error on stderr, `--json` for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.bootstrap import custody_of
from service.custody.custody import Custody
from service.errors import Fault, Invalid
from service.operations.access import Principal, find_organisation, operator
from service.settings import from_environment
from service.store.database import Database

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of words.")]
Organisation = Annotated[str | None, typer.Option(help="Whose; may be left out when there is only one.")]

_err = Console(stderr=True, highlight=False)


def say(json_wanted: bool, document: Mapping[str, Any], *lines: str) -> None:
    """The document as JSON, or the lines as they are."""
    if json_wanted:
        typer.echo(json.dumps(document, ensure_ascii=False, default=str))
    else:
        for line in lines:
            typer.echo(line)


def group(app: typer.Typer, name: str, help: str) -> typer.Typer:
    group = typer.Typer(help=help, no_args_is_help=True)
    app.add_typer(group, name=name)
    return group


def progress() -> Progress:
    """A bar on stderr, so that stdout stays clean."""
    return Progress(
        TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=_err
    )


def text_of(file: Path, error: type[Invalid]) -> str:
    """What a file holds, as text. Raises `error` where it holds none, OSError where it cannot be read."""
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise error([Fault("file", "is not UTF-8 text")]) from cause


@contextmanager
def database() -> Iterator[Database]:
    """What the settings name, closed when the command ends."""
    opened = Database(from_environment().database_url)
    try:
        yield opened
    finally:
        opened.dispose()


def custody() -> Custody:
    """What the settings name."""
    return custody_of(from_environment())


def manager(database: Database, organisation: str | None) -> Principal:
    """Whoever holds the shell may do everything, for the organisation named."""
    return operator(find_organisation(database, organisation))
