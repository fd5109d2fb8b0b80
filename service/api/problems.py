"""Errors as RFC 9457 problem details, to people as pages: a stable slug, where it is wrong, and never what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from service import errors
from service.pages.dashboard.messages import message_page

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
    errors.Overinvited: (409, "over-invited"),
    errors.NotAuthenticated: (401, "not-authenticated"),
    errors.NotAllowed: (403, "not-allowed"),
    errors.NoRole: (403, "no-role"),
    errors.TokenRefused: (403, "token-refused"),
    errors.TooManyGuesses: (429, "too-many-guesses"),
    errors.TooLarge: (413, "too-large"),
    errors.Overloaded: (503, "overloaded"),
    errors.Unsafe: (409, "unsafe-release"),
    errors.Unavailable: (503, "unavailable"),
    errors.KeyGone: (409, "key-gone"),
    errors.Altered: (409, "altered"),
    errors.CustodyFailed: (503, "custody-unreachable"),
    errors.ProviderSilent: (503, "provider-unreachable"),
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
    if isinstance(error, errors.TooManyGuesses):
        reply.headers["Retry-After"] = str(error.seconds)
    return reply


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.RedwoodError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.RedwoodError)
    return refusal(request, error)


def refusal(request: Request, error: errors.RedwoodError) -> Response:
    """To a person a page, to a program the problem."""
    return _lost(STATUS[type(error)][0]) if _is_read(request) else reply_to(error)


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


async def _on_unexpected(request: Request, _error: Exception) -> Response:
    # Told to the log by the server; to the caller nothing of it, it may hold what somebody sent.
    if _is_read(request):
        return _lost(500)
    return problem(500, "unexpected", "Something went wrong on this side")


#: What a person reads, by the status.
_SAID = {
    404: ("There is no page here", "The address may be mistyped, or cut short."),
    405: ("This address shows nothing", "It takes what a page here sends, and is nothing to be opened by itself."),
    413: (errors.TooLarge.title, str(errors.TooLarge())),
    429: (errors.TooManyGuesses.title, str(errors.TooManyGuesses())),
    500: ("Something went wrong on this side", "Try again in a moment. If it stays, tell whoever runs this service."),
}
_OTHERWISE = ("This cannot be shown", "Go back, and choose from what the pages offer.")


def _is_read(request: Request) -> bool:
    """Whether a person looks at the answer: the API speaks to programs, whatever a browser says it takes."""
    path = request.url.path
    if path.startswith(("/v1/", "/scim/")):
        return False
    return f"{path}/".startswith(("/dashboard/", "/manage/")) or "text/html" in request.headers.get("accept", "")


def _lost(status: int, headers: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(message_page(*_SAID.get(status, _OTHERWISE)), status, headers)


_HTTP = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 406: "not-acceptable"}


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _is_read(request):
        return _lost(error.status_code, error.headers)
    known = {404: errors.NotFound, 413: errors.TooLarge}.get(error.status_code)
    if known is not None:
        return reply_to(known())
    reply = problem(error.status_code, _HTTP.get(error.status_code, "error"), "The request cannot be answered")
    reply.headers.update(error.headers or {})
    return reply
