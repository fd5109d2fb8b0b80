"""Tables as JSON, CSV and newline-delimited JSON: the same figures in each, to the last digit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from service.exports.table import Table, Value

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
}

#: A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(table: Table, following: str | None = None) -> bytes:
    """{"table": name, "data": [a row as an object, ...], "next": `following`}, the place where the list goes on."""
    return _json({"table": table.name, "data": list(_objects(table)), "next": following})


def as_ndjson(table: Table) -> bytes:
    """One row a line, as an object."""
    return b"".join(_json(row) + b"\n" for row in _objects(table))


def as_csv(table: Table) -> bytes:
    r"""RFC 4180 in UTF-8: a header, lines ended by \r\n, null empty, lists as `3|4|5`, booleans `true` and `false`.

    Text a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows(map(_cell, row) for row in table.rows)
    return out.getvalue().encode()


def _objects(table: Table) -> Iterator[dict[str, Value]]:
    names = [column.name for column in table.columns]
    for row in table.rows:
        yield dict(zip(names, row, strict=True))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_iso).encode()


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a table holds no {type(value).__name__}")


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case tuple():
            return "|".join(map(str, value))
        case _:
            return repr(value)
