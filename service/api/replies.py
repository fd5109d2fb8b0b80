"""Bytes out: one place for formats, pages of a list, ETag and 304."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from service.errors import Fault, InvalidQuery
from service.exports import arrow, text
from service.exports.parted import Parted, Place, page
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
_PIECES = {**text.PIECES, **arrow.PIECES}
#: Bytes that are written before the first is sent: a reply no longer than this says how long it is.
_SHORT = 1_000_000

#: Set in a request's scope when the reply to it will never change while this process runs; it is not sent.
LASTING = "redwood.lasting"
#: Set in a request's scope where nothing but the headers is wanted.
HEAD = "redwood.head"

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
    request: Request,
    body: bytes,
    media_type: str,
    *,
    etag: str | None = None,
    lasting: bool = False,
    immutable: bool = False,
) -> Response:
    """The body with its ETag, by its bytes unless given, or 304 when the caller has it.

    What is `lasting` this process may remember: the figures never change, but another version of the software may
    work them out or lay them out anew. What is `immutable` is stored bytes, which callers may keep for good.
    """
    if lasting:
        request.scope[LASTING] = True
    tag = etag or _tag(body)
    if is_held(request.headers, tag):
        return _unchanged(tag, immutable)
    return Response(body, 200, _headers(tag, immutable), media_type)


def table_reply(request: Request, table: Table, layout: Layout, *, lasting: bool) -> Response:
    """A table in the format asked for: JSON a page at a time with a Link to the next, the others whole.

    What the caller has already is not written again to find that out, where the table says what it is. A long table
    leaves as it is written; what goes wrong on the way breaks the connection off, so that no part is taken for all.
    """
    start = _start(layout.cursor)
    etag = _etag(table.rows.identity, layout, start) if isinstance(table.rows, Parted) else None
    if etag is not None and is_held(request.headers, etag):
        return _unchanged(etag)
    if layout.format == "json":
        shown, following = page(table, start, layout.limit)
        cursor = following and _cursor(following)
        answer = _written(request, text.json_pieces(shown, cursor), "json", etag, lasting)
        link = [] if cursor is None else [next_link(request, cursor)]
    else:
        answer = _written(request, _PIECES[layout.format](table), layout.format, etag, lasting)
        link = []
    answer.headers["Link"] = ", ".join([*link, f'</v1/dictionary?table={table.name}>; rel="describedby"'])
    return answer


def _written(request: Request, pieces: Iterator[bytes], format: Format, etag: str | None, lasting: bool) -> Response:
    """Whole, with its length, as far as it is short; a stream beyond that, or only its headers where that is asked."""
    begun, short = _begun(pieces)
    media = _MEDIA_TYPES[format]
    if short:
        return reply(request, begun, media, etag=etag, lasting=lasting)
    if etag is None:
        return reply(request, b"".join([begun, *pieces]), media, lasting=lasting)
    if request.scope.get(HEAD):
        return StreamingResponse(iter([b""]), 200, _headers(etag), media)
    return _Streamed(begun, pieces, _headers(etag), media)


class _Streamed(StreamingResponse):
    """Each piece is written in a thread when the one before is sent, and none once the reader has gone away."""

    def __init__(self, begun: bytes, pieces: Iterator[bytes], headers: dict[str, str], media_type: str) -> None:
        super().__init__(chain([begun], pieces), 200, headers, media_type)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # What was raised holds on to it, and to all that it has read.
            if isinstance(self._pieces, Generator):
                self._pieces.close()


def _begun(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """The first pieces together, and whether they are all of them."""
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > _SHORT:
            return bytes(found), False
    return bytes(found), True


def _etag(identity: str, layout: Layout, start: Place) -> str:
    """Of what would be written, by whom and how: another version of either library lays the same figures out anew."""
    paged = (start, layout.limit) if layout.format == "json" else None
    return _tag(repr((identity, layout.format, paged, _versions())).encode())


@cache
def _versions() -> tuple[str, ...]:
    return tuple(map(_version, ("redwood-pulse", "pyarrow", "pydantic-core")))


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _headers(etag: str, immutable: bool = False) -> dict[str, str]:
    return {
        "ETag": etag,
        "Cache-Control": "private, max-age=31536000, immutable" if immutable else "private, no-cache",
        "Vary": "Accept, Authorization",
    }


def _unchanged(etag: str, immutable: bool = False) -> Response:
    return Response(None, 304, _headers(etag, immutable))


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


def _cursor(start: Place) -> str:
    return base64.urlsafe_b64encode(f"row {start.part} {start.row}".encode()).decode().rstrip("=")


def _start(cursor: str | None) -> Place:
    if cursor is None:
        return Place(0, 0)
    try:
        word, *numbers = base64.b64decode(cursor + "=" * (-len(cursor) % 4), "-_", validate=True).split(b" ")
        if word == b"row" and all(it.isdigit() and len(it) < 12 for it in numbers):
            part, row = map(int, numbers)
            return Place(part, row)
    except ValueError:
        pass
    raise InvalidQuery([Fault("cursor", "is not one this list gave out")])
