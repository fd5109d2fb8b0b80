"""Packing: whatever goes in comes out, in an order that chance decides, and a size that tells only how many."""

from __future__ import annotations

import secrets

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.seal.batch import columns, packed

Row = tuple[int, bytes, bytes]


@st.composite
def batches(draw: st.DrawFn) -> tuple[int, int, list[list[Row]]]:
    items, bands = draw(st.integers(1, 120)), draw(st.integers(0, 4))
    row = st.tuples(
        st.integers(0, 2**31 - 1),
        st.binary(min_size=bands, max_size=bands),
        st.binary(min_size=items, max_size=items),
    )
    return items, bands, draw(st.lists(st.lists(row, max_size=12), max_size=4))


def unpacked(content: list[bytes], items: int, bands: int) -> list[Row]:
    units, answers, stated = columns(content, items, bands)
    assert (units.dtype, answers.dtype, stated.dtype) == (np.int64, np.uint8, np.uint8)
    assert (answers.shape, stated.shape) == ((len(units), items), (len(units), bands))
    assert answers.flags.c_contiguous
    assert stated.flags.c_contiguous
    return [(int(unit), row.tobytes(), said.tobytes()) for unit, row, said in zip(units, stated, answers, strict=True)]


def places(count: int) -> list[bytes]:
    return [secrets.token_bytes(16) for _ in range(count)]


@settings(max_examples=40, deadline=None)
@given(batches())
def test_what_is_packed_is_read(given: tuple[int, int, list[list[Row]]]) -> None:
    items, bands, rows = given
    content = [packed(batch, places(len(batch))) for batch in rows]
    assert [len(it) for it in content] == [len(batch) * (4 + bands + items) for batch in rows]
    assert sorted(unpacked(content, items, bands)) == sorted(row for batch in rows for row in batch)


def test_nothing_is_a_batch_too() -> None:
    assert packed([], []) == b""
    assert unpacked([], 15, 0) == unpacked([b"", b""], 15, 2) == []


def test_rows_lie_where_their_random_places_are_and_not_where_they_came() -> None:
    rows: list[Row] = [(number, b"", bytes([number])) for number in range(200)]
    backwards = [bytes([255 - number]) for number in range(200)]
    assert unpacked([packed(rows, backwards)], 1, 0) == rows[::-1]
    with pytest.raises(ValueError, match="zip"):
        packed(rows, backwards[1:])


@pytest.mark.parametrize("wrong", [b"\0", bytes(19), bytes(21), bytes(20 * 3 - 1)])
def test_what_is_not_of_whole_rows_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="size"):
        columns([wrong], 14, 2)


def test_a_unit_beyond_four_bytes_cannot_be_packed() -> None:
    with pytest.raises(OverflowError):
        packed([(2**32, b"", b"\1")], places(1))
