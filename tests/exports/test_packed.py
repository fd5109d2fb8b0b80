"""Packing a table and unpacking it gives the table; the same table gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from service.exports import packed
from service.exports.table import Column, Row, Table

COLUMNS = (
    Column("unit", "text", "", ""),
    Column("n", "integer", "", ""),
    Column("score", "number", "", ""),
    Column("date", "date", "", ""),
    Column("distribution", "integers", "", ""),
    Column("comparable", "boolean", "", ""),
)
ROWS: tuple[Row, ...] = (
    ("Überbau 木", 0, -0.5, date(2026, 2, 28), (1, 0, 3), True),
    (None, None, None, None, None, None),
    ("", -7, 1e-300, date(1, 1, 1), (), False),
    ("line\nbreak", 2**62, 0.1 + 0.2, date(9999, 12, 31), (1, 0, 3), True),
)


def unpacked(parts: Sequence[bytes]) -> list[Row]:
    return [row for part in parts for row in packed.unpack(part, COLUMNS).rows()]


def test_what_is_packed_comes_out_to_the_last_bit() -> None:
    rows = unpacked(packed.pack(Table("t", COLUMNS, ROWS)).parts)
    assert rows == list(ROWS)
    assert [list(map(type, row)) for row in rows] == [list(map(type, row)) for row in ROWS]


def test_an_empty_table_is_a_table() -> None:
    assert unpacked(packed.pack(Table("t", COLUMNS)).parts) == []


def test_a_long_table_is_several_parts_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "PART", 3)
    parts = packed.pack(Table("t", COLUMNS, ROWS * 2)).parts
    assert len(parts) == 3
    assert unpacked(parts) == list(ROWS * 2)


def test_some_rows_of_a_part() -> None:
    (content,) = packed.pack(Table("t", COLUMNS, ROWS)).parts
    part = packed.unpack(content, COLUMNS)
    codes, words = part.words_at(0)
    assert list(part.rows(codes == words.index(""))) == [ROWS[2]]
    assert list(part.rows(np.zeros(4, np.bool_))) == []
    with pytest.raises(ValueError, match="numbers"):
        part.words_at(2)


def test_the_digest_stands_for_name_columns_and_rows() -> None:
    table = Table("t", COLUMNS, ROWS)
    others = [
        replace(table, name="u"),
        replace(table, rows=ROWS[:-1]),
        replace(table, rows=ROWS[::-1]),
        replace(table, columns=(*COLUMNS[:-1], replace(COLUMNS[-1], name="other"))),
    ]
    digests = {packed.pack(it).digest for it in (table, replace(table), *others)}
    assert len(digests) == 1 + len(others)


def test_a_part_of_another_table_is_refused() -> None:
    (content,) = packed.pack(Table("t", COLUMNS, ROWS)).parts
    with pytest.raises(ValueError, match="other columns"):
        packed.unpack(content, COLUMNS[:-1])
