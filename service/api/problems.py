"""Errors as RFC 9457 problem details: a stable slug, where it is wrong, and never what was sent."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from service import errors

#: What each error is over HTTP. A test proves that every class in service.errors stands here.
STATUS: dict[type[errors.RedwoodError], tuple[int, str]] = {
    errors.Invalid: (422, "invalid"),
    errors.InvalidInstrument: (422, "invalid-instrument"),
    errors.InvalidRoster: (422, "invalid-roster"),
    errors.InvalidPulse: (422, "invalid-pulse"),
    errors.InvalidResponse: (422, "invalid-response"),
    errors.InvalidQuery: (422, "invalid-query"),
    errors.InvalidSettings: (500, "invalid-settings"),
    errors.NotFound: (404, "not-found"),
    errors.Conflict: (409, "conflict"),
    errors.NotAuthenticated: (401, "not-authenticated"),
    errors.NotAllowed: (403, "not-allowed"),
    errors.TokenRefused: (403, "token-refused"),
    errors.TooLarge: (413, "too-large"),
    errors.Overloaded: (503, "overloaded"),
    errors.Unsafe: (409, "unsafe-release"),
    errors.Unavailable: (503, "unavailable"),
    errors.FindingsDue: (503, "findings-due"),
}

MEDIA_TYPE = "application/problem+json"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "A stable slug for the kind of problem."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do about it."},
        "errors": {
            "type": "array",
            "description": "Each place that breaks a rule; what was sent is never repeated.",
            "items": {
                "type": "object",
                "required": ["where", "why"],
                "properties": {"where": {"type": "string"}, "why": {"type": "string"}},
            },
        },
    },
}


def problem(status: int, type: str, title: str, **more: object) -> JSONResponse:
    content = {"type": type, "title": title, "status": status, **more}
    return JSONResponse(content, status, media_type=MEDIA_TYPE)


def reply_to(error: errors.RedwoodError) -> JSONResponse:
    """The problem an error is, with the headers that go with it."""
    status, slug = STATUS[type(error)]
    more = (
        {"errors": [{"where": f.where, "why": f.why} for f in error.faults]}
        if isinstance(error, errors.Invalid)
        else {"detail": str(error)}
    )
    reply = problem(status, slug, error.title, **more)
    if status == 401:
        reply.headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        reply.headers["Retry-After"] = "1"
    return reply


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.RedwoodError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.RedwoodError)
    return reply_to(error)


async def _on_invalid_request(_request: Request, error: Exception) -> JSONResponse:
    # FastAPI's own answer repeats the value sent; a place inside a body may be a value too (a key of a mapping),
    # so only the declared outer names are said: of a name nobody declared, only that there is one.
    assert isinstance(error, RequestValidationError)
    found = [
        {
            "where": ".".join(map(str, entry["loc"][: 1 if entry["type"] == "extra_forbidden" else 2])),
            "why": entry["type"].replace("_", " "),
        }
        for entry in error.errors()
    ]
    return problem(422, "invalid", errors.Invalid.title, errors=found)


async def _on_unexpected(_request: Request, _error: Exception) -> JSONResponse:
    # Told to the log by the server; to the caller nothing of it, it may hold what somebody sent.
    return problem(500, "unexpected", "Something went wrong on this side")


_HTTP = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 406: "not-acceptable"}


async def _on_http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    known = {404: errors.NotFound, 413: errors.TooLarge}.get(error.status_code)
    if known is not None:
        return reply_to(known())
    reply = problem(error.status_code, _HTTP.get(error.status_code, "error"), "The request cannot be answered")
    reply.headers.update(error.headers or {})
    return reply
