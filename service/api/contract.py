"""The OpenAPI document made fit for generated clients: short names of operations, and types that are said once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.routing import BaseRoute, Route

from service.api.problems import SCHEMA
from service.exports.columns import TABLES
from service.exports.table import Column, Table

_REFERENCE = "#/components/schemas/"
_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "boolean": {"type": ["boolean", "null"]},
    "integers": {"type": ["array", "null"], "items": {"type": "integer"}},
}

#: Every problem, wherever it is met.
PROBLEM = {"$ref": f"{_REFERENCE}Problem"}


def row_of(table: str) -> dict[str, str]:
    """The type of a row of this table as JSON."""
    return {"$ref": f"{_REFERENCE}{_row_name(table)}"}


def complete(document: dict[str, Any], routes: Iterable[BaseRoute]) -> None:
    """Add the types that are referred to, and call each operation what its route is called, in place."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Problem": SCHEMA, **{_row_name(table.name): _row(table) for table in TABLES}}
    for route in routes:
        if isinstance(route, Route) and route.path in document["paths"]:
            for operation in document["paths"][route.path].keys() & {it.lower() for it in route.methods or ()}:
                document["paths"][route.path][operation]["operationId"] = route.name


def _row_name(table: str) -> str:
    return f"{table.title().replace('_', '')}Row"


def _row(table: Table) -> dict[str, Any]:
    return {
        "type": "object",
        "description": f"A row of {table.name}.",
        "required": [column.name for column in table.columns],
        "properties": {column.name: _value(column) for column in table.columns},
    }


def _value(column: Column) -> dict[str, Any]:
    said = f"{column.description} ({column.unit})" if column.unit else column.description
    return {**_TYPES[column.type], "description": said}
