"""One table in three formats: the same figures, and no formulas."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest

from service.exports.columns import TABLES
from service.exports.table import Column, Table, Value
from service.exports.text import MEDIA_TYPES, as_csv, as_json, as_ndjson

COLUMNS = tuple(
    Column(name, type, "", "For a test.")
    for name, type in (
        ("name", "text"),
        ("n", "integer"),
        ("score", "number"),
        ("day", "date"),
        ("counts", "integers"),
        ("same", "boolean"),
    )
)
ROWS: list[tuple[Value, ...]] = [
    ('Zoë, "the" team\nsecond line', 12, 0.1 + 0.2, date(2025, 3, 1), (3, 0, 5), True),
    ("فريق", 0, 1e-17, date(2025, 12, 31), (), False),
    ("x", 10**15, 100 / 3, None, None, None),
    (None, None, None, None, None, None),
    ("", -4, -12.5, None, (1,), False),
]
TABLE = Table("made_up", COLUMNS, ROWS)


def parsed(text: str, type: str) -> object:
    """A CSV cell read back as JSON would have it."""
    if text == "":
        return None
    read = {
        "text": str,
        "date": str,
        "integer": int,
        "number": float,
        "integers": lambda cell: [int(part) for part in cell.split("|")],
        "boolean": lambda cell: {"true": True, "false": False}[cell],
    }
    return read[type](text)


def test_every_format_carries_the_same_figures_to_the_last_digit() -> None:
    whole = json.loads(as_json(TABLE))
    lines = [json.loads(line) for line in as_ndjson(TABLE).splitlines()]
    cells = list(csv.DictReader(io.StringIO(as_csv(TABLE).decode(), newline="")))
    assert whole["table"] == "made_up"
    assert whole["data"] == lines
    for row, line, cell in zip(ROWS, lines, cells, strict=True):
        for column, value in zip(COLUMNS, row, strict=True):
            plain = value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
            assert line[column.name] == plain
            assert parsed(cell[column.name], column.type) == (plain if plain not in ("", []) else None)


def test_whole_and_broken_numbers_keep_their_kind() -> None:
    table = Table("t", COLUMNS[1:3], [(75, 75.0)])
    assert as_csv(table) == b"n,score\r\n75,75.0\r\n"
    assert as_ndjson(table) == b'{"n":75,"score":75.0}\n'


def test_a_page_says_where_the_list_goes_on() -> None:
    assert json.loads(as_json(TABLE))["next"] is None
    assert json.loads(as_json(TABLE, "cm93IDU"))["next"] == "cm93IDU"


def test_csv_as_the_standard_has_it() -> None:
    table = Table("t", COLUMNS, ROWS[:1] + ROWS[3:4])
    assert as_csv(table).decode() == (
        "name,n,score,day,counts,same\r\n"
        '"Zoë, ""the"" team\nsecond line",12,0.30000000000000004,2025-03-01,3|0|5,true\r\n'
        ",,,,,\r\n"
    )


@pytest.mark.parametrize("name", ["=1+1", "+1", "-team", "@x", "\t=1", "\r=1"])
def test_a_name_that_is_a_formula_is_made_text(name: str) -> None:
    cells = list(csv.reader(io.StringIO(as_csv(Table("t", COLUMNS[:1], [(name,)])).decode(), newline="")))
    assert cells[1] == [f"'{name}"]
    assert json.loads(as_ndjson(Table("t", COLUMNS[:1], [(name,)]))) == {"name": name}


def test_a_negative_number_is_no_formula() -> None:
    assert as_csv(Table("t", COLUMNS[2:3], [(-12.5,)])) == b"score\r\n-12.5\r\n"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_tables_without_rows(table: Table) -> None:
    assert json.loads(as_json(table))["data"] == []
    assert as_ndjson(table) == b""
    assert as_csv(table).decode() == ",".join(column.name for column in table.columns) + "\r\n"


def test_what_is_not_a_number_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        as_json(Table("t", COLUMNS[2:3], [(float("nan"),)]))


def test_a_row_that_does_not_fit_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="shorter"):
        as_json(Table("t", COLUMNS, [("x",)]))


def test_media_types_name_every_format() -> None:
    assert MEDIA_TYPES == {
        "json": "application/json",
        "csv": "text/csv; charset=utf-8",
        "ndjson": "application/x-ndjson",
    }
