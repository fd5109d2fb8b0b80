"""Bytes out: one place for formats, pages of a list, ETag and 304."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from service.errors import Fault, InvalidQuery
from service.exports.table import Table
from service.exports.text import MEDIA_TYPES, as_csv, as_json, as_ndjson

Format = Literal["json", "csv", "ndjson"]

MEDIA: dict[str, Format] = {"application/json": "json", "text/csv": "csv", "application/x-ndjson": "ndjson"}
_WHOLE: dict[Format, Callable[[Table], bytes]] = {"csv": as_csv, "ndjson": as_ndjson}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is wanted: its format, and of JSON which page."""

    format: Format | None
    cursor: str | None
    limit: int


def _layout(
    format: Annotated[
        Format | None, Query(description="json (in pages), csv or ndjson (whole); wins over Accept.")
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=64, description="Where the page begins: `next` of the one before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="Rows in a page of JSON.")] = 1000,
) -> Layout:
    return Layout(format, cursor, limit)


LayoutAsked = Annotated[Layout, Depends(_layout)]


def reply(request: Request, body: bytes, media_type: str, *, immutable: bool = False) -> Response:
    """The body with its ETag, or 304 when the caller has it. Released figures never change: keep them for good."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, max-age=31536000, immutable" if immutable else "private, no-cache",
        "Vary": "Accept, Authorization",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type)


def table_reply(request: Request, table: Table, layout: Layout, *, immutable: bool) -> Response:
    """A table in the format asked for: JSON a page at a time with a Link to the next, the others whole."""
    chosen = layout.format or _accepted(request)
    if chosen != "json":
        return reply(request, _WHOLE[chosen](table), MEDIA_TYPES[chosen], immutable=immutable)
    start = _start(layout.cursor)
    end = start + layout.limit
    following = _cursor(end) if end < len(table.rows) else None
    page = as_json(replace(table, rows=table.rows[start:end]), following)
    answer = reply(request, page, MEDIA_TYPES["json"], immutable=immutable)
    if following is not None:
        answer.headers["Link"] = next_link(request, following)
    return answer


def next_link(request: Request, cursor: str) -> str:
    others = [(key, value) for key, value in request.query_params.multi_items() if key != "cursor"]
    return f'<{request.url.path}?{urlencode([*others, ("cursor", cursor)])}>; rel="next"'


def _accepted(request: Request) -> Format:
    for part in request.headers.get("accept", "*/*").split(","):
        chosen = MEDIA.get(part.split(";")[0].strip().lower())
        if chosen is not None:
            return chosen
    return "json"


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(f"row {start}".encode()).decode().rstrip("=")


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        word, number = base64.b64decode(cursor + "=" * (-len(cursor) % 4), "-_", validate=True).split(b" ")
        if word == b"row" and number.isdigit() and len(number) < 12:
            return int(number)
    except ValueError:
        pass
    raise InvalidQuery([Fault("cursor", "is not one this list gave out")])
