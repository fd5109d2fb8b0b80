"""Tables as Parquet and Arrow: the figures of the other formats in typed columns that carry their own description."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from service.errors import Fault, InvalidQuery
from service.exports.table import Column, Table, Value

MEDIA_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}

#: Rows a message of a stream, so that who reads it need not hold the whole.
_BATCH = 65_536


def as_parquet(table: Table) -> bytes:
    """One file, its columns packed by Zstandard; the same table makes the same bytes.

    What text stands for is written once in each group of rows and pointed at, but is read as plain strings.

    Raises InvalidQuery where pyarrow is not installed.
    """
    pa = _pyarrow()
    from pyarrow import parquet

    sink = pa.BufferOutputStream()
    # Figures hardly ever come twice: looking for those that do takes longer than it saves.
    repeated = [column.name for column in table.columns if column.type != "number"]
    parquet.write_table(_columns(table, pa.string()), sink, compression="zstd", use_dictionary=repeated)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def as_arrow(table: Table) -> bytes:
    """A stream of record batches; text is a dictionary column, which takes half the bytes and always has one type.

    Raises InvalidQuery where pyarrow is not installed.
    """
    pa = _pyarrow()
    columns, sink = _columns(table, pa.dictionary(pa.int32(), pa.string())), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, columns.schema) as stream:
        stream.write_table(columns, max_chunksize=_BATCH)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as cause:
        why = "is one that is not written here: whoever runs this must install Redwood with its extra `tables`"
        raise InvalidQuery([Fault("format", why)]) from cause
    return pyarrow


def _columns(table: Table, text: Any) -> Any:
    """The table by columns. Raises ValueError for a value or a row that does not fit, and for NaN and infinity."""
    pa = _pyarrow()
    types = {
        "text": text,
        "integer": pa.int64(),
        "number": pa.float64(),
        "date": pa.date32(),
        "boolean": pa.bool_(),
        "integers": pa.list_(pa.int64()),
    }
    if set(map(len, table.rows)) - {len(table.columns)}:
        raise ValueError("a row is longer or shorter than its table is wide")
    fields = [pa.field(column.name, types[column.type], metadata=_described(column)) for column in table.columns]
    # From the rows straight to one column after the other: all of them at once as lists would double the memory.
    arrays = [
        _array(list(map(itemgetter(place), table.rows)), column, types[column.type])
        for place, column in enumerate(table.columns)
    ]
    return pa.table(arrays, schema=pa.schema(fields, metadata={"table": table.name}))


def _array(values: list[Value], column: Column, type: Any) -> Any:
    pa = _pyarrow()
    from pyarrow import compute

    # Told to make whole numbers, pyarrow makes 1 of 1.5; when it has to find out what they are, it does not.
    array = pa.array(values, None if column.type in {"integer", "integers"} else type).cast(type)
    if column.type == "number" and compute.all(compute.is_finite(array)).as_py() is False:
        raise ValueError(f"a table holds figures and nulls; {column.name} has something else")
    return array


def _described(column: Column) -> dict[str, str]:
    return {"unit": column.unit, "description": column.description}
