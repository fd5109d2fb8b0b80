"""`serve`, `migrate` and `scrub`: the process itself and the files it works on."""

from __future__ import annotations

import logging
import resource
from typing import Annotated

import typer

from service.api.app import create_app
from service.bootstrap import Runtime, runtime
from service.commands.console import Json, custody, database, say
from service.operations.keys import finish_closes
from service.operations.stir import stir
from service.settings import from_environment
from service.store import migrate


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("migrate")(migrate_database)
    app.command("scrub")(scrub_files)


def serve(
    host: Annotated[str | None, typer.Option(help="Overrides REDWOOD_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Overrides REDWOOD_PORT.")] = None,
    migrate_first: Annotated[bool, typer.Option("--migrate", help="Bring the database up to date first.")] = False,
    json: Json = False,
) -> None:
    """Serve the API and the pages."""
    settings = from_environment()
    if migrate_first:
        with database() as target:
            migrate.upgrade(target)
    host, port = host or settings.host, settings.port if port is None else port
    say(json, {"host": host, "port": port}, f"Redwood on http://{host}:{port} (stop with Ctrl-C)")
    listen(runtime(settings), host, port)


def listen(parts: Runtime, host: str, port: int) -> None:
    """Run until stopped. No access log, no Date and no Server header: none may tell when somebody answered."""
    import uvicorn

    # Nothing of what is in memory is written to a disk when the process is killed by a fault.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.getLogger("uvicorn.error").setLevel(parts.settings.log_level.upper())
    uvicorn.run(
        create_app(parts),
        host=host,
        port=port,
        access_log=False,
        date_header=False,
        proxy_headers=False,  # nobody's address is wanted, a forwarded one neither
        server_header=False,
        log_level=parts.settings.log_level,
        timeout_graceful_shutdown=10,
    )


def scrub_files(json: Json = False) -> None:
    """Finish what closes left, and stir what is open; clears the database's own log. Exit code 1 if something stays."""
    with database() as target:
        left = finish_closes(target, custody())
        done = stir(target)
    words = "Nothing of what was destroyed is left in the log." if done else "Something still reads the old state."
    keys = [f"The keys of {pulse} are not destroyed: see 'redwood doctor'." for pulse in left]
    say(json, {"scrubbed": done, "keys_left": left}, words, *keys)
    if left or not done:
        raise typer.Exit(1)


def migrate_database(json: Json = False) -> None:
    """Bring the database to the tables of this version."""
    with database() as target:
        before = migrate.current(target)
        migrate.upgrade(target)
        after = migrate.current(target)
        say(json, {"before": before, "after": after}, f"The database is at revision {after}.")
