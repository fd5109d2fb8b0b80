"""`replay`: somebody's CSV of answers, sent through a running service as its front end and HR system would."""

from __future__ import annotations

import asyncio
import csv
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import typer

from service.commands.console import Json, progress, say
from service.commands.journey import Journey, Sheet
from service.errors import Fault, InvalidQuery

#: How statistics programs write a missing answer.
_NOT_ANSWERED = {"", "NA", "."}


def register(app: typer.Typer) -> None:
    app.command("replay")(replay)


def replay(
    file: Annotated[Path, typer.Argument(help="A CSV: a row a person, a column a unit, a column an item.")],
    unit: Annotated[str, typer.Option(help="The column that names each person's unit.")],
    block: Annotated[
        list[str], typer.Option(help="NAME:LOW-HIGH:PATTERN, e.g. 'leadership:1-5:LEAD[0-9]*'; repeat for several.")
    ],
    key: Annotated[str, typer.Option(envvar="REDWOOD_KEY", help="A key with manage, results and analytics.")],
    url: Annotated[str, typer.Option(help="Where the service runs.")] = "http://127.0.0.1:8000",
    name: Annotated[str, typer.Option(help="Id of the instrument to import.")] = "replay",
    json: Json = False,
) -> None:
    """Import the items as an instrument and the units as a roster, post every answer, close, release, report."""
    sheet = read_sheet(file, unit, block, name)
    result = asyncio.run(_run(sheet, url, key))
    say(json, result, *_lines(result))


def read_sheet(file: Path, unit: str, blocks: list[str], name: str) -> Sheet:
    """The instrument, units and answers of a CSV. Raises InvalidQuery naming the column or block that is wrong."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as handle:
            rows = list(csv.DictReader(handle))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidQuery([Fault("file", "is no CSV in UTF-8")]) from error
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise InvalidQuery([Fault(f"line {line}", "has more or fewer cells than the first line")])
    columns = list(rows[0]) if rows else []
    if unit not in columns:
        raise InvalidQuery([Fault("--unit", "is no column of the file, or the file has no rows")])
    items: list[dict[str, Any]] = []
    for place, spec in enumerate(blocks):
        items.extend(_items(spec, columns, f"--block {place + 1}"))
    ids = [item["id"] for item in items]
    answers = [(row[unit], _answers(row, ids, line)) for line, row in enumerate(rows, 2)]
    return Sheet(name, tuple(items), tuple(entry for entry in answers if entry[1]))


def _answers(row: dict[str, str | None], ids: list[str], line: int) -> dict[str, int]:
    """One person's answers; an empty cell or NA is no answer."""
    given = {id: (row[id] or "").strip() for id in ids}
    given = {id: cell for id, cell in given.items() if cell not in _NOT_ANSWERED}
    if not all(cell.isascii() and cell.isdigit() for cell in given.values()):
        raise InvalidQuery([Fault(f"line {line}", "holds an answer that is no whole number")])
    return {id: int(cell) for id, cell in given.items()}


def _items(spec: str, columns: list[str], where: str) -> list[dict[str, Any]]:
    try:
        name, span, pattern = spec.split(":", 2)
        low, high = map(int, span.split("-"))
    except ValueError as error:
        raise InvalidQuery([Fault(where, "must be NAME:LOW-HIGH:PATTERN")]) from error
    found = [column for column in columns if fnmatchcase(column, pattern)]
    if not found:
        raise InvalidQuery([Fault(where, "matches no column")])
    return [{"id": it, "block": name, "text": it, "scale": {"low": low, "high": high}} for it in found]


async def _run(sheet: Sheet, url: str, key: str) -> dict[str, Any]:
    import httpx  # late: a server has no use for a client

    limits = httpx.Limits(max_connections=40)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
        with progress() as bars:
            task = bars.add_task("posting answers", total=len(sheet.answers))
            return await Journey(client, key).replay(sheet, lambda: bars.advance(task))


def _lines(result: dict[str, Any]) -> list[str]:
    lines = [f"Pulse {result['pulse']}: {result['posted']} answers, {result['release_digest']}"]
    for row in result["quality"]:
        if row["status"] == "ok":
            lines.append(f"{row['block']}: ICC(1) {row['icc1']:.4f}, ICC(2) {row['icc2']:.4f}, {row['groups']} groups")
    for row in result["results"]:
        if row["item"] is None:
            figures = f"n {row['n']}, mean {row['mean']:.3f}" if row["status"] == "ok" else "suppressed"
            lines.append(f"{row['unit']:<16} {row['block']:<16} {figures}")
    return lines
