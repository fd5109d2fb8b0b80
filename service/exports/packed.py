"""A table as bytes for keeping: column after column, the same table always the same bytes.

A part is a line of JSON (table, rows, and for texts what they are coded by) and the columns' numbers after it, little
endian and one after the other, the whole deflated. Nulls are NaN among numbers, the least whole number among whole
numbers, and -1 among codes; no finding holds any of these.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from types import NoneType
from typing import Any

import numpy as np
import numpy.typing as npt

from service.exports.table import Column, Row, Table, Value

#: Rows in a part: enough to pack well, few enough to unpack in little memory.
PART = 32_768

#: Stands for null among whole numbers.
NONE = int(np.iinfo(np.int64).min)
_Codes = npt.NDArray[Any]
_FITS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (float, int),
    "date": (date,),
    "integers": (tuple,),
    "boolean": (bool,),
}


@dataclass(frozen=True)
class Part:
    """Up to PART rows of a table as columns: codes and what they stand for, None where numbers stand for themselves."""

    codes: tuple[_Codes, ...]
    words: tuple[list[Value] | None, ...]

    def __len__(self) -> int:
        return len(self.codes[0])

    def kept(self, keep: npt.NDArray[np.bool_] | slice) -> Part:
        """Some of its rows; the words of those that go stay."""
        return Part(tuple(codes[keep] for codes in self.codes), self.words)

    def rows(self, keep: npt.NDArray[np.bool_] | None = None) -> Iterator[Row]:
        chosen = [codes if keep is None else codes[keep] for codes in self.codes]
        return zip(*map(_values, chosen, self.words), strict=True)

    def words_at(self, column: int) -> tuple[_Codes, list[Value]]:
        """A column of texts as codes, and the text of each code."""
        words = self.words[column]
        if words is None:
            raise ValueError("this column holds numbers")
        return self.codes[column], words


@dataclass(frozen=True, slots=True)
class Packed:
    """A table's `parts`, and the SHA-256 of them as they are before they are deflated, which versions of zlib do
    differently."""

    parts: tuple[bytes, ...]
    digest: str


def pack(table: Table) -> Packed:
    """An empty table is one part."""
    total = hashlib.sha256()
    parts = []
    for start in range(0, max(len(table.rows), 1), PART):
        plain = _part(table, table.rows[start : start + PART])
        total.update(plain)
        parts.append(zlib.compress(plain, 6))
    return Packed(tuple(parts), f"sha256:{total.hexdigest()}")


def unpack(content: bytes, columns: Sequence[Column]) -> Part:
    """A part of a table with these columns. Raises ValueError for one with others."""
    head, _, body = zlib.decompress(content).partition(b"\n")
    document: Mapping[str, Any] = json.loads(head)
    if document["columns"] != [column.name for column in columns]:
        raise ValueError("this part belongs to a table with other columns")
    size, start = document["rows"], 0
    codes: list[_Codes] = []
    words: list[list[Value] | None] = []
    for column, known in zip(columns, document["words"], strict=True):
        kind = _kind(column)
        end = start + size * kind.itemsize
        codes.append(np.frombuffer(body[start:end], kind))
        words.append(None if known is None else [_word(column, word) for word in known])
        start = end
    return Part(tuple(codes), tuple(words))


def coded(columns: Sequence[Column], rows: Sequence[Row]) -> Part:
    """Rows as columns. Raises ValueError for a row or a value that does not fit, and for NaN and infinity."""
    if set(map(len, rows)) - {len(columns)}:
        raise ValueError("a row is longer or shorter than its table is wide")
    # One column after the other: all of them at once as lists would double the memory.
    made = [_coded(column, list(map(itemgetter(at), rows))) for at, column in enumerate(columns)]
    return Part(tuple(codes for codes, _ in made), tuple(words for _, words in made))


def _part(table: Table, rows: Sequence[Row]) -> bytes:
    part = coded(table.columns, rows)
    head = {
        "table": table.name,
        "columns": [column.name for column in table.columns],
        "rows": len(rows),
        "words": [None if words is None else list(map(_plain, words)) for words in part.words],
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return b"\n".join([text.encode(), b"".join(codes.tobytes() for codes in part.codes)])


def _kind(column: Column) -> np.dtype[Any]:
    return np.dtype({"number": "<f8", "integer": "<i8"}.get(column.type, "<i4"))


def _coded(column: Column, values: Sequence[Value]) -> tuple[_Codes, list[Value] | None]:
    """The values as numbers; texts, days, lists and truths as positions in the list of those there are."""
    fits = _FITS[column.type]
    if not all(issubclass(kind, fits) for kind in set(map(type, values)) - {NoneType}):
        raise ValueError(f"{column.name} holds what is no {column.type}")
    match column.type:
        case "number":
            numbers = np.array([np.nan if it is None else it for it in values], "<f8")
            if np.isfinite(numbers).sum() != len(values) - values.count(None):
                raise ValueError(f"not JSON compliant: a table holds figures and nulls; {column.name} has another")
            return numbers, None
        case "integer":
            return np.array([NONE if it is None else it for it in values], "<i8"), None
        case _:
            places: dict[Value, int] = {None: -1}
            codes = [places.setdefault(it, len(places) - 1) for it in values]
            return np.array(codes, "<i4"), [it for it in places if it is not None]


def _plain(value: Value) -> object:
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def _word(column: Column, word: Any) -> Value:
    value: Value = (
        date.fromisoformat(word) if column.type == "date" else tuple(word) if column.type == "integers" else word
    )
    return value


def _values(codes: _Codes, words: list[Value] | None) -> Iterable[Value]:
    if words is not None:
        texts = [*words, None]  # a null's code is -1, the last
        return [texts[code] for code in codes.tolist()]
    if codes.dtype.kind == "f":
        return [None if it != it else it for it in codes.tolist()]
    return [None if it == NONE else it for it in codes.tolist()]
