"""Rows of a table by the names of their columns, each value as the type a page needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypedDict

from service.exports.table import Table, Value

Record = Mapping[str, Value]


class Scored(TypedDict):
    """What every table of scores says of one: a score with its interval, a bound, or a status alone."""

    status: str
    n: int | None
    score: float | None
    low: float | None
    high: float | None
    at_least: float | None
    at_most: float | None


def records(table: Table) -> list[Record]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def number(record: Record, name: str) -> float | None:
    """Raises TypeError where the column holds no numbers, as the others here do for theirs."""
    value = record[name]
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise TypeError(name)


def whole(record: Record, name: str) -> int | None:
    value = record[name]
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError(name)


def text(record: Record, name: str) -> str:
    """ "" where it is null."""
    value = record[name]
    if value is None or isinstance(value, str):
        return value or ""
    raise TypeError(name)


def flag(record: Record, name: str) -> bool | None:
    value = record[name]
    if value is None or isinstance(value, bool):
        return value
    raise TypeError(name)


def day(record: Record, name: str) -> date | None:
    value = record[name]
    if value is None or isinstance(value, date):
        return value
    raise TypeError(name)


def scored(record: Record) -> Scored:
    return {
        "status": text(record, "status"),
        "n": whole(record, "n"),
        "score": number(record, "score"),
        "low": number(record, "low"),
        "high": number(record, "high"),
        "at_least": number(record, "at_least"),
        "at_most": number(record, "at_most"),
    }
