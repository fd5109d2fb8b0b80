"""Tables read a part at a time: the same as row by row, in memory that does not grow, and no end where one fails."""

from __future__ import annotations

import csv
import io
import json
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pytest
from pyarrow import ipc, parquet

from service.exports import arrow, packed, text
from service.exports.packed import Part, coded
from service.exports.parted import Parted, Place, page, parted
from service.exports.table import Column, Table
from service.survey.formulas import harmless
from tests.exports.test_tables import every_table
from tests.exports.test_text import TABLE

PIECES: dict[str, Callable[[Table], Iterator[bytes]]] = {**text.PIECES, **arrow.PIECES}


def by_parts(table: Table, size: int) -> Table:
    parts = [coded(table.columns, table.rows[start : start + size]) for start in range(0, len(table.rows), size)]
    return replace(table, rows=parted("made", [lambda it=it: it for it in parts]))


def plain(value: object) -> Any:
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def cell(value: Any) -> str:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else "|".join(map(str, value)) if isinstance(value, tuple) else str(value)


def row_by_row(table: Table) -> str:
    """CSV by the csv module, numbers by Python's own hand."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows(map(cell, row) for row in table.rows)
    return out.getvalue()


def numbers_read(text: str) -> list[list[Any]]:
    """Cells with figures as figures: how few digits and which exponent they are written by is the writer's choice."""

    def read(cell: str) -> Any:
        try:
            return float(cell) if "e" in cell or "." in cell else cell
        except ValueError:
            return cell

    return [list(map(read, line)) for line in csv.reader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize("table", [TABLE, *every_table()], ids=lambda table: table.name)
def test_columns_are_written_as_rows_would_be(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_PIECE", 3)
    many = by_parts(table, 7)
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, map(plain, row), strict=True)) for row in table.rows]
    assert json.loads(text.as_json(many)) == {"table": table.name, "data": rows, "next": None}
    assert [json.loads(line) for line in text.as_ndjson(many).splitlines()] == rows
    assert numbers_read(text.as_csv(many).decode()) == numbers_read(row_by_row(table))
    assert list(many.rows) == list(table.rows)
    for read in (
        parquet.read_table(io.BytesIO(arrow.as_parquet(many))),
        ipc.open_stream(arrow.as_arrow(many)).read_all(),
    ):
        assert [{name: plain(value) for name, value in row.items()} for row in read.to_pylist()] == rows


@pytest.mark.parametrize("most", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("size", [1, 2, 4, 100])
def test_pages_add_up_and_end_where_the_rows_do(most: int, size: int) -> None:
    table = by_parts(TABLE, size)
    found, start = list[Any](), Place(0, 0)
    while start is not None:
        shown, following = page(table, start, most)
        assert 0 < len(shown.rows) <= most
        found, start = found + list(shown.rows), following
    assert found == list(TABLE.rows)


def test_a_page_reads_no_part_before_it_and_one_after_at_most() -> None:
    read: list[int] = []

    def source(number: int) -> Part:
        read.append(number)
        return coded(TABLE.columns, TABLE.rows)

    table = replace(TABLE, rows=parted("made", [partial(source, number) for number in range(100)]))
    shown, following = page(table, Place(50, 3), 2)
    assert (read, list(shown.rows), following) == ([50, 51], list(TABLE.rows[3:]), Place(51, 0))


NUMBERS = (Column("name", "text", "", ""), *(Column(f"n{at}", "number", "", "") for at in range(5)))
SIZE = 2_000


def large(count: int) -> Table:
    """Of 100,000 rows and more, none of which is there before it is asked for."""

    def part(number: int) -> Part:
        chance = np.random.default_rng(number)
        names = [f"unit {number} {place}" for place in range(20)]
        return Part(
            (np.arange(SIZE, dtype="<i4") % 20, *(chance.normal(size=SIZE) for _ in NUMBERS[1:])),
            (names, *(None for _ in NUMBERS[1:])),
        )

    return Table("large", NUMBERS, parted("made", [partial(part, number) for number in range(count)]))


@pytest.mark.parametrize("format", PIECES)
def test_memory_does_not_grow_with_the_rows(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read of a part is gone when the next but one is asked for, and nothing written is kept."""
    monkeypatch.setattr(arrow, "_GROUP", SIZE)
    there: list[weakref.ref[Any]] = []
    most = 0

    def watched(first: int) -> Iterator[Part]:
        nonlocal most
        for part in large(30).rows.parts(first):  # type: ignore[attr-defined]
            most = max(most, sum(it() is not None for it in there))
            there.extend(map(weakref.ref, part.codes))
            yield part
            del part

    sizes = [len(piece) for piece in PIECES[format](replace(large(30), rows=Parted("made", watched)))]
    assert len(there) == 30 * len(NUMBERS)
    assert most <= 2 * len(NUMBERS)
    assert max(sizes) < 0.1 * sum(sizes)


@pytest.mark.parametrize("format", PIECES)
def test_what_breaks_off_has_no_end(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "_GROUP", SIZE)

    def breaking(first: int) -> Iterator[Part]:
        yield from large(3).rows.parts(first)  # type: ignore[attr-defined]
        raise RuntimeError("gone")

    whole, pieces = b"".join(PIECES[format](large(3))), list[bytes]()
    with pytest.raises(RuntimeError, match="gone"):
        pieces.extend(PIECES[format](replace(large(3), rows=Parted("made", breaking))))
    begun = b"".join(pieces)
    assert begun
    if format in {"csv", "ndjson"}:
        assert begun == whole  # nothing in these says where the end is: the connection does
    else:
        assert begun != whole
        assert whole.startswith(begun)
    if format == "parquet":
        assert not begun.endswith(b"PAR1")
    if format == "json":
        with pytest.raises(ValueError, match="delimiter"):
            json.loads(begun)


def test_a_digest_hangs_on_no_new_way_of_coding() -> None:
    """Stored findings and what anybody computes from the releases are compared by it."""
    rows = [("a", 1, 0.5, date(2026, 1, 2), (1, 2), True), (None,) * 6]
    assert packed.pack(Table("t", TABLE.columns, rows)).digest == (
        "sha256:1f4bb8f6e734903fb76cc35984ed34ebbc2e44f3b6ccbc76ae7e35e24f80f13f"
    )


def test_copy_lines_escape_what_copy_reads_otherwise() -> None:
    columns = (TABLE.columns[0], TABLE.columns[4], TABLE.columns[2])
    rows = [("=tab\there\\N \\.", (1, 2), None), (None, (), 0.5), ("line\nand\rreturn", None, -1.0)]
    assert b"".join(text.copied(Table("t", columns, rows), "o\\", "p")).decode() == (
        "o\\\\\tp\t=tab\\there\\\\N \\\\.\t{1,2}\t\\N\n"
        "o\\\\\tp\t\\N\t{}\t0.5\n"
        "o\\\\\tp\tline\\nand\\rreturn\t\\N\t-1.0\n"
    )
