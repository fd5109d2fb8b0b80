"""Writing a long table beside pyarrow writing the same columns: `python -m tests.load.tables`.

Redwood's side unpacks the parts findings are stored in and writes them; pyarrow has its columns at hand. It writes no
JSON: that stands beside its CSV. Memory is what each takes in a process of its own, of a short table and a long one.
"""

from __future__ import annotations

import argparse
import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from service.exports import arrow, packed, text
from service.exports.packed import NONE, Part
from service.exports.parted import Parted, Place, page, parted
from service.exports.table import Column, Table, Value
from service.exports.trend_columns import TRENDS

PULSES, BLOCKS = 26, ("safety", "voice", "learning", "trust", "clarity")
PIECES = {**text.PIECES, **arrow.PIECES}
PER_UNIT = PULSES * len(BLOCKS)


def made(units: int) -> Table:
    """All columns of trends: a row a unit, block and pulse; every seventh is suppressed, and few are bounds."""
    rows = units * PER_UNIT
    starts = range(0, rows, packed.PART)
    return replace(
        TRENDS, rows=parted("made", [partial(_part, start, min(start + packed.PART, rows)) for start in starts])
    )


def _part(start: int, end: int) -> Part:
    row, chance = np.arange(start, end), np.random.default_rng(start)
    hidden = row % 7 == 0
    columns = [_column(column, row, hidden, chance) for column in TRENDS.columns]
    return Part(tuple(codes for codes, _ in columns), tuple(words for _, words in columns))


def _column(column: Column, row: Any, hidden: Any, chance: np.random.Generator) -> tuple[Any, list[Value] | None]:
    match column.type:
        case "number":
            rare = column.name in {"at_least", "at_most"}
            figures = chance.normal(60, 10, len(row))
            return np.where(chance.random(len(row)) < 0.99 if rare else hidden, np.nan, figures), None
        case "integer":
            return np.where(hidden, NONE, chance.integers(5, 20, len(row))), None
    unit, first = row // PER_UNIT, int(row[0]) // PER_UNIT
    units = range(first, int(unit[-1]) + 1)
    of_unit, of_pulse = unit - first, row % PULSES
    said: dict[str, tuple[Any, list[Value]]] = {
        "unit": (of_unit, [f"unit-{it:05}" for it in units]),
        "unit_name": (of_unit, [f"Unit number {it}" for it in units]),
        "block": (row // PULSES % len(BLOCKS), list(BLOCKS)),
        "pulse": (of_pulse, [f"pulse-{it:03}" for it in range(PULSES)]),
        "label": (of_pulse, [f"Round {it}" for it in range(PULSES)]),
        "date": (of_pulse, [date(2024, 1, 1) + timedelta(14 * it) for it in range(PULSES)]),
        "status": (hidden.astype(int), ["ok", "suppressed"]),
        "comparable": (np.where(hidden, -1, 0), [True]),
    }
    codes, words = said.get(column.name, (np.zeros(len(row)), [f"the {column.name}"]))
    return codes.astype("<i4"), words


def stored(table: Table) -> Table:
    """The same as it lies in the database: each part packed, and unpacked whenever it is read."""
    contents = [packed.pack(replace(table, rows=list(part.rows()))).parts[0] for part in parts(table)]
    return replace(table, rows=parted("stored", [partial(packed.unpack, it, table.columns) for it in contents]))


def parts(table: Table) -> Iterator[Part]:
    assert isinstance(table.rows, Parted)
    return table.rows.parts(0)


def written(pieces: Callable[[Table], Iterator[bytes]], table: Table) -> int:
    return sum(map(len, pieces(table)))


def turned(table: Table) -> int:
    """All of it as pages of JSON, as a client that follows them gets it."""
    size, start = 0, Place(0, 0)
    while start is not None:
        some, following = page(table, start, 10_000)
        size, start = size + written(text.json_pieces, some), following
    return size


def seconds(action: Callable[[], object]) -> float:
    """Processor time: both sides work in one thread, and others on the machine do not count."""
    start = time.process_time()
    action()
    return time.process_time() - start


def measure(units: int, rounds: int) -> None:
    import pyarrow as pa
    from pyarrow import csv, ipc, parquet

    table = stored(made(units))
    columns = ipc.open_stream(arrow.as_arrow(table)).read_all().unify_dictionaries()
    plain = parquet.read_table(io.BytesIO(arrow.as_parquet(table)))
    print(f"{plain.num_rows:,} rows x {plain.num_columns} columns")

    def streamed() -> None:
        with ipc.new_stream(pa.BufferOutputStream(), columns.schema) as stream:
            stream.write_table(columns)

    theirs: dict[str, Callable[[], object]] = {
        "parquet": lambda: parquet.write_table(plain, io.BytesIO(), compression="zstd"),
        "arrow": streamed,
        "csv": lambda: csv.write_csv(plain, io.BytesIO()),
    }
    ours: dict[str, Callable[[], object]] = {name: partial(written, it, table) for name, it in PIECES.items()}
    ours["json, 10,000 rows a page"] = partial(turned, table)
    sides = {f"redwood {name}": it for name, it in ours.items()} | {
        f"pyarrow {name}": it for name, it in theirs.items()
    }
    taken: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, action in sides.items():
            taken[side].append(seconds(action))
    middle = {side: statistics.median(times) for side, times in taken.items()}
    for name in ours:
        beside = f"pyarrow {name if name in theirs else 'csv'}"
        ratio = middle[f"redwood {name}"] / middle[beside]
        print(f"{name:<26}{middle[f'redwood {name}']:>7.2f} s   {beside} {middle[beside]:>6.2f} s   ratio {ratio:.2f}")
    for number in (0, len(list(parts(table))) - 1):
        took = statistics.median(seconds(lambda at=number: turned_once(table, at)) for _ in range(5))  # type: ignore[misc]
        print(f"a page of 1,000 rows of JSON in part {number:>3}: {1000 * took:.0f} ms")


def most_memory() -> int:
    """MB this program has held at most; what `getrusage` says is also of the one that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def turned_once(table: Table, number: int) -> int:
    return written(text.json_pieces, page(table, Place(number, 100), 1000)[0])


def remember(units: int) -> None:
    """How much more memory at its peak a process takes that writes `units`, than one that writes a tenth of them."""
    for name in PIECES:
        few, many = (_peak(name, it) for it in (units // 10, units))
        print(f"{name:<8} peak {few:>4} MB for a tenth of the rows, {many:>4} MB for all")


def _peak(format: str, units: int) -> int:
    command = [sys.executable, "-m", "tests.load.tables", "--only", format, "--units", str(units)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--units", type=int, default=10_000, help="130 rows each")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", choices=list(PIECES), help="write this once, and say the most memory it took in MB")
    chosen = options.parse_args()
    if chosen.only:
        written(PIECES[chosen.only], made(chosen.units))
        print(most_memory())
    else:
        measure(chosen.units, chosen.rounds)
        remember(chosen.units)
