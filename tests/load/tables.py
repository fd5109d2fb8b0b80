"""Writing a long table beside pyarrow writing the same columns: `python -m tests.load.tables`."""

from __future__ import annotations

import argparse
import io
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from pyarrow import ipc, parquet

from service.exports.arrow import as_arrow, as_parquet
from service.exports.table import Column, ColumnType, Row, Table

PULSES, BLOCKS = 26, ("safety", "voice", "learning", "trust", "clarity")
TYPES: dict[str, ColumnType] = {
    "series": "text",
    "unit": "text",
    "unit_name": "text",
    "block": "text",
    "pulse": "text",
    "date": "date",
    "status": "text",
    "n": "integer",
    "score": "number",
    "low": "number",
    "high": "number",
    "change": "number",
}


def made(units: int) -> Table:
    """A row a unit, block and pulse; every seventh is suppressed."""
    size = units * len(BLOCKS) * PULSES
    chance = np.random.default_rng(1)
    counts = chance.integers(5, 20, size).tolist()
    figures = [chance.normal(mean, 10, size).tolist() for mean in (60, 50, 70, 0)]
    keys = (
        (f"unit-{unit:05}", f"Unit number {unit}", block, f"pulse-{pulse:03}", date(2024, 1, 1) + timedelta(14 * pulse))
        for unit in range(units)
        for block in BLOCKS
        for pulse in range(PULSES)
    )
    rows: list[Row] = [
        ("main", *key, "suppressed", None, None, None, None, None) if place % 7 == 0 else ("main", *key, "ok", *values)
        for place, (key, values) in enumerate(zip(keys, zip(counts, *figures, strict=True), strict=True))
    ]
    return Table("trends", tuple(Column(name, type, "", "Made up.") for name, type in TYPES.items()), rows)


def written_by_pyarrow(columns: pa.Table) -> None:
    parquet.write_table(columns, io.BytesIO(), compression="zstd")


def streamed_by_pyarrow(columns: pa.Table) -> None:
    with ipc.new_stream(pa.BufferOutputStream(), columns.schema) as stream:
        stream.write_table(columns)


def seconds(action: Callable[[], object]) -> float:
    """Processor time: both sides work in one thread, and others on the machine do not count."""
    start = time.process_time()
    action()
    return time.process_time() - start


def measure(units: int, rounds: int) -> None:
    table = made(units)
    lists = [list(column) for column in zip(*table.rows, strict=True)]
    names = list(TYPES)
    columns = parquet.read_table(io.BytesIO(as_parquet(table)))
    print(f"{len(table.rows):,} rows x {len(names)} columns")
    sides: dict[str, Callable[[], object]] = {
        "parquet, redwood from rows": lambda: as_parquet(table),
        "parquet, pyarrow from its own columns": lambda: written_by_pyarrow(columns),
        "parquet, pyarrow from Python's lists": lambda: written_by_pyarrow(pa.table(lists, names=names)),
        "arrow, redwood from rows": lambda: as_arrow(table),
        "arrow, pyarrow from its own columns": lambda: streamed_by_pyarrow(columns),
    }
    taken: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, action in sides.items():
            taken[side].append(seconds(action))
    ours = 0.0
    for side, times in taken.items():
        middle = statistics.median(times)
        ours = middle if "redwood" in side else ours
        target = "   target 3" if side == "parquet, pyarrow from its own columns" else ""
        print(f"{side:<40}{middle:>7.2f} s   redwood / this {ours / middle:>5.2f}{target}")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--units", type=int, default=10_000, help="130 rows each")
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    measure(chosen.units, chosen.rounds)
