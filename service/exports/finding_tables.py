"""Stored findings become rows: a column takes the attribute of its name, where nothing else is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from service.exports.table import Table, Value

#: Reads a column's value off a finding.
Reader = Callable[[Any], Value]


def findings_table(layout: Table, findings: Iterable[object], names: Mapping[str, str], **others: Reader) -> Table:
    """`names` of units by id; `others` read what no attribute of the column's name holds."""
    readers = [_reader(column.name, names, others) for column in layout.columns]
    return replace(layout, rows=[tuple(read(finding) for read in readers) for finding in findings])


def _reader(name: str, names: Mapping[str, str], others: Mapping[str, Reader]) -> Reader:
    if name in others:
        return others[name]
    if name == "unit_name":
        return lambda finding: None if finding.unit is None else names[finding.unit]

    def read(finding: Any) -> Value:
        value: Value = getattr(finding, name)
        return value

    return read
