"""What every route may answer besides its good case, said to OpenAPI once."""

from __future__ import annotations

from typing import Any

from service.api.contract import PROBLEM, row_of
from service.api.problems import MEDIA_TYPE

Responses = dict[int | str, dict[str, Any]]

MEANING = {
    400: "The request is not HTTP as it should be, or its body is not JSON.",
    401: "No valid key was sent.",
    403: "The key's scopes or its subtree do not reach this.",
    404: "Missing, or not yours to see: the two look alike.",
    406: "None of the formats asked for is served.",
    409: "The state of things forbids it.",
    413: "The body is too large.",
    422: "The input breaks rules; every place that does is named.",
    429: "Too many wrong keys came from there; try again after Retry-After seconds.",
    503: "Too busy, or the database cannot be reached; try again after Retry-After seconds.",
}


def problems(*statuses: int) -> Responses:
    """Problem replies for these statuses, and for those any route may give."""
    return {
        status: {"description": MEANING[status], "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
        for status in sorted({*statuses, 413, 422, 503, *([429] if 401 in statuses else [])})
    }


def guarded(*statuses: int) -> Responses:
    """As `problems`, for a route that needs a key."""
    return problems(401, 403, *statuses)


def table(name: str, description: str) -> Responses:
    """The table of this name in every format, and 304 when the caller has it already."""
    page = {
        "type": "object",
        "required": ["table", "data", "next"],
        "properties": {
            "table": {"type": "string"},
            "data": {"type": "array", "items": row_of(name)},
            "next": {"type": ["string", "null"], "description": "Where the next page begins; null at the end."},
        },
    }
    text: dict[str, Any] = {"schema": {"type": "string"}}
    binary: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
    return {
        200: {
            "description": description,
            "content": {
                "application/json": {"schema": page},
                "text/csv": text,
                "application/x-ndjson": text,
                "application/vnd.apache.parquet": binary,
                "application/vnd.apache.arrow.stream": binary,
            },
        },
        304: {"description": "Unchanged since the ETag sent in If-None-Match."},
        **guarded(404, 406),
    }


def document(description: str, *statuses: int) -> Responses:
    """A JSON document with an ETag, for a route that may answer these problems."""
    return {
        200: {"description": description, "content": {"application/json": {"schema": {"type": "object"}}}},
        304: {"description": "Unchanged since the ETag sent in If-None-Match."},
        **problems(*statuses),
    }
