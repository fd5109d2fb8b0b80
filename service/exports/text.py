"""Tables as JSON, CSV and newline-delimited JSON: the same figures in each, to the last digit, some rows at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import numpy.typing as npt
from pydantic_core import to_json

from service.exports.packed import NONE, Part
from service.exports.parted import parts_of
from service.exports.table import Table, Value
from service.survey.formulas import harmless

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
}

#: Rows written at once: enough to be quick, few enough that others are let in between.
_PIECE = 4096
_QUOTED = re.compile('[",\r\n]')


def as_json(table: Table, following: str | None = None) -> bytes:
    return b"".join(json_pieces(table, following))


def as_ndjson(table: Table) -> bytes:
    return b"".join(ndjson_pieces(table))


def as_csv(table: Table) -> bytes:
    return b"".join(csv_pieces(table))


def json_pieces(table: Table, following: str | None = None) -> Iterator[bytes]:
    """{"table": name, "data": [a row as an object, ...], "next": `following`}, the place where the list goes on."""
    yield f'{{"table":{_said(table.name)},"data":['.encode()
    before = "{"
    for cells in _objects(table):
        yield (before + "},{".join(map(",".join, cells)) + "}").encode()
        before = ",{"
    yield f'],"next":{_said(following)}}}'.encode()


def ndjson_pieces(table: Table) -> Iterator[bytes]:
    """One row a line, as an object."""
    for cells in _objects(table):
        yield ("{" + "}\n{".join(map(",".join, cells)) + "}\n").encode()


def csv_pieces(table: Table) -> Iterator[bytes]:
    r"""RFC 4180 in UTF-8: a header, lines ended by \r\n, null empty, lists as `3|4|5`, booleans `true` and `false`.

    Text a spreadsheet would run as a formula gets an apostrophe before it.
    """
    yield (",".join(_quoted(column.name) for column in table.columns) + "\r\n").encode()
    for part in parts_of(table):
        words = [None if known is None else [*map(_cell, known), ""] for known in part.words]
        for piece in _pieces(part):
            columns = [_column(codes, known, "", "") for codes, known in zip(piece.codes, words, strict=True)]
            yield ("\r\n".join(map(",".join, zip(*columns, strict=True))) + "\r\n").encode()


def copied(table: Table, *first: str) -> Iterator[bytes]:
    """Lines as PostgreSQL's COPY reads them, texts as they are; in each, `first` stand before the columns."""
    before = "".join(f"{_escaped(it)}\t" for it in first)
    for part in parts_of(table):
        words = [None if known is None else [*map(_copied, known), r"\N"] for known in part.words]
        for piece in _pieces(part):
            columns = [_column(codes, known, "", r"\N") for codes, known in zip(piece.codes, words, strict=True)]
            yield (before + f"\n{before}".join(map("\t".join, zip(*columns, strict=True))) + "\n").encode()


def _objects(table: Table) -> Iterator[Iterable[tuple[str, ...]]]:
    """Some rows at a time, each as the members of its object."""
    keys = [f"{_said(column.name)}:" for column in table.columns]
    for part in parts_of(table):
        words = [
            None if known is None else [f"{key}{_said(word)}" for word in (*known, None)]
            for key, known in zip(keys, part.words, strict=True)
        ]
        for piece in _pieces(part):
            columns = [
                _column(codes, known, key, "null") for codes, known, key in zip(piece.codes, words, keys, strict=True)
            ]
            yield zip(*columns, strict=True)


def _pieces(part: Part) -> Iterator[Part]:
    for start in range(0, len(part), _PIECE):
        yield part.kept(slice(start, start + _PIECE))


def _column(codes: npt.NDArray[Any], words: list[str] | None, key: str, null: str) -> list[str]:
    """A column's cells: its words by their codes, of which a null's is the last; or numbers, written all at once."""
    if words is not None:
        return [words[code] for code in codes.tolist()]
    values = codes.tolist()
    if codes.dtype.kind == "i":
        values = [None if value == NONE else value for value in values]
    text = to_json(values, inf_nan_mode="null")[1:-1].decode()
    if null != "null":
        text = text.replace("null", null)
    return (key + text.replace(",", f",{key}")).split(",") if key else text.split(",")


def _said(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_iso)


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a table holds no {type(value).__name__}")


def _cell(value: Value) -> str:
    match value:
        case str():
            return _quoted(harmless(value))
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case tuple():
            return "|".join(map(str, value))
        case _:
            raise TypeError(f"a table holds no {type(value).__name__}")


def _copied(value: Value) -> str:
    return f"{{{','.join(map(str, value))}}}" if isinstance(value, tuple) else _escaped(str(value))


def _escaped(text: str) -> str:
    for written, escape in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")):
        text = text.replace(written, escape)
    return text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


#: How each is written, a piece at a time.
PIECES: dict[str, Callable[[Table], Iterator[bytes]]] = {
    "csv": csv_pieces,
    "json": json_pieces,
    "ndjson": ndjson_pieces,
}
