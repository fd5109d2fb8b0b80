"""Bytes out: one place for formats, pages of a list, ETag and 304."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from service.errors import Fault, InvalidQuery
from service.exports import arrow, text
from service.exports.table import Table

Format = Literal["json", "csv", "ndjson", "parquet", "arrow"]

#: Of formats a caller likes equally the first is served.
MEDIA: dict[str, Format] = {
    "application/json": "json",
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.apache.arrow.stream": "arrow",
}
_MEDIA_TYPES = {**text.MEDIA_TYPES, **arrow.MEDIA_TYPES}
_WHOLE: dict[Format, Callable[[Table], bytes]] = {
    "csv": text.as_csv,
    "ndjson": text.as_ndjson,
    "parquet": arrow.as_parquet,
    "arrow": arrow.as_arrow,
}

#: Set in a request's scope when the reply to it will never change while this process runs; it is not sent.
LASTING = "redwood.lasting"

_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is wanted: its format, and of JSON which page."""

    format: Format
    cursor: str | None
    limit: int


def _layout(
    request: Request,
    format: Annotated[
        Format | None,
        Query(description="json (in pages), csv, ndjson, parquet or arrow (whole); wins over Accept."),
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=64, description="Where the page begins: `next` of the one before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="Rows in a page of JSON.")] = 1000,
) -> Layout:
    return Layout(format or _accepted(request.headers), cursor, limit)


LayoutAsked = Annotated[Layout, Depends(_layout)]


def reply(
    request: Request, body: bytes, media_type: str, *, lasting: bool = False, immutable: bool = False
) -> Response:
    """The body with its ETag, or 304 when the caller has it.

    What is `lasting` this process may remember: the figures never change, but another version of the software may
    work them out or lay them out anew. What is `immutable` is stored bytes, which callers may keep for good.
    """
    if lasting:
        request.scope[LASTING] = True
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, max-age=31536000, immutable" if immutable else "private, no-cache",
        "Vary": "Accept, Authorization",
    }
    if is_held(request.headers, etag):
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type)


def table_reply(request: Request, table: Table, layout: Layout, *, lasting: bool) -> Response:
    """A table in the format asked for: JSON a page at a time with a Link to the next, the others whole."""
    chosen = layout.format
    if chosen != "json":
        return reply(request, _WHOLE[chosen](table), _MEDIA_TYPES[chosen], lasting=lasting)
    start = _start(layout.cursor)
    end = start + layout.limit
    following = _cursor(end) if end < len(table.rows) else None
    page = text.as_json(replace(table, rows=table.rows[start:end]), following)
    answer = reply(request, page, _MEDIA_TYPES["json"], lasting=lasting)
    if following is not None:
        answer.headers["Link"] = next_link(request, following)
    return answer


def next_link(request: Request, cursor: str) -> str:
    others = [(key, value) for key, value in request.query_params.multi_items() if key != "cursor"]
    return f'<{request.url.path}?{urlencode([*others, ("cursor", cursor)])}>; rel="next"'


def is_held(headers: Headers, etag: str) -> bool:
    """Whether If-None-Match names the entity tag, weakly compared (RFC 9110, 13.1.2), or is `*`."""
    field = ",".join(headers.getlist("if-none-match")).strip()
    # A tag that holds a comma falls to pieces here, none of which has both its quotes.
    return field == "*" or any(tag.strip().removeprefix("W/") == etag for tag in field.split(","))


def _accepted(headers: Headers) -> Format:
    """The format Accept weighs most (RFC 9110, 12.5.1); of equal ones the more closely named, then JSON first.

    Raises 406 when none is acceptable.
    """
    field = ",".join(headers.getlist("accept"))
    ranges = dict(_range(part) for part in field.split(",") if part.strip()) or {"*/*": 1.0}
    best = max(MEDIA, key=lambda media: _weighed(media, ranges))
    if not _weighed(best, ranges)[0]:
        raise HTTPException(406)
    return MEDIA[best]


def _range(part: str) -> tuple[str, float]:
    """A media range and its weight, which is 0 when it cannot be read; other parameters tell our formats not apart."""
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    return name, float(weight) if _WEIGHT.fullmatch(weight) else 0.0


def _weighed(media: str, ranges: dict[str, float]) -> tuple[float, int]:
    """The weight of a media type by the range closest to it, and how close that is."""
    closest = [media, f"{media.partition('/')[0]}/*", "*/*"]
    return next(((ranges[name], -place) for place, name in enumerate(closest) if name in ranges), (0.0, 0))


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
