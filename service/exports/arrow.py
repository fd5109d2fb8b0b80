"""Tables as Parquet and Arrow: the figures of the other formats in typed columns that carry their own description."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from service.errors import Fault, InvalidQuery
from service.exports.packed import NONE, Part
from service.exports.parted import parts_of
from service.exports.table import Column, Table

MEDIA_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}

#: Rows a message of a stream at most, so that who reads it need not hold the whole.
_BATCH = 65_536
#: Rows of a file that lie together: more pack and read better, and all of them are held until they are written.
_GROUP = 131_072


def as_parquet(table: Table) -> bytes:
    return b"".join(parquet_pieces(table))


def as_arrow(table: Table) -> bytes:
    return b"".join(arrow_pieces(table))


def parquet_pieces(table: Table) -> Iterator[bytes]:
    """One file, its columns packed by Zstandard; the same table makes the same bytes, and no end mark what breaks off.

    What text stands for is written once in each group of rows and pointed at, but is read as plain strings.

    Raises InvalidQuery where pyarrow is not installed, and ValueError for what does not fit the columns.
    """
    pa = _pyarrow()
    from pyarrow import parquet

    sink, schema = _Sink(), _schema(table, pa.string())
    # Figures hardly ever come twice: looking for those that do takes longer than it saves.
    repeated = [column.name for column in table.columns if column.type != "number"]
    writer = parquet.ParquetWriter(sink, schema, compression="zstd", use_dictionary=repeated)
    held: list[Any] = []
    for part in parts_of(table):
        held.append(_batch(part, schema))
        if sum(batch.num_rows for batch in held) >= _GROUP:
            writer.write_table(pa.Table.from_batches(held, schema))
            held = []
            yield sink.taken()
    if held:
        writer.write_table(pa.Table.from_batches(held, schema))
    writer.close()
    yield sink.taken()


def arrow_pieces(table: Table) -> Iterator[bytes]:
    """A stream of record batches, without its end mark where it breaks off; text is a dictionary column, which takes
    half the bytes and always has one type.

    Raises InvalidQuery where pyarrow is not installed, and ValueError for what does not fit the columns.
    """
    pa = _pyarrow()
    sink, schema = _Sink(), _schema(table, pa.dictionary(pa.int32(), pa.string()))
    writer = pa.ipc.new_stream(sink, schema)
    for part in parts_of(table):
        batch = _batch(part, schema)
        for start in range(0, batch.num_rows, _BATCH):
            writer.write_batch(batch.slice(start, _BATCH))
            yield sink.taken()
    writer.close()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """A file that is given away as it is written."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        return len(data)

    def taken(self) -> bytes:
        content, self._waiting = bytes(self._waiting), bytearray()
        return content


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as cause:
        why = "is one that is not written here: whoever runs this must install Redwood with its extra `tables`"
        raise InvalidQuery([Fault("format", why)]) from cause
    return pyarrow


def _schema(table: Table, text: Any) -> Any:
    pa = _pyarrow()
    types = {
        "text": text,
        "integer": pa.int64(),
        "number": pa.float64(),
        "date": pa.date32(),
        "boolean": pa.bool_(),
        "integers": pa.list_(pa.int64()),
    }
    fields = [pa.field(column.name, types[column.type], metadata=_described(column)) for column in table.columns]
    return pa.schema(fields, metadata={"table": table.name})


def _batch(part: Part, schema: Any) -> Any:
    columns = zip(part.codes, part.words, schema, strict=True)
    return _pyarrow().record_batch([_array(codes, words, field.type) for codes, words, field in columns], schema=schema)


def _array(codes: Any, words: Any, type: Any) -> Any:
    pa = _pyarrow()
    if words is None:
        missing = codes == NONE if codes.dtype.kind == "i" else codes != codes
        return pa.array(codes, type, mask=missing)
    # There are readers that look at the place of a null, and stop at one that is none.
    places = pa.array(np.maximum(codes, 0), pa.int32(), mask=codes < 0)
    if pa.types.is_dictionary(type):
        return pa.DictionaryArray.from_arrays(places, pa.array(words, type.value_type))
    return pa.array(words, type).take(places)


def _described(column: Column) -> dict[str, str]:
    return {"unit": column.unit, "description": column.description}


#: How each is written, a piece at a time.
PIECES: dict[str, Callable[[Table], Iterator[bytes]]] = {"parquet": parquet_pieces, "arrow": arrow_pieces}
