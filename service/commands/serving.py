"""`serve`, `migrate` and `scrub`: the process itself and the files it works on."""

from __future__ import annotations

import logging
import resource
import socket
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from service.api.app import create_app
from service.api.signing import signing_of
from service.bootstrap import Runtime, runtime
from service.commands.closing import clear_exchange
from service.commands.console import Json, custody, database, say
from service.commands.workers import Workers
from service.errors import Fault, InvalidSettings
from service.operations.keys import finish_closes
from service.operations.people_import import clear_files
from service.operations.stir import stir
from service.settings import Settings, from_environment
from service.store import migrate
from service.telemetry.metrics import forget, share

#: What the process ends with when it could not begin to serve.
STARTUP_FAILURE = 3


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("migrate")(migrate_database)
    app.command("scrub")(scrub_files)


def serve(
    host: Annotated[str | None, typer.Option(help="Overrides REDWOOD_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Overrides REDWOOD_PORT.")] = None,
    migrate_first: Annotated[bool, typer.Option("--migrate", help="Bring the database up to date first.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Overrides REDWOOD_WORKERS.")] = None,
    json: Json = False,
) -> None:
    """Serve the API and the pages."""
    settings = from_environment(**({} if workers is None else {"workers": str(workers)}))
    if settings.workers > 1 and settings.database_url.startswith("sqlite"):
        rule = "must be 1 on SQLite, which one process writes to: more need PostgreSQL"
        raise InvalidSettings([Fault("REDWOOD_WORKERS", rule)])
    if migrate_first:
        with database() as target:
            migrate.upgrade(target)
    with database() as target:
        signing_of(settings, target)  # what is wrong with it is said here once, and not by every process
    host, port = host or settings.host, settings.port if port is None else port
    say(json, {"host": host, "port": port}, f"Redwood on http://{host}:{port} (stop with Ctrl-C)")
    _leave_no_dump()
    if settings.workers == 1:
        listen(runtime(settings), host, port)
    else:
        serve_together(settings, host, port)


def serve_together(settings: Settings, host: str, port: int) -> None:
    """As many processes as the settings say behind one socket, until stopped."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening, TemporaryDirectory() as folder:
        share(folder)
        turn = Path(folder) / "turn"

        def work() -> None:
            listen(runtime(settings), host, port, [listening], turn)

        sys.stdout.flush()
        code = Workers(settings.workers, work, forget).run()
    if code:
        raise typer.Exit(code)


def listen(
    parts: Runtime, host: str, port: int, sockets: list[socket.socket] | None = None, turn: Path | None = None
) -> None:
    """Run until stopped. No access log, no Date and no Server header: none may tell when somebody answered.

    `sockets` listen already; at `turn` the processes of one machine compute findings one after the other.
    """
    import uvicorn

    _leave_no_dump()
    logging.getLogger("uvicorn.error").setLevel(parts.settings.log_level.upper())
    config = uvicorn.Config(
        create_app(parts, turn=turn),
        host=host,
        port=port,
        access_log=False,
        date_header=False,
        proxy_headers=False,  # nobody's address is wanted, a forwarded one neither
        server_header=False,
        log_level=parts.settings.log_level,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets)
    if not server.started:
        raise SystemExit(STARTUP_FAILURE)


def _leave_no_dump() -> None:
    """Nothing of what is in memory is written to a disk when the process is killed by a fault."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def scrub_files(
    exchange: Annotated[Path | None, typer.Option(help="Also what counts on Spark left in this folder.")] = None,
    json: Json = False,
) -> None:
    """Finish what closes left, stir what is open, clear people who were deleted from the database's files, and its log.

    Exit code 1 if something stays.
    """
    exported = clear_exchange(exchange) if exchange else []
    with database() as target:
        left = finish_closes(target, custody())
        cleared = clear_files(target)
        done = stir(target) and cleared
    words = "Nothing of what was destroyed is left in the log." if done else "Something still reads the old state."
    keys = [f"The keys of {pulse} are not destroyed: see 'redwood doctor'." for pulse in left]
    files = [f"The export of {pulse} is in use, of another database, or cannot be removed." for pulse in exported]
    say(json, {"scrubbed": done, "keys_left": left, "exports_left": exported}, words, *keys, *files)
    if left or exported or not done:
        raise typer.Exit(1)


def migrate_database(json: Json = False) -> None:
    """Bring the database to the tables of this version."""
    with database() as target:
        before = migrate.current(target)
        migrate.upgrade(target)
        after = migrate.current(target)
        say(json, {"before": before, "after": after}, f"The database is at revision {after}.")
