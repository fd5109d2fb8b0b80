"""Bytes out: one place for formats, pages of a list, ETag and 304."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from service.errors import Fault, InvalidQuery
from service.exports.table import Table
from service.exports.text import MEDIA_TYPES, as_csv, as_json, as_ndjson

Format = Literal["json", "csv", "ndjson"]

MEDIA: dict[str, Format] = {"application/json": "json", "text/csv": "csv", "application/x-ndjson": "ndjson"}
_WHOLE: dict[Format, Callable[[Table], bytes]] = {"csv": as_csv, "ndjson": as_ndjson}

FormatAsked = Annotated[
    Format | None, Query(alias="format", description="json (in pages), csv or ndjson (whole); wins over Accept.")
]
Limit = Annotated[int, Query(ge=1, le=10_000, description="Rows in a page of JSON.")]
Cursor = Annotated[str | None, Query(max_length=64, description="Where the page begins: `next` of the one before.")]


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


def table_reply(
    request: Request, table: Table, asked: Format | None, cursor: str | None, limit: int, *, immutable: bool
) -> Response:
    """A table in the format asked for: JSON a page at a time with a Link to the next, the others whole."""
    chosen = asked or _accepted(request)
    if chosen != "json":
        return reply(request, _WHOLE[chosen](table), MEDIA_TYPES[chosen], immutable=immutable)
    start = _start(cursor)
    page = replace(table, rows=table.rows[start : start + limit])
    following = _cursor(start + limit) if start + limit < len(table.rows) else None
    answer = reply(request, as_json(page, following), MEDIA_TYPES["json"], immutable=immutable)
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
