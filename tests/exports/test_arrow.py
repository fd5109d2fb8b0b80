"""Parquet and Arrow hold what JSON holds, in typed columns that describe themselves."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from service.errors import InvalidQuery
from service.exports import arrow
from service.exports.arrow import as_arrow, as_parquet
from service.exports.columns import TABLES
from service.exports.table import Column, Table
from service.exports.text import as_json, as_ndjson
from tests.exports.test_tables import every_table
from tests.exports.test_text import TABLE

Write = Callable[[Table], bytes]


def read_parquet(content: bytes) -> Any:
    return parquet.read_table(io.BytesIO(content))


def read_arrow(content: bytes) -> Any:
    return ipc.open_stream(content).read_all()


FORMATS = pytest.mark.parametrize(
    ("write", "read"), [(as_parquet, read_parquet), (as_arrow, read_arrow)], ids=["parquet", "arrow"]
)


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As JSON has them, and only so: NaN would not be equal to itself."""
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()} for row in rows
    ]


@FORMATS
@pytest.mark.parametrize("table", [TABLE, *every_table()], ids=lambda table: table.name)
def test_the_figures_are_those_of_json_to_the_last_digit(write: Write, read: Any, table: Table) -> None:
    shown = json.loads(as_json(table))["data"]
    assert shown
    assert [list(row.items()) for row in plain(read(write(table)).to_pylist())] == [list(row.items()) for row in shown]


@FORMATS
@pytest.mark.parametrize("table", [TABLE, *TABLES], ids=lambda table: table.name)
def test_types_are_the_columns_also_where_there_are_no_rows(write: Write, read: Any, table: Table) -> None:
    text = pa.dictionary(pa.int32(), pa.string()) if write is as_arrow else pa.string()
    types = {
        "text": text,
        "integer": pa.int64(),
        "number": pa.float64(),
        "date": pa.date32(),
        "boolean": pa.bool_(),
        "integers": pa.list_(pa.int64()),
    }
    schema = read(write(table)).schema
    assert [(field.name, field.type) for field in schema] == [(it.name, types[it.type]) for it in table.columns]


@FORMATS
@pytest.mark.parametrize("table", every_table(), ids=lambda table: table.name)
def test_each_column_brings_its_unit_and_its_description(write: Write, read: Any, table: Table) -> None:
    schema = read(write(table)).schema
    assert schema.metadata[b"table"].decode() == table.name
    for column in table.columns:
        said = schema.field(column.name).metadata
        assert (said[b"unit"].decode(), said[b"description"].decode()) == (column.unit, column.description)


@FORMATS
def test_the_same_table_makes_the_same_bytes(write: Write, read: Any) -> None:
    assert write(every_table()[0]) == write(every_table()[0])


def test_columns_are_packed_and_repeated_text_is_pointed_at() -> None:
    group = parquet.ParquetFile(io.BytesIO(as_parquet(every_table()[0]))).metadata.row_group(0)
    columns = {group.column(place).path_in_schema: group.column(place) for place in range(group.num_columns)}
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    assert columns["unit"].has_dictionary_page
    assert not columns["score"].has_dictionary_page


def test_a_stream_comes_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "_BATCH", 2)
    assert [batch.num_rows for batch in ipc.open_stream(as_arrow(TABLE))] == [2, 2, 1]
    assert plain(read_arrow(as_arrow(TABLE)).to_pylist()) == [
        json.loads(line) for line in as_ndjson(TABLE).splitlines()
    ]


NUMBER, WHOLE = (Column(name, name, "", "For a test.") for name in ("number", "integer"))


@pytest.mark.parametrize("write", [as_parquet, as_arrow])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_never_written(write: Write, value: float) -> None:
    with pytest.raises(ValueError, match="figures and nulls; number"):
        write(Table("t", (WHOLE, NUMBER), [(1, 1.0), (None, None), (1, value)]))


@pytest.mark.parametrize("write", [as_parquet, as_arrow])
@pytest.mark.parametrize("row", [(1,), (1, 2.0, 3), (1.5, 2.0), ("1", 2.0), (2**63, 2.0)])
def test_a_row_that_does_not_fit_is_a_mistake(write: Write, row: Any) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        write(Table("t", (WHOLE, NUMBER), [(1, 2.0), row]))


@pytest.mark.parametrize("write", [as_parquet, as_arrow])
def test_without_pyarrow_the_reader_is_told_what_is_missing(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidQuery, match=r"format: .* install Redwood with its extra `tables`"):
        write(TABLE)
