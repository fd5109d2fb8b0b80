"""`demo`: a whole Redwood in one command, on an embedded database that the next run finds again."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from service.bootstrap import Runtime, runtime
from service.commands.console import Json, progress, say
from service.commands.serving import listen
from service.commands.setting_up import today
from service.errors import Conflict
from service.operations.collect import Collection
from service.operations.demonstrate import Demonstration, demonstrate
from service.settings import from_environment
from service.store.migrate import upgrade

#: What each key opens.
_OPENS = {
    "manager": "everything: /dashboard, /manage, the API",
    "team lead": "/dashboard and the API, for one part only",
    "front end": "the API, to send answers",
    "HR system": "/dashboard without findings, /manage, the API, /scim/v2",
    "data team": "/dashboard and the API, all findings",
}


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    file: Annotated[Path, typer.Option(help="Where the demo's database is kept.")] = Path("redwood-demo.db"),
    pulses: Annotated[int, typer.Option(min=1, max=40, help="How many past pulses.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed makes the same organisation.")] = 7,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to serve.")] = 8000,
    serve: Annotated[bool, typer.Option(help="Serve it when it is made.")] = True,
    json_wanted: Json = False,
) -> None:
    """Make a believable organisation with a history of pulses, and serve it on this machine."""
    settings = from_environment(database_url=f"sqlite:///{file}")
    note = file.with_name(f"{file.name}.json")
    if not file.exists():
        _make(file, note, pulses, seed)
    elif not note.exists():
        raise Conflict("That file exists and is no demo of ours: choose another with --file.")
    known: dict[str, Any] = json.loads(note.read_text())
    address = f"http://127.0.0.1:{port}"
    say(json_wanted, {"address": address, **known}, *_words(address, known))
    if serve:
        listen(runtime(settings), "127.0.0.1", port)


def _make(file: Path, note: Path, pulses: int, seed: int) -> None:
    """Under another name until everything stands: a run that was broken off starts anew."""
    making = file.with_name(f"{file.name}.making")
    for left_over in (making, Path(f"{making}-wal"), Path(f"{making}-shm")):
        left_over.unlink(missing_ok=True)
    parts = runtime(from_environment(database_url=f"sqlite:///{making}"))
    upgrade(parts.database)
    with progress() as bars:
        made = asyncio.run(_collect(parts, pulses, seed, bars))
    descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump(asdict(made), handle)
    making.rename(file)


async def _collect(parts: Runtime, pulses: int, seed: int, bars: Progress) -> Demonstration:
    tasks: dict[str, Any] = {}

    def tell(what: str, done: int, of: int) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=of)
        bars.update(tasks[what], completed=done)

    try:
        collection = Collection(parts.database, parts.custody, parts.collector)
        return await demonstrate(parts.database, parts.custody, collection, today(), pulses, seed, tell)
    finally:
        await parts.close()


def _words(address: str, known: dict[str, Any]) -> list[str]:
    return [
        f"\n{known['organisation']} is ready.\n",
        f"  Read      {address}/dashboard   (sign in with any key but the front end's)",
        f"  Manage    {address}/manage      (with the manager's)",
        *(f"  Answer    {address}/answer#{token}" for token in known["tokens"]),
        f"  API       {address}/docs\n",
        *(f"  {who:<10}{key}   {_OPENS[who]}" for who, key in known["keys"].items()),
        f"\n  curl -H 'Authorization: Bearer {known['keys']['data team']}' '{address}/v1/heatmap'\n",
        "Stop with Ctrl-C; the next run finds all of it again.",
    ]
