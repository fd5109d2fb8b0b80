"""`redwood`: the operations, from a shell."""

from __future__ import annotations

import sys

import typer

from service.commands import (
    analysing,
    auditing,
    backing_up,
    bi,
    closing,
    demo,
    hooks,
    keys,
    looking,
    people,
    reading,
    replaying,
    schedules,
    serving,
    setting_up,
)
from service.errors import RedwoodError

app = typer.Typer(
    help="An anonymous pulse survey whose every published figure has passed one gate.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for subject in (
    serving,
    backing_up,
    setting_up,
    closing,
    people,
    keys,
    hooks,
    auditing,
    analysing,
    reading,
    bi,
    looking,
    demo,
    replaying,
    schedules,
):
    subject.register(app)


def main() -> None:
    """Errors a caller can cause are one line on stderr and exit code 1; usage errors are 2."""
    try:
        app()
    except RedwoodError as error:
        typer.echo(f"redwood: {error.title}: {' '.join(str(error).split())}", err=True)
        sys.exit(1)
    except OSError as error:
        typer.echo(f"redwood: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
        sys.exit(1)
