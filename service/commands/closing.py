"""`pulse close` and `close-many`: the end of a pulse, or of many organisations' in one go, counted here or on Spark."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from service.commands.console import Json, Organisation, custody, database, manager, say
from service.errors import RedwoodError
from service.operations.access import operator
from service.operations.close import Closed, close_pulse, organisation_of, unless_closing
from service.operations.unsealing import Counting, in_memory

Master = Annotated[str | None, typer.Option("--spark", metavar="MASTER", help="Count on Spark: local[2], spark://...")]
Exchange = Annotated[
    Path | None,
    typer.Option(help="A folder that every worker sees at the same path, for --spark; holds sealed answers."),
]


def register(app: typer.Typer) -> None:
    app.command("close-many")(close_many)


def close_one(
    pulse: Annotated[str, typer.Argument(help="The pulse's id.")],
    organisation: Organisation = None,
    spark: Master = None,
    exchange: Exchange = None,
    json: Json = False,
) -> None:
    """Tally, and destroy answers and invitations; cannot be undone."""
    with database() as target, _counting(spark, exchange) as counting:
        closed = close_pulse(target, custody(), manager(target, organisation), pulse, _today(), counting)
        say(json, _said(closed), "Closed. Answers and invitations are destroyed.", *_left(closed))


def close_many(
    pulses: Annotated[list[str], typer.Argument(help="Ids of pulses, of whichever organisations.")],
    spark: Master = None,
    exchange: Exchange = None,
    json: Json = False,
) -> None:
    """Close pulses one after the other, each by itself; exit code 1 where one cannot be, which stays open."""
    with database() as target, _counting(spark, exchange) as counting:

        def tried(pulse: str) -> dict[str, Any]:
            try:
                whose = operator(organisation_of(target, pulse))
                return _said(close_pulse(target, custody(), whose, pulse, _today(), counting))
            except RedwoodError as error:
                return {"id": pulse, "problem": f"{error.title}: {error}"}

        made = [tried(pulse) for pulse in pulses]
    closed = sum("problem" not in it for it in made)
    words = (f"{it['id']}: {it.get('problem', 'closed')}" for it in made)
    say(json, {"pulses": made}, *words, f"Closed {closed} of {len(made)}.")
    if closed < len(made):
        raise typer.Exit(1)


@contextmanager
def _counting(master: str | None, exchange: Path | None) -> Iterator[Counting]:
    if master is None:
        yield in_memory
        return
    if exchange is None:
        raise typer.BadParameter("needs --exchange, a folder that every worker sees", param_hint="--spark")
    from service.spark.counting import SparkCounting
    from service.spark.session import application

    # Keys are in memory, Java's as well: none of it is written to a disk when a process is killed by a fault.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    clear_exchange(exchange)
    with application(master) as context:
        yield SparkCounting(context, exchange.resolve())


def clear_exchange(exchange: Path) -> list[str]:
    """Remove what killed counts left, of pulses that nobody closes right now; those of which something stays."""
    from service.spark.exchange import left, remove

    with database() as target:
        for pulse in left(exchange):
            unless_closing(target, pulse, partial(remove, exchange, pulse))
    return left(exchange)


def _today() -> date:
    return datetime.now(UTC).date()


def _said(closed: Closed) -> dict[str, Any]:
    facts = {"scrubbed": closed.scrubbed, "keys_destroyed": closed.keys_destroyed}
    return {"id": closed.pulse.id, "state": closed.pulse.state.value, **facts}


def _left(closed: Closed) -> Iterator[str]:
    if not closed.scrubbed:
        yield "Traces may still stand in the database's own log: see 'redwood scrub'."
    if not closed.keys_destroyed:
        yield "Its keys are not destroyed: copies of the database can still be read. See 'redwood doctor'."
