"""The CSV that HR systems and spreadsheets write for a roster, read into rows with the line each begins on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from service.errors import Fault, InvalidRoster
from service.survey.formulas import as_meant
from service.survey.roster_rules import MOST_UNITS, Row

_COLUMNS = ("id", "name", "parent", "headcount", "before")
_NEEDED = ("id", "headcount")
_ALIASES = {"unit": "id"}
_SEPARATORS = ",;\t"
#: Between the ids in a cell of the column before.
_BETWEEN = re.compile("[|;]")
UNREADABLE = "cannot be read: a quote is left open or stray, or a cell too long"
RAGGED = "must have as many cells as the first line"
#: More digits than any headcount has; Python takes seconds over a number of thousands.
_DIGITS = 9


class Line(NamedTuple):
    """`cells` None where the text is no CSV, which ends it."""

    number: int
    cells: list[str] | None


def read_rows(text: str) -> tuple[list[Row], list[int], list[Fault]]:
    """Rows, the number of the line each begins on, and what is wrong with lines as such.

    Raises InvalidRoster when the first line does not say which column is which.
    """
    lines = lines_of(text)
    columns = _columns(next(lines, Line(1, [])))
    rows: list[Row] = []
    numbers: list[int] = []
    faults: list[Fault] = []
    for number, cells in lines:
        if cells is None:
            faults.append(Fault(f"line {number}", UNREADABLE))
        elif len(cells) != len(columns):
            faults.append(Fault(f"line {number}", RAGGED))
        else:
            rows.append(_row(dict(zip(columns, cells, strict=True))))
            numbers.append(number)
        if len(rows) > MOST_UNITS:
            break
    return rows, numbers, faults


def lines_of(text: str) -> Iterator[Line]:
    """Lines that hold something, their cells trimmed."""
    text = text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    number = 1
    try:
        for cells in reader:
            trimmed = [cell.strip() for cell in cells]
            if any(trimmed):
                yield Line(number, trimmed)
            number = reader.line_num + 1
    except csv.Error:
        yield Line(number, None)


def _separator(text: str) -> str:
    """Whichever the first line has most of; a comma when it has none."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    return max(_SEPARATORS, key=first.count)


def _columns(header: Line) -> list[str]:
    names = [name.lower() for name in header.cells or ()]
    names = [_ALIASES.get(name, name) for name in names]
    rules = {
        f"must have only the columns {', '.join(_COLUMNS)}": set(names) <= set(_COLUMNS),
        "must name each column once": len(set(names)) == len(names),
        **{f"must have a column {needed}": needed in names for needed in _NEEDED},
    }
    faults = [Fault(f"line {header.number}", rule) for rule, kept in rules.items() if not kept]
    if faults:
        raise InvalidRoster(faults)
    return names


def _row(cells: dict[str, str]) -> Row:
    """An empty cell is none, or unsaid. A headcount that is no number stays text, which no roster takes."""
    headcount = people(cells["headcount"])
    return Row(
        cells["id"],
        as_meant(cells.get("name", "")) or None,
        cells.get("parent") or None,
        cells["headcount"] if headcount is None else headcount,
        [id.strip() for id in _BETWEEN.split(cells["before"])] if cells.get("before") else None,
    )


def people(cell: str) -> int | None:
    """The number of people a cell says; None where it is no whole number."""
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) <= _DIGITS else None
